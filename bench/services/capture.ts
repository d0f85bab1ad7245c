import { spawn } from "node:child_process";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Document, parseAllDocuments, parseDocument } from "yaml";
import { z } from "zod";
import { file } from "../../node-config/file-set";
import { renderKubeProxy } from "../../node-config/kubeadm";
import { type ProxyMode, versions } from "../../node-config/versions";
import { type ControlPlane, startControlPlane } from "../../test/api/control-plane";
import { end } from "../../test/api/processes";
import { until } from "../../tools/lab/until";
import { run } from "../../tools/run";
import { ensureSupply } from "../../tools/supply/supply";
import { runInGuest } from "../guest/guest";
import { guestImage } from "../guest/image";
import { network, node, service, sizes } from "./objects";

/**
 * `capture.ts MODE DIRECTORY`, as root in a network namespace of its own: writes what kube-proxy has in the kernel with
 * each number of Services, and `seconds.json`, how long it took. API server and kube-proxy are the real ones. In IPVS
 * mode kube-proxy runs in an emulated guest, since few developers' kernels have IPVS.
 */
const [mode, directory] = process.argv.slice(2) as [ProxyMode, string];

/** How rules are read, and what there is once for each Service. */
const dumps = {
  iptables: { command: ["iptables-save"], each: /^:KUBE-SEP-/gm },
  nftables: { command: ["nft", "--numeric", "list", "table", "ip", "kube-proxy"], each: /\bdnat ip to /g },
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
  const proxy = mode === "ipvs" ? undefined : startProxy(await configured(plane.kubeconfig), plane);
  const seconds: Record<string, number> = {};
  let there = 0;
  try {
    // One more than the largest: what it takes to add one.
    for (const size of mode === "ipvs" ? sizes : [...sizes, sizes[3] + 1]) {
      const added = Array.from({ length: size - there }, (_, at) => service(there + at));
      await Promise.all([0, 1, 2, 3].map((part) => create(plane, added.filter((_, at) => at % 4 === part).flat())));
      there = size;
      const created = Date.now();
      if (mode === "ipvs") await inGuest(plane, size);
      else await writeFile(join(directory, `${size}.rules`), await rulesOf(mode, size));
      seconds[size] = (Date.now() - created) / 1000;
      console.error(`${mode}: ${size} Services, ${seconds[size]} s after the last was created`);
    }
  } finally {
    if (proxy) await end(proxy);
  }
  await writeFile(join(directory, "seconds.json"), JSON.stringify(seconds));
}

function startProxy(config: string, { binDirectory }: ControlPlane) {
  const argv = ["--pdeathsig", "KILL", join(binDirectory, "kube-proxy"), "--config", config];
  return spawn("setpriv", argv, { stdio: "ignore" });
}

async function rulesOf(mode: keyof typeof dumps, size: number): Promise<string> {
  const { command, each } = dumps[mode];
  let rules = "";
  await until(`kube-proxy's rules of ${size} Services`, 900, async () => {
    rules = await run(command[0], command.slice(1));
    return (rules.match(each)?.length ?? 0) > size; // One more: the API server's own.
  });
  return rules;
}

/** Loopback of this namespace, seen from the guest. */
const loopbackOfHost = "10.0.2.2";

async function inGuest(plane: ControlPlane, size: number): Promise<void> {
  const kubeconfig = join(directory, "guest.kubeconfig");
  const text = await readFile(plane.kubeconfig, "utf8");
  const document = parseDocument(text);
  const cluster = ["clusters", 0, "cluster"];
  document.setIn([...cluster, "tls-server-name"], "127.0.0.1");
  document.setIn(
    [...cluster, "server"],
    String(document.getIn([...cluster, "server"])).replace("127.0.0.1", loopbackOfHost),
  );
  await writeFile(kubeconfig, document.toString(), { mode: 0o600 });

  const say = (line: string) => console.error(line);
  const [dump] = await runInGuest({
    image: await guestImage(await ensureSupply(say), say),
    script: join(__dirname, "kube-proxy-in-guest.sh"),
    copies: [join(plane.binDirectory, "kube-proxy"), kubeconfig, await configured("guest.kubeconfig")],
    files: file("wanted", `${size}\n`),
    memoryMiB: 2048,
    counts: false,
    say,
  });
  const files = dumped.parse(dump);
  for (const [name, content] of Object.entries(files))
    await writeFile(join(directory, `${size}.${name}`), `${content}\n`);
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

/** What the product gives kube-proxy on its nodes, and where this one finds its node and the API server. */
async function configured(kubeconfig: string): Promise<string> {
  const cluster = {
    ...{ name: "bench", kubernetesVersion: versions.default, controlPlanes: 1, pace: "bare-metal" as const },
    endpoint: { host: "localhost", address: "127.0.0.1", port: 6443 },
    ...{ podCidr: network.podCidr, serviceCidr: network.serviceCidr },
  };
  const proxy = { mode, scheduler: "rr", syncPeriodSeconds: 30, strictArp: false };
  const rendered = renderKubeProxy(cluster, { name: node.metadata.name, address: network.node }, proxy);
  const all = parseAllDocuments(rendered) as Document[];
  const config = all.find((one) => one.get("kind") === "KubeProxyConfiguration");
  if (!config) throw new Error("node-config renders no KubeProxyConfiguration");
  config.setIn(["clientConnection", "kubeconfig"], kubeconfig);
  config.set("hostnameOverride", node.metadata.name);
  const path = join(directory, "kube-proxy.yaml");
  await writeFile(path, config.toString());
  return path;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
