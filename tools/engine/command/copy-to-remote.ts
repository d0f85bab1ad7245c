import { randomBytes } from "node:crypto";
import { archiveSignature, assetSignature, isObject, signatureOf, unknownValue } from "../plugin/property-values";
import type { ResourceType, Task } from "../plugin/resource-type";
import { type Connection, checkConnection } from "./connection";
import { copyPath, copyText } from "./sftp-copy";
import { dial } from "./ssh-connection";

/** A FileAsset, StringAsset or FileArchive as the engine sends it. */
interface Source {
  readonly path?: string;
  readonly text?: string;
  readonly hash?: string;
}

/** `command:remote:CopyToRemote`: a local file or directory, or a text, onto another machine. It stays when this goes. */
export const copyToRemote: ResourceType = {
  inputs: ["connection", "remotePath", "source", "triggers"],
  required: ["connection", "remotePath", "source"],
  outputs: [],
  replaceOnChanges: ["triggers"],
  check: ({ connection, source }) => [...checkConnection("connection", connection), ...checkSource(source)],
  create: async (task) => {
    await copy(task);
    return { id: randomBytes(4).toString("hex"), outputs: {} };
  },
  update: async (task) => {
    const { inputs, state } = task;
    const isSame = (inputs.source as Source).hash === (state.source as Source).hash;
    if (!isSame || inputs.remotePath !== state.remotePath) await copy(task);
    return {};
  },
};

function checkSource(source: unknown) {
  if (source === unknownValue) return [];
  const problem = (reason: string) => [{ property: "source", reason }];
  const { path, text } = (isObject(source) ? source : {}) as Source;
  const signature = signatureOf(source);
  if (signature !== assetSignature && signature !== archiveSignature)
    return problem("either asset or archive must be set");
  if (path !== undefined || (signature === assetSignature && text !== undefined)) return [];
  return problem(
    signature === archiveSignature
      ? "archive must be a path to a file or directory"
      : "asset must be a path-based file asset or a text asset",
  );
}

async function copy({ inputs, signal, show }: Task): Promise<void> {
  const { path, text = "" } = inputs.source as Source;
  const client = await dial(inputs.connection as Connection, signal, show);
  try {
    const remotePath = String(inputs.remotePath);
    await (path ? copyPath(client, path, remotePath) : copyText(client, text, remotePath));
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    client.end();
  }
}
