import type { Client } from "ssh2";
import type { Connection } from "./connection";
import { forward, handshake, loginTo, openSocket } from "./ssh-handshake";

type Show = (line: string) => void;

/**
 * Dials until the login succeeds, `dialErrorLimit` attempts have failed or `signal` aborts. The caller ends the client.
 */
export async function dial(connection: Connection, signal: AbortSignal, show: Show): Promise<Client> {
  const { proxy } = connection;
  const login = await loginTo(connection);
  if (!proxy) {
    return retrying("Dial", connection, signal, show, async () =>
      handshake(await openSocket(connection, signal), login, signal),
    );
  }

  const proxyLogin = await loginTo(proxy).catch(atProxy);
  const bastion = await retrying("Dial proxy", proxy, signal, show, async () =>
    handshake(await openSocket(proxy, signal), proxyLogin, signal),
  ).catch(atProxy);
  try {
    const client = await retrying("Dial from proxy", connection, signal, show, async () =>
      handshake(await forward(bastion, connection), login, signal),
    ).catch(atProxy);
    return client.on("close", () => bastion.end());
  } catch (error) {
    bastion.end();
    throw error;
  }
}

/**
 * Retries with the official provider's delays: 100 ms after the first failure, 1.5 times as long after each further
 * one, at most 5 s.
 */
async function retrying<Result>(
  what: string,
  { dialErrorLimit = 10 }: Connection,
  signal: AbortSignal,
  show: Show,
  attempt: () => Promise<Result>,
): Promise<Result> {
  for (let failures = 0, delay = 100; ; failures++, delay = Math.min(delay * 1.5, 5000)) {
    signal.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      signal.throwIfAborted();
      if (dialErrorLimit >= 0 && failures >= dialErrorLimit) {
        throw new Error(`after ${failures} failed attempts: ${(error as Error).message}`);
      }
    }
    show(`${what} ${failures + 1}/${dialErrorLimit < 0 ? "inf" : dialErrorLimit} failed: retrying`);
    await pause(delay, signal);
  }
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener("abort", done);
    function done() {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      if (signal.aborted) reject(signal.reason);
      else resolve();
    }
  });
}

function atProxy(error: Error): never {
  throw new Error(`proxy: ${error.message}`);
}
