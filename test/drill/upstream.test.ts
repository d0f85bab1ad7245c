import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe } from "node:test";
import { startMachines, takeDown } from "../../commands/lab/bring-up";
import { labStack } from "../../commands/lab/lab-stack";
import { shellQuote } from "../../components/machine/shell";
import { type Report, table } from "../../components/verify/report";
import { versions } from "../../node-config/versions";
import { ensureEngine } from "../../tools/engine/engine";
import { ipJson } from "../../tools/lab/namespaces";
import { insideNode } from "../../tools/lab/native/node-processes";
import { type LabAddresses, labFiles, namespaceOf, nodeAddress } from "../../tools/lab/plan";
import { fingerprintOf } from "../../tools/new/machine";
import { asRoot, rootCommand, run } from "../../tools/run";
import { ensureStack, runStack, type Stack, stackOutput } from "../../tools/stack";
import { ensureSupply, type Supply } from "../../tools/supply/supply";
import { changes, describeMachine } from "../e2e/as-found";
import { keepDiagnostics } from "../e2e/diagnostics";
import { changeSettings } from "../e2e/settings";
import { steps } from "../e2e/steps";
import type { Upstream } from "../tools/programs/upstream";
import { names, upstreamFiles } from "./upstream-files";

/** The lab of this drill, beside any other. Each run first removes what an interrupted run left. */
const lab = "upstream-drill";
const nodes = ["cp1", "worker1"];
const debian = process.env.DEBIAN || versions.debian;
const say = (line: string) => console.log(line);

describe("rented machines become a cluster from upstream's repositories and registries", { concurrency: false }, () => {
  let scratch: string;
  let stack: Stack;
  let addresses: LabAddresses;
  let upstream: ChildProcess | undefined;
  let found: readonly string[];
  const at = (file: string) => join(scratch, file);
  const { step, hasFailed } = steps();

  before(async () => {
    await takeDown(lab);
    scratch = await mkdtemp(join(tmpdir(), "kjerne-upstream-"));
    const supply = await ensureSupply(say, [versions.default], debian);
    const own = await labStack(lab, await ensureEngine(say));
    addresses = await startMachines(lab, supply, { MACHINES: "native", DEBIAN: debian }, say);
    await rm(labFiles(lab).stackFile);
    await startUpstream(supply);
    stack = { ...own, env: { ...own.env, ...(await knowingUpstream(own.env.PATH ?? "")) } };
    found = await Promise.all(nodes.map((name) => describeMachine(lab, name)));
  });

  after(async () => {
    if (hasFailed()) console.error(`Logs that explain the failure are in ${await keepDiagnostics(stack)}`);
    upstream?.kill();
    await takeDown(lab);
    await rm(scratch, { recursive: true, force: true });
  });

  step("make new asks the machines, and writes settings with upstream's addresses and keys", async () => {
    const machines = nodes.map(async (name) => {
      const key = await readFile(join(labFiles(lab).node(name), "host_key.pub"), "utf8");
      return `kjerne@${nodeAddress(addresses, name)}=${fingerprintOf(key)}`;
    });
    const company = "Lab, NO, NO";
    const answers = {
      ...{ STACK: lab, MACHINES: (await Promise.all(machines)).join(" "), KEY: labFiles(lab).sshKey },
      ...{ COUNTRY: "NO", CITY: "Oslo", OPERATOR: company, SUPPORT: "NO", DATA_CLASS: "internal", CUSTODIAN: company },
      INDEX: at("supply.json"),
    };
    say(await make("new", ...Object.entries(answers).map(([name, value]) => `${name}=${value}`)));
    await changeSettings(stack, (config) => {
      const uris = config["kjerne:supply"].packages.map(({ uri }: { uri: string }) => new URL(uri).host);
      assert.deepEqual(uris, ["pkgs.k8s.io", "ftp.debian.org", "security.debian.org", "download.docker.com"]);
      // What sets this lab apart from rented machines: its authority, and a disk that is no NVMe.
      config["kjerne:supply"].caFile = at("ca.crt");
      config["kjerne:kubernetes"].slowEtcdDisk = "told";
      config["kjerne:deletionProtection"] = "false";
    });
  });

  step("make lock writes down what they serve", async () => {
    say(await make("lock", `STACK=${lab}`));
    const { packages, images } = JSON.parse(await readFile(at("supply.json"), "utf8"));
    assert.ok(packages["containerd.io"] && packages.kubelet, JSON.stringify(packages));
    assert.ok(Object.keys(images).length >= 11, JSON.stringify(images));
  });

  step("pulumi up brings up a cluster that passes every check, and a second one changes nothing", async () => {
    await ensureStack(stack);
    await runStack(stack, "up", ["--yes", "--skip-preview"], say);
    const report = (await stackOutput<Report>(stack, "report")) as Report;
    assert.ok(report.passed, table(report));
    for (const name of nodes) {
      assert.match(await insideNode(lab, name, "dpkg-query", "--show", "containerd.io", "kubelet"), /containerd\.io/);
      const hosts = await insideNode(lab, name, "cat", "/etc/containerd/certs.d/docker.io/hosts.toml");
      assert.match(hosts, /registry-1\.docker\.io/);
    }
    await runStack(stack, "up", ["--yes", "--skip-preview", "--refresh", "--expect-no-changes"], () => {});
  });

  step("a destroy gives the machines back as they were found", async () => {
    await runStack(stack, "destroy", ["--yes", "--skip-preview"], say);
    for (const [n, name] of nodes.entries())
      assert.deepEqual(changes(found[n] as string, await describeMachine(lab, name)), [], name);
  });

  /** Upstream's servers beside the lab's mirror. Nodes know their names, and Debian's key, as rented machines do. */
  async function startUpstream(supply: Supply): Promise<void> {
    const last = (n: number) => addresses.mirror.replace(/\d+$/, String(n));
    const servers = { files: last(241), registry: last(242), tokens: last(243) };
    const namespace = namespaceOf(lab, "mirror");
    const links = await ipJson<{ ifname: string }>("-n", namespace, "-4", "address", "show", "to", addresses.mirror);
    const card = links[0]?.ifname as string;
    for (const address of Object.values(servers))
      await asRoot("ip", "-n", namespace, "address", "add", `${address}/24`, "dev", card);
    await makeCertificates();
    const { served, debianKeyring } = await upstreamFiles(supply, scratch);
    const lines = (Object.keys(servers) as (keyof typeof servers)[]).map(
      (which) => `${servers[which]} ${names[which].join(" ")}\n`,
    );
    await writeFile(at("hosts"), [await readFile("/etc/hosts", "utf8"), ...lines].join(""));
    for (const name of nodes) {
      const keyring = `base64 -d >/usr/share/keyrings/debian-archive-keyring.gpg <<<${debianKeyring.toString("base64")}`;
      await insideNode(lab, name, "bash", "-euc", `${keyring}; printf %s ${shellQuote(lines.join(""))} >>/etc/hosts`);
    }
    const registry = { program: supply.registry, storage: join(supply.directory, "registry") };
    const given: Upstream = { certificates: scratch, served, addresses: servers, registry };
    const program = ["node", "--import", "tsx", "test/tools/programs/upstream.ts", JSON.stringify(given)];
    const [command, ...args] = rootCommand(["ip", "netns", "exec", namespace, ...program]);
    upstream = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
    await Promise.race([
      once(createInterface(upstream.stdout as NodeJS.ReadableStream), "line"),
      once(upstream, "exit").then(() => Promise.reject(new Error("upstream's servers did not start"))),
    ]);
  }

  async function makeCertificates(): Promise<void> {
    const openssl = (...args: string[]) => run("openssl", args, { cwd: scratch });
    const ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    await openssl("req", "-x509", ...ec, "-subj", "/CN=authority", "-days", "2", "-keyout", "ca.key", "-out", "ca.crt");
    await openssl("req", ...ec, "-subj", "/CN=upstream", "-keyout", "server.key", "-out", "server.csr");
    const alternatives = Object.values(names)
      .flat()
      .map((name) => `DNS:${name}`);
    await writeFile(at("names"), `subjectAltName=${alternatives.join()}\n`);
    const signing = ["-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "names"];
    await openssl("x509", "-req", "-in", "server.csr", ...signing, "-out", "server.crt");
  }

  /** For `pulumi` and `make`: where upstream's names lead here, and whose certificates are theirs. */
  async function knowingUpstream(path: string): Promise<Record<string, string>> {
    const pulumi = (await run("sh", ["-c", "command -v pulumi"], { env: { PATH: path } })).trim();
    const bin = at("bin");
    await mkdir(bin);
    const words = [...amongUpstream(), pulumi].map(shellQuote).join(" ");
    await writeFile(join(bin, "pulumi"), `#!/bin/sh\nexec ${words} "$@"\n`, { mode: 0o755 });
    return { PATH: [bin, path].join(delimiter), NODE_EXTRA_CA_CERTS: at("ca.crt") };
  }

  const amongUpstream = (): string[] => [
    ...["unshare", "--mount", "sh", "-c", 'mount --bind "$0" /etc/hosts && exec "$@"'],
    at("hosts"),
  ];

  async function make(...words: string[]): Promise<string> {
    const [program = "", ...args] = [...amongUpstream(), "make", "--silent", ...words];
    const { PULUMI_OPTION_CONFIG_FILE, NODE_EXTRA_CA_CERTS } = stack.env;
    return run(program, args, { env: { PULUMI_OPTION_CONFIG_FILE, NODE_EXTRA_CA_CERTS } });
  }
});
