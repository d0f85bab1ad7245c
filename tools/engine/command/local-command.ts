import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import type { Properties } from "../plugin/property-values";
import type { ResourceType } from "../plugin/resource-type";
import { notServed } from "./not-served";
import { checkLogging, Output, previousOutput } from "./output";

/** `command:local:Command`: runs a command on the machine that runs Pulumi. */
export const localCommand: ResourceType = {
  inputs: {
    addPreviousOutputInEnv: { type: "boolean" },
    archivePaths: { type: "strings" },
    assetPaths: { type: "strings" },
    create: { type: "string" },
    delete: { type: "string" },
    dir: { type: "string" },
    environment: { type: "texts" },
    interpreter: { type: "strings" },
    logging: { type: "string" },
    stdin: { type: "string" },
    triggers: { type: "list" },
    update: { type: "string" },
  },
  outputs: ["archive", "assets", "stderr", "stdout"],
  replaceOnChanges: ["triggers"],
  check: ({ archivePaths, assetPaths, logging }) => [
    ...checkLogging(logging),
    ...notServed({ archivePaths, assetPaths }),
  ],
  create: async ({ name, inputs, signal, show }) => ({
    id: `${name}${randomBytes(4).toString("hex")}`,
    outputs:
      typeof inputs.create === "string"
        ? await run(inputs.create, inputs, {}, signal, show)
        : { stdout: "", stderr: "" },
  }),
  update: async ({ inputs, state, signal, show }) => {
    const command = inputs.update ?? inputs.create;
    return typeof command === "string" ? run(command, inputs, state, signal, show) : {};
  },
  delete: async ({ inputs, state, signal, show }) => {
    if (typeof inputs.delete === "string") await run(inputs.delete, inputs, state, signal, show);
  },
};

async function run(
  command: string,
  inputs: Properties,
  state: Properties,
  signal: AbortSignal,
  show: (line: string) => void,
): Promise<Properties> {
  const interpreter = (inputs.interpreter as string[] | undefined) ?? [];
  const [program = "", ...args] = [...(interpreter.length ? interpreter : ["/bin/sh", "-c"]), command];
  const output = new Output(inputs.logging, show);
  const failure = await new Promise<string | undefined>((resolve) => {
    const child = spawn(program, args, {
      cwd: inputs.dir as string | undefined,
      env: { ...process.env, ...(inputs.environment as Record<string, string>), ...previousOutput(inputs, state) },
      stdio: [inputs.stdin ? "pipe" : "ignore", "pipe", "pipe"],
    });
    const abort = () => child.kill("SIGKILL");
    signal.addEventListener("abort", abort);
    child.on("error", (error) => resolve(error.message));
    child.stdout?.on("data", (chunk: Buffer) => output.stdout(chunk));
    child.stderr?.on("data", (chunk: Buffer) => output.stderr(chunk));
    // A command that ends without reading all of its input breaks this pipe: report its exit status, not EPIPE.
    child.stdin?.on("error", () => {}).end(inputs.stdin);
    // Not before all that hold its output have ended: a child of the command may outlive the one that was killed.
    child.on("close", (code, killedBy) => {
      signal.removeEventListener("abort", abort);
      resolve(code === 0 ? undefined : killedBy ? `signal: ${killedBy}` : `exit status ${code}`);
    });
  });
  if (!failure) return output.result(command);
  throw signal.aborted ? signal.reason : output.failure(failure, command);
}
