import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, afterEach, before } from "node:test";
import { vrrpFiles } from "../../node-config/vrrp";
import { untilSucceeds } from "../../tools/lab/until";
import { asRoot, rootCommand, run } from "../../tools/run";

/**
 * Control planes as namespaces on one link, with keepalived and the files that a control plane gets, and a server in the
 * place of each API server that says its name. The client on the link is somebody who wants the endpoint.
 */
const scratch = mkdtempSync(join(tmpdir(), "kjerne-vrrp-"));
const at = (...path: string[]) => join(scratch, ...path);
const netns = (name: string) => `kjerne-vrrp-${process.pid}-${name}`;
const endpoint = "10.77.250.30";
const addresses = { cp1: "10.77.250.31", cp2: "10.77.250.32", cp3: "10.77.250.33" } as const;
export type Name = keyof typeof addresses;
export const names = Object.keys(addresses) as Name[];
const running = new Map<Name, ChildProcess>();

const entered = `
  mkdir -p "$0/upper-etc" "$0/work-etc" "$0/upper-local" "$0/work-local"
  mount -t overlay overlay -o "lowerdir=/etc,upperdir=$0/upper-etc,workdir=$0/work-etc" /etc
  mount -t overlay overlay -o "lowerdir=/usr/local,upperdir=$0/upper-local,workdir=$0/work-local" /usr/local
  mount -t tmpfs none /run
  cp -r "$0/root/." /
  kjerne-prepare-keepalived
  python3 -c "$1" "$0" &
  exec keepalived --dont-fork --log-console --log-detail >"$0/log" 2>&1`;
const server = `
import http.server, ssl, sys, os
os.chdir(sys.argv[1] + "/served")
server = http.server.ThreadingHTTPServer(("", 6443), http.server.SimpleHTTPRequestHandler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1] + ".crt", sys.argv[1] + ".key")
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()`;

before(async () => {
  const ec = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
  for (const name of names) {
    const subject = ["-subj", "/CN=kubernetes", "-addext", `subjectAltName=DNS:kubernetes,DNS:${name}`];
    await run("openssl", ["req", ...ec, ...subject, "-keyout", at(`${name}.key`), "-out", at(`${name}.crt`)]);
  }
  const certificates = names.map((name) => readFileSync(at(`${name}.crt`), "utf8"));
  writeFileSync(at("servers.crt"), certificates.join(""));
  await asRoot("ip", "netns", "add", netns("client"));
  const client = (...args: string[]) => asRoot("ip", "-n", netns("client"), ...args);
  await client("link", "add", "br0", "type", "bridge");
  await client("address", "add", "10.77.250.1/24", "dev", "br0");
  await client("link", "set", "br0", "up");
  for (const name of names) {
    await asRoot("ip", "netns", "add", netns(name));
    await client("link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", netns(name));
    await client("link", "set", name, "master", "br0", "up");
    await asRoot("ip", "-n", netns(name), "link", "set", "lo", "up");
    await asRoot("ip", "-n", netns(name), "address", "add", `${addresses[name]}/24`, "dev", "eth0");
    await asRoot("ip", "-n", netns(name), "link", "set", "eth0", "up");
  }
});
afterEach(() => Promise.all(names.map(off)));
after(async () => {
  for (const name of ["client", ...names]) await asRoot("ip", "netns", "delete", netns(name));
  await asRoot("rm", "--recursive", "--force", scratch);
});

/** Starts control planes that know each other, with API servers that are ready. */
export async function on(starting: readonly Name[], known: readonly Name[] = starting) {
  for (const name of starting) {
    const controlPlanes = known.map((one) => addresses[one]);
    await asRoot("rm", "--recursive", "--force", at(name));
    mkdirSync(at(name, "served"), { recursive: true });
    writeFileSync(at(name, "served/name"), name);
    const files = vrrpFiles({ endpoint, address: addresses[name], controlPlanes });
    for (const [path, { content, mode }] of Object.entries(files)) {
      mkdirSync(dirname(at(name, "root", path)), { recursive: true });
      writeFileSync(at(name, "root", path), content, { mode: Number.parseInt(mode, 8) });
    }
    ready(name, true);
    const inside = ["netns", "exec", netns(name), "unshare", "--mount", "--pid", "--fork", "--kill-child"];
    const [program, ...args] = rootCommand(["ip", ...inside, "bash", "-euc", entered, at(name), server]);
    running.set(name, spawn(program, args, { stdio: "ignore" }));
  }
}

/** Has keepalived there read again who the control planes are, as its unit does when the settings name others. */
export async function knows(name: Name, controlPlanes: readonly Name[]) {
  const known = controlPlanes.map((one) => addresses[one]);
  const files = vrrpFiles({ endpoint, address: addresses[name], controlPlanes: known });
  const path = "/etc/keepalived/kjerne.conf";
  const keepalived = await processOf(name);
  const [program, ...args] = rootCommand(["nsenter", "--target", keepalived, "--mount", "--net", "tee", path]);
  await run(program, args, { input: files[path]?.content ?? "" });
  await asRoot("nsenter", "--target", keepalived, "--mount", "--net", "kjerne-prepare-keepalived");
  const reloads = () => log(name).match(/Reload complete/g)?.length ?? 0;
  const before = reloads();
  await asRoot("kill", "-HUP", keepalived);
  await untilSucceeds(`${name} to have read it`, 30, async () => assert.ok(reloads() > before));
}

/** The process id of keepalived there. */
export async function processOf(name: Name): Promise<string> {
  const [any = ""] = (await asRoot("ip", "netns", "pids", netns(name))).split("\n");
  return (await asRoot("pgrep", "--oldest", "--exact", "keepalived", "--ns", any, "--nslist", "net")).trim();
}

/** As when its power is cut: it says nothing to the others. */
export async function off(name: Name) {
  const process = running.get(name);
  if (!process) return;
  running.delete(name);
  await asRoot("ip", "-n", netns("client"), "link", "set", name, "down");
  process.kill("SIGKILL");
  await once(process, "exit");
  await untilSucceeds(`the last process of ${name} to end`, 30, async () => {
    assert.equal(await asRoot("ip", "netns", "pids", netns(name)), "");
  });
  await asRoot("ip", "-n", netns(name), "address", "flush", "dev", "eth0");
  await asRoot("ip", "-n", netns(name), "address", "add", `${addresses[name]}/24`, "dev", "eth0");
  await asRoot("ip", "-n", netns("client"), "link", "set", name, "up");
}

export function ready(name: Name, isReady: boolean) {
  if (isReady) writeFileSync(at(name, "served/readyz"), "ok");
  else rmSync(at(name, "served/readyz"));
}

export async function holders(): Promise<Name[]> {
  const has = async (name: Name) => (await asRoot("ip", "-n", netns(name), "address")).includes(`${endpoint}/32`);
  const found = await Promise.all(names.map(has));
  return names.filter((_, at) => found[at]);
}

/** Waits until exactly one has the address, and it is one of these. */
export async function held(by: readonly Name[]): Promise<Name> {
  let found: readonly Name[] = [];
  await untilSucceeds(`one of ${by.join(", ")} to have the endpoint's address`, 60, async () => {
    found = await holders();
    if (found.length !== 1 || !by.includes(found[0] as Name)) throw new Error(found.join(" and ") || "nobody");
  });
  return found[0] as Name;
}

/** Waits until keepalived there counts its API server as ready, and sees that nobody takes the address after that. */
export async function staysWith(holder: Name, once: readonly Name[]) {
  for (const name of once) await isReady(name);
  // Several times as long as one of more priority needs.
  for (let seconds = 0; seconds < 5; seconds++) {
    assert.deepEqual(await holders(), [holder]);
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

/** Waits until keepalived there knows that its API server is ready. */
export async function isReady(name: Name): Promise<void> {
  await untilSucceeds(`${name} to be ready`, 30, async () => {
    assert.match(log(name), /Changing effective priority from 100 to 150/);
  });
}

export const log = (name: Name) => readFileSync(at(name, "log"), "utf8");

/** Who answers somebody on the link that asks the endpoint. */
export async function answers(): Promise<string> {
  let answer = "";
  const asked = ["curl", "--silent", "--fail", "--max-time", "2", "--cacert", at("servers.crt")] as const;
  const where = ["--connect-to", `::${endpoint}:6443`, "https://kubernetes:6443/name"] as const;
  await untilSucceeds("the endpoint to answer", 30, async () => {
    answer = await asRoot("ip", "netns", "exec", netns("client"), ...asked, ...where);
  });
  return answer;
}

/** `kjerne-take-endpoint` on one control plane, as before another one leaves. */
export async function takeFrom(leaving: Name, taker: Name): Promise<string> {
  return asRoot("nsenter", "--target", await processOf(taker), "--mount", "--net", "kjerne-take-endpoint", leaving);
}
