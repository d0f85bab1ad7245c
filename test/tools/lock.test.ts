import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { parse, stringify } from "yaml";
import { heldPackages } from "../../node-config/packages";
import { rootCommand, run } from "../../tools/run";
import { ensureSupply, type Supply } from "../../tools/supply/supply";
import type { Upstream } from "./programs/upstream";

/** The supply's packages and images under upstream's names, with TLS by an authority that nobody else knows. */
const scratch = mkdtempSync(join(tmpdir(), "kjerne-lock-test-"));
const at = (path: string) => join(scratch, path);
let supply: Supply;

before(async () => {
  supply = await ensureSupply((line) => console.log(line));
  const openssl = (...args: string[]) => run("openssl", args, { cwd: scratch });
  const ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  await openssl("req", "-x509", ...ec, "-subj", "/CN=authority", "-days", "2", "-keyout", "ca.key", "-out", "ca.crt");
  await openssl("req", ...ec, "-subj", "/CN=upstream", "-keyout", "server.key", "-out", "server.csr");
  const names = ["pkgs.k8s.io", "registry.k8s.io", "registry-1.docker.io", "auth.docker.io"];
  writeFileSync(at("names"), `subjectAltName=${names.map((name) => `DNS:${name}`).join()}\n`);
  const signing = ["-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "names"];
  await openssl("x509", "-req", "-in", "server.csr", ...signing, "-out", "server.crt");
  writeFileSync(
    at("hosts"),
    "127.0.0.1 localhost\n127.0.0.2 pkgs.k8s.io\n127.0.0.3 registry.k8s.io registry-1.docker.io\n127.0.0.4 auth.docker.io\n",
  );
});
after(() => rmSync(scratch, { recursive: true, force: true }));

/** Settings that install from upstream's addresses, as somebody has them who has no mirror. */
// biome-ignore lint/suspicious/noExplicitAny: settings, as YAML has them
function settings(change: (all: Record<string, any>) => void = () => {}): string {
  const { config } = parse(readFileSync("stacks/Pulumi.oslo.yaml", "utf8"));
  Object.assign(config["kjerne:network"].calico, {
    manifest: join(supply.directory, "manifests/calico.yaml"),
    manifestSha256: supply.index.manifests["calico.yaml"],
  });
  config["kjerne:supply"] = {
    packages: [
      {
        uri: "https://pkgs.k8s.io/apt",
        suite: supply.index.suite,
        components: ["main"],
        signedByFile: join(supply.directory, "kjerne.asc"),
      },
    ],
    index: at("supply.json"),
    imageMirrors: [
      { registry: "registry.k8s.io", mirror: "https://registry.k8s.io" },
      { registry: "docker.io", mirror: "https://registry-1.docker.io" },
    ],
    caFile: at("ca.crt"),
  };
  change(config);
  writeFileSync(at("Pulumi.test.yaml"), stringify({ config }));
  return at("Pulumi.test.yaml");
}

/** Runs `make lock` where upstream's names lead to `apt` and to the supply's images, or to a registry that lies. */
async function lock({ file = settings(), apt = join(supply.directory, "apt"), isLying = false, check = false } = {}) {
  const served = mkdtempSync(at("served-"));
  mkdirSync(join(served, "pkgs.k8s.io"));
  symlinkSync(apt, join(served, "pkgs.k8s.io/apt"));
  const upstream: Upstream = {
    certificates: scratch,
    served,
    addresses: { files: "127.0.0.2", registry: "127.0.0.3", tokens: "127.0.0.4" },
    ...(isLying ? {} : { registry: { program: supply.registry, storage: join(supply.directory, "registry") } }),
  };
  const inside = `
    ip link set lo up
    mount --bind "$0/hosts" /etc/hosts
    exec env PULUMI_OPTION_CONFIG_FILE=${file} node --import tsx test/tools/programs/upstream.ts "$@"`;
  const command = ["node", "--import", "tsx", "commands/lock.ts", "--stack", "test", ...(check ? ["--check"] : [])];
  const servers = [JSON.stringify(upstream), ...command];
  const [program, ...args] = rootCommand(["unshare", "--mount", "--net", "bash", "-euc", inside, scratch, ...servers]);
  return run(program, args);
}

const locked = () => JSON.parse(readFileSync(at("supply.json"), "utf8"));

test("versions and digests are those that upstream's names serve, and a second lock is the same file", async () => {
  await lock();
  const first = readFileSync(at("supply.json"), "utf8");
  const { packages, images, others, snapshot } = locked();
  assert.deepEqual(Object.keys(packages).sort(), heldPackages({}).sort());
  for (const [name, version] of Object.entries(packages)) assert.equal(version, supply.index.packages[name], name);
  for (const [name, digest] of Object.entries(images)) assert.equal(digest, supply.index.images[name], name);
  assert.ok(Object.keys(images).length >= 11, Object.keys(images).join(" "));
  assert.ok(others["linux-image-cloud-amd64"] && others.jq, "Debian's own packages are told, too");
  assert.match(snapshot, /^[0-9a-f]{64}$/);
  assert.match(await lock({ check: true }), /has the newest of everything/);
  await lock();
  assert.equal(readFileSync(at("supply.json"), "utf8"), first);
});

test("a check tells which package is newer, ends with 1, and writes nothing", async () => {
  await lock();
  const old = locked();
  old.packages.kubelet = "1.36.2-1";
  writeFileSync(at("supply.json"), JSON.stringify(old));
  await assert.rejects(lock({ check: true }), ({ code, stdout }: { code: number; stdout: string }) => {
    assert.equal(code, 1);
    assert.equal(stdout, `kubelet ${supply.index.packages.kubelet}, locked 1.36.2-1\n`);
    return true;
  });
  assert.deepEqual(locked(), old);
});

test("an image whose tag has another digest than the lock is refused, and the lock stays", async () => {
  await lock();
  const old = locked();
  const pause = Object.keys(old.images).find((name) => name.includes("/pause:")) as string;
  old.images[pause] = `sha256:${"1".repeat(64)}`;
  writeFileSync(at("supply.json"), JSON.stringify(old));
  await assert.rejects(lock(), /pause:\S+: was sha256:1{64}, and now is sha256:/);
  assert.deepEqual(locked(), old);
});

test("a registry that says another digest than it serves is refused, with every image, and nothing is written", async () => {
  rmSync(at("supply.json"), { force: true });
  await assert.rejects(lock({ isLying: true }), ({ stderr }: { stderr: string }) => {
    const lies = stderr.match(/says that its digest is sha256:0{64}, and serves sha256:/g) ?? [];
    assert.ok(lies.length >= 11, stderr);
    return true;
  });
  assert.throws(locked, /ENOENT/);
});

test("an authority that the settings don't name is refused, for packages and for images", async () => {
  const file = settings((config) => delete config["kjerne:supply"].caFile);
  await assert.rejects(lock({ file }), ({ stderr }: { stderr: string }) => {
    assert.match(stderr, /apt takes the repositories of supply\.packages as they are not|certificate/);
    assert.match(stderr, /pause.*certificate/s);
    return true;
  });
});

/** The supply's repository with another Release file, signed by a key of its own. */
async function repositoryWith(name: string, change: (release: string) => string, sign: boolean) {
  const dists = join(at(name), "dists");
  mkdirSync(at(name), { recursive: true });
  cpSync(join(supply.directory, "apt/dists"), dists, { recursive: true });
  const [signed, release] = ["InRelease", "Release"].map((file) => join(dists, supply.index.suite, file)) as [
    string,
    string,
  ];
  if (!sign) {
    writeFileSync(signed, change(readFileSync(signed, "utf8")));
    return { apt: at(name) };
  }
  writeFileSync(release, change(readFileSync(release, "utf8")));
  const home = at(`${name}-keys`);
  mkdirSync(home, { mode: 0o700 });
  const gpg = (...args: string[]) =>
    run("gpg", ["--homedir", home, "--batch", "--quiet", "--pinentry-mode", "loopback", ...args]);
  await gpg("--passphrase", "", "--quick-generate-key", "test", "ed25519", "sign", "never");
  await gpg("--yes", "--clearsign", "--output", signed, release);
  writeFileSync(at(`${name}.asc`), await gpg("--armor", "--export"));
  await run("gpgconf", ["--homedir", home, "--kill", "gpg-agent"]);
  return {
    apt: at(name),
    file: settings((config) => (config["kjerne:supply"].packages[0].signedByFile = at(`${name}.asc`))),
  };
}

test("a repository that somebody changed is refused in apt's own words", async () => {
  const forged = (text: string) => text.replace("Origin: kjerne", "Origin: others");
  await assert.rejects(lock(await repositoryWith("forged", forged, false)), /E: .*(signature|not signed)/i);
});

test("a repository whose signed list is out of date is refused, and one of the same key that is not is taken", async () => {
  const until = (year: number) => (text: string) => `Valid-Until: Thu, 01 Jan ${year} 00:00:00 UTC\n${text}`;
  await assert.rejects(lock(await repositoryWith("expired", until(2026), true)), /E: .*expired/i);
  await lock(await repositoryWith("valid", until(2100), true));
});

test("a release that no repository has is told with those that are there", async () => {
  const file = settings((config) => (config["kjerne:kubernetes"].version = "1.35.4"));
  await assert.rejects(
    lock({ file }),
    ({ stderr }: { stderr: string }) =>
      /kubeadm: no repository has release 1\.35\.4; they have 1\.36\.3/.test(stderr) &&
      /kube-proxy:v1\.35\.4: .* answers 404/.test(stderr),
  );
});
