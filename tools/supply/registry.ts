import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";

/** Command line of an image registry in the foreground, on `address` ("host:port"), with its storage directory. */
export function registryCommand(registry: string, address: string, storage: string, access: "fill" | "serve") {
  const settings = { REGISTRY_HTTP_ADDR: address, REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY: storage };
  const assignments = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
  return ["env", ...assignments, registry, "serve", join(__dirname, "registry-config", `${access}.yaml`)];
}

/** Runs a registry with the directory `storage` on a free port of loopback, as long as `use` works with it. */
export async function withRegistry<T>(
  registry: string,
  storage: string,
  access: "fill" | "serve",
  use: (address: string) => Promise<T>,
): Promise<T> {
  await mkdir(storage, { recursive: true });
  const address = `127.0.0.1:${await freePort()}`;
  const [command, ...args] = registryCommand(registry, address, storage, access);
  const server = spawn(command as string, args, { stdio: ["ignore", "ignore", "pipe"] });
  let log = "";
  server.stderr.setEncoding("utf8").on("data", (text: string) => {
    log = (log + text).slice(-4000);
  });
  const exited = once(server, "exit");
  try {
    await answers(address, () => server.exitCode !== null);
    return await use(address);
  } catch (problem) {
    throw new Error(`image registry on ${address}: ${(problem as Error).message}\n${log}`, { cause: problem });
  } finally {
    server.kill();
    await exited;
  }
}

async function answers(address: string, ended: () => boolean) {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const answer = await fetch(`http://${address}/v2/`).catch((problem: Error) => problem);
    if (!(answer instanceof Error)) return;
    if (ended() || Date.now() > deadline) throw new Error(`did not answer: ${answer.message}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  if (address === null || typeof address === "string") throw new Error("no free port on loopback");
  return address.port;
}
