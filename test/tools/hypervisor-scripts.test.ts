import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { textOf } from "../../components/machine/program-text";
import { listIn } from "../../node-config/file-set";
import { authorities as judgeAuthorities } from "../../node-config/values/certificates";

const scripts = join(__dirname, "../../node-config/hypervisor");
const scratch = mkdtempSync(join(tmpdir(), "kjerne-hypervisor-"));
after(() => rmSync(scratch, { recursive: true, force: true }));

const wanted = {
  name: "hv1",
  pool: { name: "kjerne", path: join(scratch, "pool"), medium: "emulated" },
  bridge: "br0",
  mtu: 1500,
  emulation: true,
  commands: listIn("hypervisor/commands.txt"),
  asked: [],
  sources: "",
  authorities: "",
  reservedMemoryMiB: 0,
  maximumStealPercent: 100,
  synchronisedClock: false,
};

const preflight = join(scratch, "preflight.sh");
writeFileSync(preflight, textOf("hypervisor/preflight.sh"));

/** Programs of a hypervisor that this machine may lack and that these tests don't need. */
const bin = join(scratch, "bin");
mkdirSync(bin);
for (const name of ["virsh", "qemu-system-x86_64", "xorriso", "mkfs.xfs"]) {
  writeFileSync(join(bin, name), "#!/bin/sh\nexit 0\n", { mode: 0o755 });
}

async function run(command: readonly string[], input: object): Promise<string> {
  const child = spawn(command[0] as string, command.slice(1), { env: { PATH: `${bin}:${process.env.PATH}` } });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (printed += text));
  child.stdin.end(JSON.stringify(input));
  await once(child, "close");
  return printed;
}

/** Runs the preflight where there is a bridge with the MTU of 1500 and no other network, while `server` runs there. */
function preflightWithBridge(input: object, server = ":"): Promise<string> {
  const program = `
    mount -t sysfs none /sys
    ip link add br0 type bridge
    ip link set br0 up
    ip address add 192.0.2.1/24 dev br0 # without one beyond lo, no name or address is resolved
    ip link set lo up
    cd ${scratch}
    ${server} </dev/null >/dev/null &
    bash ${preflight}
    kill $! 2>/dev/null`;
  return run(["unshare", "--net", "--mount", "bash", "-c", program], input);
}

test("the preflight refuses a bridge that carries smaller packets than the nodes send", async () => {
  const found = await preflightWithBridge({ ...wanted, mtu: 9000, reservedMemoryMiB: 1e9 });
  assert.match(
    found,
    /bridge br0 carries packets of 1500 bytes and network\.mtu is 9000, .* or set network\.mtu: 1500/,
  );
  assert.doesNotMatch(await preflightWithBridge({ ...wanted, reservedMemoryMiB: 1e9 }), /carries packets/);
});

test("the preflight looks at the bridge into the fabric by the fabric's own MTU", async () => {
  const fabric = (name: string) =>
    preflightWithBridge({ ...wanted, fabricBridge: name, fabricMtu: 9000, reservedMemoryMiB: 1e9 });
  assert.match(await fabric("br0"), /bridge br0 carries packets of 1500 bytes and network\.fabric\.mtu is 9000/);
  assert.match(
    await fabric("fabric"),
    /bridge fabric does not exist; make it \(with the uplink to the fabric as a port\)/,
  );
});

test("apt trusts a company's own authority when the preflight and an image ask its mirror", async (t) => {
  const openssl = (...args: string[]) => execFileSync("openssl", args, { cwd: scratch, stdio: "pipe" });
  const subject = (name: string) => [
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-nodes",
    "-subj",
    `/CN=${name}`,
  ];
  openssl("req", "-x509", "-days", "1", ...subject("authority"), "-keyout", "ca.key", "-out", "ca.pem");
  const signed = [
    "-CA",
    "ca.pem",
    "-CAkey",
    "ca.key",
    "-addext",
    "subjectAltName=IP:127.0.0.1",
    "-addext",
    "basicConstraints=CA:FALSE",
  ];
  openssl("req", "-x509", "-days", "1", ...signed, ...subject("localhost"), "-keyout", "tls.key", "-out", "tls.pem");
  const read = (name: string) => readFileSync(join(scratch, name), "utf8");
  const authorities = read("ca.pem");
  assert.equal(judgeAuthorities(authorities), undefined);
  assert.match(
    judgeAuthorities(read("tls.pem")) ?? "",
    /CN=localhost, which is no authority's; name the one that signed it/,
  );
  const sources = (port: number) =>
    `Types: deb\nURIs: https://127.0.0.1:${port}\nSuites: bookworm\nComponents: main\nTrusted: yes\n`;

  await t.test("the preflight", async () => {
    const server = `python3 -c '
import http.server, ssl
server = http.server.ThreadingHTTPServer(("127.0.0.1", 4443), http.server.SimpleHTTPRequestHandler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("tls.pem", "tls.key")
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()'`;
    const look = (more: object) => preflightWithBridge({ ...wanted, sources: sources(4443), ...more }, server);
    assert.match(await look({}), /certificate/i);
    const printed = await look({ authorities });
    assert.doesNotMatch(printed, /certificate/i);
    assert.match(printed, /Release/, "it went on to ask for the repository");
  });

  await t.test("an image", async () => {
    let asked = 0;
    const answer = createServer({ key: read("tls.key"), cert: read("tls.pem") }, (_, response) => {
      asked++;
      response.writeHead(404).end();
    }).listen(0, "127.0.0.1");
    await once(answer, "listening");
    t.after(() => answer.close());
    const { port } = answer.address() as AddressInfo;
    const image = { path: join(scratch, "image"), debian: "bookworm", packages: ["mawk"], images: {}, files: {} };
    const build = (authorities: string) =>
      run(["bash", join(scripts, "build-image.sh")], { ...image, registries: {}, sources: sources(port), authorities });
    await build("");
    assert.equal(asked, 0, "it asked a server that it could not know");
    const printed = await build(authorities);
    assert.ok(asked > 0, printed);
  });
});
