import { spawn } from "node:child_process";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { file } from "../../node-config/file-set";
import type { ProxyMode } from "../../node-config/versions";
import { type ControlPlane, startControlPlane } from "../../test/api/control-plane";
import { end } from "../../test/api/processes";
import { until } from "../../tools/lab/until";
import { run } from "../../tools/run";
import { ensureSupply } from "../../tools/supply/supply";
import { runInGuest } from "../guest/guest";
import { guestImage } from "../guest/image";
import { kubeconfigInGuest, proxyConfigurationFor } from "./kube-proxy";
import { network, node, service, sizes } from "./objects";

/**
 * `capture.ts DIRECTORY`, as root in a network namespace of its own: writes what kube-proxy puts into the kernel in each
 * mode with each number of Services, and `seconds.json`, how long that took after it was started. API server and
 * kube-proxy are the real ones. In IPVS mode kube-proxy runs in an emulated guest, since few developers' kernels have
 * IPVS.
 */
const directory = String(process.argv[2]);

/** How rules are read and removed, and what there is once for each Service. */
const dumps = {
  iptables: { read: ["iptables-save"], each: /^:KUBE-SEP-/gm },
  nftables: { read: ["nft", "--numeric", "list", "table", "ip", "kube-proxy"], each: /\bdnat ip to /g },
} as const;

async function main(): Promise<void> {
  await run("ip", ["link", "set", "lo", "up"]);
  await run("ip", ["link", "add", "node", "type", "veth", "peer", "name", "wire"]);
  await run("ip", ["address", "add", `${network.node}/24`, "dev", "node"]);
  for (const link of ["node", "wire"]) await run("ip", ["link", "set", link, "up"]);
  await run("ip", ["route", "add", "default", "dev", "node"]);

  const plane = await startControlPlane();
  try {
    await create(plane, [node]);
    await grow(plane);
  } finally {
    await plane.stop();
  }
}

/** Adds Services up to each size. */
async function grow(plane: ControlPlane): Promise<void> {
  const seconds: Record<string, number> = {};
  let there = 0;
  for (const size of sizes) {
    const added = Array.from({ length: size - there }, (_, at) => service(there + at));
    await Promise.all([0, 1, 2, 3].map((part) => create(plane, added.filter((_, at) => at % 4 === part).flat())));
    there = size;
    for (const mode of ["iptables", "nftables", "ipvs"] as const) {
      const begun = Date.now();
      await (mode === "ipvs" ? inGuest(plane, size) : here(plane, mode, size));
      seconds[`${mode}, ${size}`] = (Date.now() - begun) / 1000;
      console.error(`kube-proxy, ${mode}, ${size} Services: ${seconds[`${mode}, ${size}`]} s`);
    }
  }
  await writeFile(join(directory, "seconds.json"), JSON.stringify(seconds));
}

/** Runs kube-proxy in this namespace until all rules are there. The next one finds none. */
async function here(plane: ControlPlane, mode: keyof typeof dumps, size: number): Promise<void> {
  const config = await configured(mode, plane.kubeconfig);
  const argv = ["--pdeathsig", "KILL", join(plane.binDirectory, "kube-proxy"), "--config", config];
  const proxy = spawn("setpriv", argv, { stdio: "ignore" });
  const { read, each } = dumps[mode];
  let rules = "";
  try {
    await until(`kube-proxy's rules of ${size} Services`, 900, async () => {
      rules = await run(read[0], read.slice(1));
      return (rules.match(each)?.length ?? 0) > size; // One more: the API server's own.
    });
  } finally {
    await end(proxy);
  }
  await writeFile(join(directory, `${mode}-${size}.rules`), rules);
  await run("nft", ["flush", "ruleset"]);
}

async function inGuest(plane: ControlPlane, size: number): Promise<void> {
  const kubeconfig = join(directory, "guest.kubeconfig");
  await writeFile(kubeconfig, await kubeconfigInGuest(plane), { mode: 0o600 });

  const say = (line: string) => console.error(line);
  const [dump] = await runInGuest({
    image: await guestImage(await ensureSupply(say), say),
    script: join(__dirname, "kube-proxy-in-guest.sh"),
    copies: [join(plane.binDirectory, "kube-proxy"), kubeconfig, await configured("ipvs", "guest.kubeconfig")],
    files: file("wanted", `${size}\n`),
    memoryMiB: 2048,
    counts: false,
    say,
  });
  const files = dumped.parse(dump);
  for (const [name, content] of Object.entries(files))
    await writeFile(join(directory, `ipvs-${size}.${name}`), `${content}\n`);
  await rm(kubeconfig);
}

const dumped = z.strictObject({
  ...{ ipvs: z.string(), sets: z.string(), iptables: z.string() },
  ...{ addresses: z.string(), sysctls: z.string() },
});

async function create(plane: ControlPlane, items: readonly object[]): Promise<void> {
  if (items.length === 0) return;
  const list = JSON.stringify({ apiVersion: "v1", kind: "List", items });
  await plane.kubectl(["create", "--validate=false", "--filename", "-"], list);
}

async function configured(mode: ProxyMode, kubeconfig: string): Promise<string> {
  const path = join(directory, "kube-proxy.yaml");
  await writeFile(path, proxyConfigurationFor(mode, kubeconfig));
  return path;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
