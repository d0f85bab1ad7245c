import { type ChildProcess, execFile, spawn } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

/** A private key in memory, for the `ssh` of this machine. */
export interface SshAgent {
  /** As ssh_config(5) takes it for `IdentityAgent`. */
  readonly socket: string;
  /** Ends the agent, and the key with it. */
  stop(): void;
}

/** Says when the socket is there, and ends the agent with its stdin. A terminal's Ctrl-C is for who wrote to that. */
const companionship = `trap "" INT TERM HUP; echo began; cat; kill "$SSH_AGENT_PID"`;

/**
 * Starts an agent that holds one key, so that `ssh` can use the key and no file has it. It ends with this process,
 * however that ends: SIGKILL closes the pipe too for whose end its companion waits.
 *
 * @param directory where its socket will be; for this user alone
 * @throws Error with what ssh-add printed, where it can't read the key
 */
export async function agentWith(privateKey: string, directory: string, name: string): Promise<SshAgent> {
  const socket = join(directory, name);
  const companion = spawn("ssh-agent", ["-a", socket, "sh", "-c", companionship], { stdio: ["pipe", "pipe", "pipe"] });
  const stop = () => void companion.stdin.end();
  companion.stdin.on("error", () => {});
  try {
    await began(companion);
    // Else it would ask the terminal for a passphrase, and that stops a provider, which is in no foreground.
    const env = { ...process.env, SSH_AUTH_SOCK: socket, SSH_ASKPASS: "false", SSH_ASKPASS_REQUIRE: "force" };
    const adding = promisify(execFile)("ssh-add", ["-q", "-"], { env });
    adding.child.stdin?.on("error", () => {}).end(`${privateKey.trim()}\n`);
    await adding;
    return { socket, stop };
  } catch (error) {
    stop();
    const { stderr, message } = error as { stderr?: string; message: string };
    throw new Error(`ssh-agent does not take the key ${name}: ${stderr?.trim() || message}`);
  }
}

/** Resolves when the command runs; rejects with what ssh-agent printed where it can't start. */
function began(companion: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = "";
    companion.stderr?.on("data", (text) => {
      said += text;
    });
    companion.on("error", reject);
    companion.on("close", () => reject(new Error(said.trim() || "ssh-agent ended")));
    companion.stdout?.once("data", () => resolve());
  });
}
