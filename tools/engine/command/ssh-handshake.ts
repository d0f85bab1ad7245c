import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { Client, type ClientErrorExtensions, type ConnectConfig, utils } from "ssh2";
import type { Connection } from "./connection";
import { type HostKey, parseHostKey } from "./host-key";

/**
 * How long the handshake and the login may take after the server accepted the connection. Emulated machines are slow.
 */
const handshakeMilliseconds = 120_000;

export function openSocket({ host, port = 22, perDialTimeout = 15 }: Connection, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true });
    const fail = (error: Error) => {
      signal.removeEventListener("abort", abort);
      socket.destroy();
      reject(error);
    };
    const dialFailed = (reason: string) => fail(new Error(`dial tcp ${host}:${port}: ${reason}`));
    const abort = () => fail(signal.reason);
    signal.addEventListener("abort", abort);
    socket.setTimeout(perDialTimeout * 1000, () => dialFailed("i/o timeout"));
    // Stays when the socket is connected: an error that nobody listens to ends the process.
    socket.on("error", (error: NodeJS.ErrnoException) => dialFailed(reasonOf(error)));
    socket.once("connect", () => {
      signal.removeEventListener("abort", abort);
      socket.setTimeout(0);
      resolve(socket);
    });
  });
}

function reasonOf(error: NodeJS.ErrnoException): string {
  if (error.code === "ECONNREFUSED") return "connect: connection refused";
  if (error.code === "EHOSTUNREACH") return "connect: no route to host";
  if (error.code === "ENOENT") return "connect: no such file or directory";
  return error.message;
}

export function forward(bastion: Client, { host, port = 22 }: Connection): Promise<Duplex> {
  return new Promise((resolve, reject) =>
    bastion.forwardOut("127.0.0.1", 0, host, port, (error, channel) => (error ? reject(error) : resolve(channel))),
  );
}

export interface Login {
  readonly config: ConnectConfig;
  readonly hostKey: HostKey | undefined;
  /** Ways of authentication, in the order in which they are tried. */
  readonly methods: readonly string[];
}

/** Prepares the login. @throws Error about a key or an agent that can't be used, before any connection is made */
export async function loginTo(connection: Connection): Promise<Login> {
  const { privateKey, privateKeyPassword } = connection;
  const hostKey = connection.hostKey === undefined ? undefined : parseHostKey(connection.hostKey);
  const parsed = privateKey === undefined ? undefined : utils.parseKey(privateKey, privateKeyPassword);
  if (parsed instanceof Error) throw new Error(`ssh: no key found in connection.privateKey: ${parsed.message}`);
  const agent = connection.agentSocketPath ?? (process.env.SSH_AUTH_SOCK || undefined);
  if (agent !== undefined) await expectAgent(agent);
  const methods = [
    "none" as const,
    ...(privateKey ? (["publickey"] as const) : []),
    ...(connection.password ? (["password", "keyboard-interactive"] as const) : []),
    ...(agent ? (["agent"] as const) : []),
  ];
  const config: ConnectConfig = {
    username: connection.user ?? "root",
    privateKey,
    passphrase: privateKeyPassword,
    password: connection.password,
    agent,
    tryKeyboard: connection.password !== undefined,
    // ssh2's types declare an array of method names only as `any[]`.
    authHandler: methods as ConnectConfig["authHandler"],
    readyTimeout: handshakeMilliseconds,
    // Detects a dead peer within two minutes, about as fast as TCP keepalive does for the official provider.
    keepaliveInterval: 15_000,
    keepaliveCountMax: 8,
    ...(hostKey && { algorithms: { serverHostKey: hostKey.algorithms } }),
  };
  return { config, hostKey, methods };
}

/** The official provider fails when the agent does not answer, though a private key would do. */
async function expectAgent(path: string): Promise<void> {
  const socket = connect(path);
  try {
    await once(socket, "connect");
  } catch (error) {
    throw new Error(`dial unix ${path}: ${reasonOf(error as NodeJS.ErrnoException)}`);
  } finally {
    socket.destroy();
  }
}

/** In the words of Go's SSH library, which the official provider uses. */
function handshakeFailure({ level, message }: Error & ClientErrorExtensions, methods: readonly string[]): string {
  return level === "client-authentication"
    ? `ssh: unable to authenticate, attempted methods [${methods.join(" ")}], no supported methods remain`
    : message;
}

/** Logs in. The signal ends it until then, and no longer. */
export function handshake(sock: Duplex, { config, hostKey, methods }: Login, signal: AbortSignal): Promise<Client> {
  const client = new Client();
  const abort = () => client.destroy();
  return new Promise<Client>((resolve, reject) => {
    let refusal: string | undefined;
    client.once("ready", () => resolve(client));
    client.on("error", (error) =>
      reject(new Error(`ssh: handshake failed: ${refusal ?? handshakeFailure(error, methods)}`)),
    );
    client.on("close", () => reject(signal.aborted ? signal.reason : new Error("ssh: handshake failed: EOF")));
    client.on("keyboard-interactive", (_name, _instructions, _language, prompts, answer) =>
      answer(prompts.map(() => String(config.password))),
    );
    signal.throwIfAborted();
    signal.addEventListener("abort", abort);
    const hostVerifier = (key: Buffer) => {
      if (!hostKey || key.equals(hostKey.key)) return true;
      refusal = "ssh: host key mismatch";
      return false;
    };
    client.connect({ ...config, sock: sock as ConnectConfig["sock"], hostVerifier });
  })
    .catch((error) => {
      client.destroy();
      sock.destroy();
      throw error;
    })
    .finally(() => signal.removeEventListener("abort", abort));
}
