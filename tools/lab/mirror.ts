import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { shellQuote } from "../../components/machine/shell";
import { cacheDirectory } from "../cache";
import type { SupplyServer } from "../supply/supply";
import type { Machine } from "./machine";
import { inside } from "./machine-processes";
import { untilSucceeds } from "./until";

/** The machine that serves packages and images; the lab has no other source of them. */
export async function mirror(servers: readonly SupplyServer[]): Promise<Machine> {
  const repository = join(__dirname, "../..");
  await mkdir(cacheDirectory, { recursive: true });
  const services = servers.map(({ name, argv }) => [
    `/etc/lab/service/${name}/run`,
    { content: `#!/bin/sh\nexec ${argv.map(shellQuote).join(" ")}\n`, mode: "0755" },
  ]);
  return {
    role: "mirror",
    environment: {},
    files: Object.fromEntries(services),
    shares: { [cacheDirectory]: cacheDirectory, [repository]: repository },
    emptied: [],
    // It keeps nothing, and must serve the current supply.
    restartOnChange: true,
  };
}

/** Waits until every server of the mirror listens. */
export async function untilMirrorAnswers(lab: string, servers: readonly SupplyServer[]): Promise<void> {
  const names = servers.map(({ name }) => name).join(", ");
  await untilSucceeds(`the mirror of lab ${lab} to listen (${names})`, 60, async () => {
    const sockets = await inside(lab, "mirror", "ss", "--no-header", "--tcp", "--listening", "--numeric");
    if (sockets.split("\n").filter(Boolean).length < servers.length) throw new Error(`it listens on:\n${sockets}`);
  });
}
