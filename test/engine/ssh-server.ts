import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { run } from "../../tools/run";

export type KeyType = "ed25519" | "ecdsa" | "rsa";

/** An OpenSSH server on a loopback address of its own, with its own keys. */
export interface SshServer {
  readonly port: number;
  /** The `connection` with which a program reaches it. */
  readonly connection: { host: string; port: number; user: string; privateKey: string; hostKey: string };
  /** Starts listening; until then the port refuses connections. */
  start(): Promise<void>;
  /** Cuts every connection; what runs in the sessions gets no signal, and the server goes on. */
  cut(): Promise<void>;
  /** Ends the server and every session. */
  stop(): Promise<void>;
}

export interface SshServerOptions {
  /** @default "ed25519" */
  readonly hostKeyType?: KeyType;
  /**
   * Gives sessions a /var/lib and a /run of their own, so that files left there vanish with the server and no lock is
   * shared with other tests. @default false
   */
  readonly hasOwnVarLib?: boolean;
  /** What a login prints before anything else, as a shell's start files do. No newline, no quotes. @default - nothing */
  readonly greeting?: string;
}

/** A server with new keys that is not listening yet; call `stop` at the end. The user who runs the test logs in. */
export async function makeSshServer({
  hostKeyType = "ed25519",
  hasOwnVarLib,
  greeting,
}: SshServerOptions = {}): Promise<SshServer> {
  const directory = await mkdtemp(join(tmpdir(), "kjerne-sshd-"));
  const key = async (name: string, type: KeyType) => {
    await run("ssh-keygen", ["-q", "-t", type, "-N", "", "-C", name, "-f", join(directory, name)]);
    const [privateKey, publicKey] = await Promise.all(
      [name, `${name}.pub`].map((file) => readFile(join(directory, file), "utf8")),
    );
    return { privateKey: String(privateKey), publicKey: String(publicKey) };
  };
  // Test files run side by side: on one address, the port that is free now may be another server's a moment later.
  const address = `127.${randomInt(1, 255)}.${randomInt(256)}.${randomInt(1, 255)}`;
  const [host, client, port] = await Promise.all([
    key("host", hostKeyType),
    key("client", "ed25519"),
    freePort(address),
  ]);
  await writeFile(join(directory, "sshd_config"), configuration(directory, `${address}:${port}`, greeting));

  let server: ReturnType<typeof spawn> | undefined;
  return {
    port,
    connection: {
      host: address,
      port,
      user: process.env.USER ?? "root",
      privateKey: client.privateKey,
      hostKey: host.publicKey.trim(),
    },
    async start() {
      await mkdir("/run/sshd", { recursive: true }); // sshd refuses to run without its (empty) chroot.
      const sshd = ["/usr/sbin/sshd", "-D", "-e", "-f", join(directory, "sshd_config")];
      const inNamespace = [
        "--mount",
        "sh",
        "-c",
        'mount -t tmpfs none /var/lib && mount -t tmpfs none /run && mkdir /run/sshd && exec "$@"',
        "sh",
        ...sshd,
      ];
      const [program = "", ...args] = hasOwnVarLib ? ["unshare", ...inNamespace] : sshd;
      server = spawn(program, args, {
        stdio: ["ignore", "ignore", "inherit"],
        detached: true,
      });
      await Promise.race([banner(address, port), ended(server)]);
    },
    async cut() {
      await run("pkill", ["--signal", "KILL", "--parent", String(server?.pid)]);
    },
    async stop() {
      if (server?.pid && server.exitCode === null) {
        const gone = once(server, "exit");
        process.kill(-server.pid, "SIGKILL");
        await gone;
      }
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Throws when the server ends before it is asked to. */
async function ended(server: ReturnType<typeof spawn>): Promise<never> {
  const [code] = await once(server, "exit");
  throw new Error(`sshd ended with ${code} before it answered`);
}

/** Waits until the server sends its SSH banner. */
async function banner(address: string, port: number): Promise<void> {
  const giveUp = Date.now() + 30_000;
  while (Date.now() < giveUp) {
    const socket = connect(port, address);
    const answered = await Promise.race([
      once(socket, "data").then(() => true),
      once(socket, "close").then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (answered) return;
    await pause(50);
  }
  throw new Error(`sshd did not answer on ${address}:${port} within 30 s`);
}

async function freePort(host: string): Promise<number> {
  const server = createServer().listen(0, host);
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address ? address.port : 0;
}

function configuration(directory: string, listenAddress: string, greeting?: string): string {
  return [
    `ListenAddress ${listenAddress}`,
    `HostKey ${directory}/host`,
    `AuthorizedKeysFile ${directory}/client.pub`,
    "PidFile none",
    "StrictModes no", // The temporary directory lies below one that everybody may write to.
    "UsePAM no",
    "PasswordAuthentication no",
    "MaxStartups 200",
    "LogLevel QUIET",
    ...(greeting ? [`ForceCommand printf '${greeting}'; eval "$SSH_ORIGINAL_COMMAND"`] : []),
    "AcceptEnv PULUMI_COMMAND_* KJERNE_*",
    "",
  ].join("\n");
}
