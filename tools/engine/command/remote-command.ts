import { randomBytes } from "node:crypto";
import type { Client, ClientChannel } from "ssh2";
import type { Properties } from "../plugin/property-values";
import type { ResourceType, Task } from "../plugin/resource-type";
import { type Connection, checkConnection } from "./connection";
import { checkLogging, Output, previousOutput } from "./output";
import { dial } from "./ssh-connection";

/** `command:remote:Command`: runs a command on another machine, over SSH. */
export const remoteCommand: ResourceType = {
  inputs: [
    "addPreviousOutputInEnv",
    "connection",
    "create",
    "delete",
    "environment",
    "logging",
    "stdin",
    "triggers",
    "update",
  ],
  required: ["connection"],
  outputs: ["stdout", "stderr"],
  replaceOnChanges: ["triggers"],
  check: ({ connection, logging }) => [...checkConnection("connection", connection), ...checkLogging(logging)],
  create: async (task) => ({
    id: `${task.name}${randomBytes(4).toString("hex")}`,
    outputs: await run(task, task.inputs.create, { stdout: "", stderr: "" }),
  }),
  update: (task) => run(task, task.inputs.update ?? task.inputs.create, {}),
  delete: async (task) => {
    await run(task, task.inputs.delete, {});
  },
};

/** Runs the command. Returns `otherwise` if the program sets none for this step. */
async function run(task: Task, command: unknown, otherwise: Properties): Promise<Properties> {
  if (typeof command !== "string") return otherwise;
  const { inputs, state, signal, show } = task;
  const client = await dial(inputs.connection as Connection, signal, show);
  try {
    const output = new Output(inputs.logging, show);
    // Where the server's AcceptEnv refuses a variable, the official provider fails. Here the variable is just not set,
    // because ssh2 does not wait for the server's answer.
    const env = { ...(inputs.environment as Record<string, string>), ...previousOutput(inputs, state) };
    const failure = await execute(client, command, env, String(inputs.stdin ?? ""), output);
    signal.throwIfAborted();
    if (failure) throw output.failure(failure, command);
    return output.result();
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
    client.once("close", () => resolve("wait: remote command exited without exit status or exit signal"));
    client.exec(command, { env }, (error: Error | undefined, channel: ClientChannel) => {
      if (error) return resolve(error.message);
      channel.on("data", (chunk: Buffer) => output.stdout(chunk));
      channel.stderr.on("data", (chunk: Buffer) => output.stderr(chunk));
      channel.on("exit", (...status: [number | null, string?]) => {
        exit = status;
      });
      channel.on("close", () =>
        resolve(exit ? failureOf(exit) : "wait: remote command exited without exit status or exit signal"),
      );
      // A command that ends without reading all of its input closes the channel: report its exit status, not this
      // error.
      channel.on("error", () => {});
      channel.end(stdin);
    });
  });
}

function failureOf([code, signal]: [code: number | null, signal?: string]): string | undefined {
  if (code === 0) return undefined;
  if (signal) return `Process exited with status 128 from signal ${signal.replace(/^SIG/, "")}`;
  return `Process exited with status ${code}`;
}
