import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import type { Properties } from "../plugin/property-values";
import type { ResourceType } from "../plugin/resource-type";
import { useOfficial } from "../plugin/use-official";
import { checkLogging, Output, previousOutput } from "./output";

/** `command:local:Command`: runs a command on the machine that runs Pulumi. */
export const localCommand: ResourceType = {
  inputs: [
    "addPreviousOutputInEnv",
    "archivePaths",
    "assetPaths",
    "create",
    "delete",
    "dir",
    "environment",
    "interpreter",
    "logging",
    "stdin",
    "triggers",
    "update",
  ],
  required: [],
  outputs: ["archive", "assets", "stderr", "stdout"],
  replaceOnChanges: ["triggers"],
  check: ({ logging, ...inputs }) => [...checkLogging(logging), ...checkPaths(inputs)],
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

function checkPaths(inputs: Properties) {
  return ["archivePaths", "assetPaths"]
    .filter((property) => inputs[property] !== undefined && inputs[property] !== null)
    .map((property) => ({
      property,
      reason: `not served by kjerne's stand-in for the command provider; ${useOfficial}`,
    }));
}

function run(
  command: string,
  inputs: Properties,
  state: Properties,
  signal: AbortSignal,
  show: (line: string) => void,
): Promise<Properties> {
  const interpreter = (inputs.interpreter as string[] | undefined) ?? [];
  const [program = "", ...args] = [...(interpreter.length ? interpreter : ["/bin/sh", "-c"]), command];
  const output = new Output(inputs.logging, show);
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: inputs.dir as string | undefined,
      env: { ...process.env, ...(inputs.environment as Record<string, string>), ...previousOutput(inputs, state) },
    });
    const abort = () => {
      child.kill("SIGKILL");
      reject(signal.reason);
    };
    signal.addEventListener("abort", abort);
    child.on("error", (error) => reject(output.failure(error.message, command)));
    child.stdout.on("data", (chunk: Buffer) => output.stdout(chunk));
    child.stderr.on("data", (chunk: Buffer) => output.stderr(chunk));
    // A command that ends without reading all of its input breaks this pipe: report its exit status, not EPIPE.
    child.stdin.on("error", () => {});
    child.stdin.end(inputs.stdin ?? "");
    child.on("close", (code, killedBy) => {
      signal.removeEventListener("abort", abort);
      if (code === 0) resolve(output.result());
      else reject(output.failure(killedBy ? `signal: ${killedBy}` : `exit status ${code}`, command));
    });
  });
}
