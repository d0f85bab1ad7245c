import { randomBytes } from "node:crypto";
import type { Client, ClientChannel } from "ssh2";
import type { Properties } from "../plugin/property-values";
import type { ResourceType, Task } from "../plugin/resource-type";
import { type Connection, connectionProperty } from "./connection";
import { notServed } from "./not-served";
import { checkLogging, Output, previousOutput } from "./output";
import { dial } from "./ssh-connection";

/** `command:remote:Command`: runs a command on another machine, over SSH. */
export const remoteCommand: ResourceType = {
  inputs: {
    addPreviousOutputInEnv: { type: "boolean" },
    connection: connectionProperty,
    create: { type: "string" },
    delete: { type: "string" },
    environment: { type: "texts" },
    logging: { type: "string" },
    stdin: { type: "string" },
    triggers: { type: "list" },
    update: { type: "string" },
  },
  outputs: ["stdout", "stderr"],
  replaceOnChanges: ["triggers"],
  check: ({ environment, logging }) => [...checkLogging(logging), ...notServed({ environment })],
  create: async (task) => ({
    id: `${task.name}${randomBytes(4).toString("hex")}`,
    outputs: await run(task, task.inputs.create, { stdout: "", stderr: "" }),
  }),
  update: (task) => run(task, task.inputs.update ?? task.inputs.create, {}),
  delete: async (task) => {
    await run(task, task.inputs.delete, {});
  },
};

/**
 * Runs the command. Returns `otherwise` if the program sets none for this step.
 *
 * The signal ends the dialling alone. A command that runs would go on without us, and what it did would be in no state:
 * so its end is waited for, whoever interrupts. Interrupted a second time, the engine ends this process.
 */
async function run(task: Task, command: unknown, otherwise: Properties): Promise<Properties> {
  if (typeof command !== "string") return otherwise;
  const { inputs, state, signal, show } = task;
  const client = await dial(inputs.connection as Connection, signal, show);
  try {
    const output = new Output(inputs.logging, show);
    const failure = await execute(client, command, previousOutput(inputs, state), String(inputs.stdin ?? ""), output);
    if (failure) throw output.failure(failure, command);
    return output.result(command);
  } finally {
    client.end();
  }
}

/**
 * Runs one command to its end. Returns its failure in the words of Go's SSH library, which the official provider uses.
 */
function execute(
  client: Client,
  command: string,
  env: Record<string, string>,
  stdin: string,
  output: Output,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    let exit: [code: number | null, signal?: string] | undefined;
    let isSent = false;
    client.once("close", () => resolve("wait: remote command exited without exit status or exit signal"));
    client.exec(command, { env }, (error: Error | undefined, channel: ClientChannel) => {
      if (error) return resolve(error.message);
      channel.on("data", (chunk: Buffer) => output.stdout(chunk));
      channel.stderr.on("data", (chunk: Buffer) => output.stderr(chunk));
      channel.on("exit", (...status: [number | null, string?]) => {
        exit = status;
      });
      channel.on("close", () => {
        if (!exit) resolve("wait: remote command exited without exit status or exit signal");
        // As in the official provider, the exit status counts first; it then fails for input that did not go out.
        else resolve(failureOf(exit) ?? (isSent ? undefined : "EOF"));
      });
      // A command that ends without reading all of its input closes the channel: this error tells nothing more.
      channel.on("error", () => {});
      channel.end(stdin, () => {
        isSent = true;
      });
    });
  });
}

function failureOf([code, signal]: [code: number | null, signal?: string]): string | undefined {
  if (code === 0) return undefined;
  if (signal) return `Process exited with status 128 from signal ${signal.replace(/^SIG/, "")}`;
  return `Process exited with status ${code}`;
}
