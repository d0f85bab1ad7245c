import { once } from "node:events";
import { connect, createServer, type Server } from "node:net";
import { text } from "node:stream/consumers";

/**
 * Runs `work` while it holds the lab's lock, an abstract Unix socket. The kernel gives the name of the socket to one
 * process and frees it when that process ends in any way. Whoever connects reads who holds the lock.
 *
 * @param what The command that holds the lock: `make lab`.
 * @throws Error that names the holder, if another process holds the lock
 */
export async function aloneOnLab<T>(lab: string, what: string, work: () => Promise<T>): Promise<T> {
  const lock = await hold(`\0kjerne-lab-${lab}`, `${what}, process ${process.pid}, since ${new Date().toISOString()}`);
  if (typeof lock === "string") {
    throw new Error(`lab ${lab} is being worked on (${lock}); wait until that is done, or end the process`);
  }
  try {
    return await work();
  } finally {
    lock.close();
  }
}

/** Takes the lock. @returns the lock, or who holds it */
async function hold(name: string, who: string): Promise<Server | string> {
  const server = createServer((socket) => socket.on("error", () => socket.destroy()).end(who));
  server.listen(name);
  try {
    await once(server, "listening");
    return server;
  } catch (error) {
    if (codeOf(error) !== "EADDRINUSE") throw error;
  }
  try {
    return await text(connect(name));
  } catch (error) {
    // The holder has ended meanwhile.
    if (codeOf(error) === "ECONNREFUSED") return hold(name, who);
    throw error;
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
