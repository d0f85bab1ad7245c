import { connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { Client, type ConnectConfig } from "ssh2";
import type { Connection } from "./connection";
import { type HostKey, parseHostKey } from "./host-key";

/**
 * How long the handshake and the login may take after the server accepted the connection. Emulated machines are slow.
 */
const handshakeMilliseconds = 120_000;

export function openSocket({ host, port = 22, perDialTimeout = 15 }: Connection, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true, signal });
    const dialFailed = (reason: string) => {
      socket.destroy();
      reject(new Error(`dial tcp ${host}:${port}: ${reason}`));
    };
    socket.setTimeout(perDialTimeout * 1000, () => dialFailed("i/o timeout"));
    socket.once("error", (error: NodeJS.ErrnoException) => dialFailed(reasonOf(error)));
    socket.once("connect", () => {
      socket.setTimeout(0);
      socket.removeAllListeners("error");
      resolve(socket);
    });
  });
}

function reasonOf(error: NodeJS.ErrnoException): string {
  if (error.code === "ECONNREFUSED") return "connect: connection refused";
  if (error.code === "EHOSTUNREACH") return "connect: no route to host";
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
}

/** Prepares the login. @throws Error about a malformed host key, before any connection is made */
export function loginTo(connection: Connection): Login {
  const hostKey = connection.hostKey === undefined ? undefined : parseHostKey(connection.hostKey);
  const agent = connection.agentSocketPath ?? process.env.SSH_AUTH_SOCK;
  const methods = [
    ...(connection.privateKey ? (["publickey"] as const) : []),
    ...(connection.password ? (["password", "keyboard-interactive"] as const) : []),
    ...(agent ? (["agent"] as const) : []),
  ];
  const config: ConnectConfig = {
    username: connection.user ?? "root",
    privateKey: connection.privateKey,
    passphrase: connection.privateKeyPassword,
    password: connection.password,
    agent,
    tryKeyboard: connection.password !== undefined,
    // ssh2's types declare an array of method names only as `any[]`.
    authHandler: ["none", ...methods] as ConnectConfig["authHandler"],
    readyTimeout: handshakeMilliseconds,
    // Detects a dead peer within two minutes, about as fast as TCP keepalive does for the official provider.
    keepaliveInterval: 15_000,
    keepaliveCountMax: 8,
    ...(hostKey && { algorithms: { serverHostKey: hostKey.algorithms } }),
  };
  return { config, hostKey };
}

export function handshake(sock: Duplex, { config, hostKey }: Login, signal: AbortSignal): Promise<Client> {
  const client = new Client();
  const abort = () => client.destroy();
  return new Promise<Client>((resolve, reject) => {
    let refusal: string | undefined;
    client.once("ready", () => resolve(client));
    client.on("error", (error) => reject(new Error(`ssh: handshake failed: ${refusal ?? error.message}`)));
    client.on("close", () => {
      signal.removeEventListener("abort", abort);
      reject(signal.aborted ? signal.reason : new Error("ssh: handshake failed: EOF"));
    });
    client.on("keyboard-interactive", (_name, _instructions, _language, prompts, answer) =>
      answer(prompts.map(() => String(config.password))),
    );
    signal.addEventListener("abort", abort);
    const hostVerifier = (key: Buffer) => {
      if (!hostKey || key.equals(hostKey.key)) return true;
      refusal = "ssh: host key mismatch";
      return false;
    };
    client.connect({ ...config, sock: sock as ConnectConfig["sock"], hostVerifier });
  }).catch((error) => {
    client.destroy();
    throw error;
  });
}
