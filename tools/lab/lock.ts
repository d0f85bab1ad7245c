import { once } from "node:events";
import { connect, createServer, type Server } from "node:net";
import { text } from "node:stream/consumers";

/**
 * Works on a lab while nobody else does. What is held is an abstract socket: the kernel gives the name to one process
 * and takes it back when that ends, however it ends. It answers who holds it.
 *
 * @param what What is done, in the words of who asked for it.
 * @throws Error that names the process that works on the lab already.
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

/** The lock, or what its holder says. */
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
    // Its holder has ended meanwhile.
    if (codeOf(error) === "ECONNREFUSED") return hold(name, who);
    throw error;
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
