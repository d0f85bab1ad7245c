import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { appendFile, cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { cacheDirectory } from "../../tools/cache";
import { run } from "../../tools/run";
import { ensureSupply, type Supply } from "../../tools/supply/supply";

let supply: Supply;
let scratch: string;

before(async () => {
  supply = await ensureSupply((line) => console.log(line));
  scratch = await mkdtemp(join(tmpdir(), "kjerne-supply-test-"));
});

after(() => rm(scratch, { recursive: true, force: true }));

/** Makes an apt-get that sees no installed package and only one repository. */
async function makeApt(name: string, repository: string) {
  const home = join(scratch, name);
  for (const path of ["lists/partial", "cache/archives/partial", "parts"])
    await mkdir(join(home, path), { recursive: true });
  await writeFile(join(home, "status"), "");
  const source = `deb [signed-by=${supply.directory}/kjerne.asc] copy:${repository} ${supply.index.suite} main\n`;
  await writeFile(join(home, "sources.list"), source);
  const options = {
    "Dir::Etc::sourcelist": join(home, "sources.list"),
    "Dir::Etc::sourceparts": join(home, "parts"),
    "Dir::State::lists": join(home, "lists"),
    "Dir::State::status": join(home, "status"),
    "Dir::Cache": join(home, "cache"),
    "APT::Sandbox::User": "root",
  };
  const flags = Object.entries(options).flatMap(([key, value]) => ["-o", `${key}=${value}`]);
  return (...args: string[]) => run("apt-get", [...flags, ...args], { cwd: home });
}

/** Copies the repository, for a test to tamper with. */
async function copyRepository(name: string) {
  const repository = join(scratch, name);
  await cp(join(supply.directory, "apt/dists"), join(repository, "dists"), { recursive: true });
  await symlink(join(supply.directory, "apt/pool"), join(repository, "pool"));
  return repository;
}

test("apt resolves and downloads a node's packages from this repository alone", async () => {
  const apt = await makeApt("whole", join(supply.directory, "apt"));
  await apt("update", "--error-on=any");
  const wanted =
    "kubeadm kubelet kubectl containerd systemd-sysv openssh-server linux-image-cloud-amd64 cloud-init".split(" ");
  await apt("install", "--download-only", "--yes", "--no-install-recommends", "?essential", ...wanted);
  const names = (await readdir(join(scratch, "whole/cache/archives"))).map((file) =>
    file.split("_").slice(0, 2).join("="),
  );
  assert.ok(names.includes(`kubelet=${supply.index.packages.kubelet}`), names.join(" "));
  // No package depends on essential packages, but no system can be installed without them.
  for (const essential of ["dash", "diffutils", "findutils", "hostname"])
    assert.ok(
      names.some((name) => name.startsWith(`${essential}=`)),
      `${essential} is missing`,
    );
});

test("apt refuses a package index that was changed after signing", async () => {
  const repository = await copyRepository("changed-index");
  await appendFile(join(repository, "dists", supply.index.suite, "main/binary-amd64/Packages"), "\nPackage: evil\n");
  const apt = await makeApt("changed-index-client", repository);
  await assert.rejects(apt("update", "--error-on=any"), /File has unexpected size|Hash Sum mismatch/);
});

test("apt refuses a release file that was changed after signing", async () => {
  const repository = await copyRepository("changed-release");
  const release = join(repository, "dists", supply.index.suite, "InRelease");
  await run("sed", ["--in-place", "s/^Origin: .*/Origin: someone else/", release]);
  const apt = await makeApt("changed-release-client", repository);
  await assert.rejects(apt("update", "--error-on=any"), /BADSIG/);
});

test("apt refuses a package that differs from the one in the index", async () => {
  const repository = await copyRepository("changed-package");
  const deb = join(repository, "pool-copy/kubectl.deb");
  await rm(join(repository, "pool"));
  await cp(join(supply.directory, "apt/pool"), dirname(deb), {
    recursive: true,
    filter: (path) => !/\.deb$|_/.test(path) || /kubectl_/.test(path),
  });
  const [name] = (await readdir(dirname(deb))).filter((file) => file.startsWith("kubectl_"));
  await symlink("pool-copy", join(repository, "pool"));
  await appendFile(join(repository, "pool", name as string), "more");
  const apt = await makeApt("changed-package-client", repository);
  await apt("update", "--error-on=any");
  await assert.rejects(apt("download", "kubectl"), /File has unexpected size|Hash Sum mismatch/);
});

test("supply.json lists every image that kubeadm needs", async () => {
  const deb = join(supply.directory, "apt/pool", `kubeadm_${supply.index.packages.kubeadm}_amd64.deb`);
  await run("dpkg-deb", ["--extract", deb, join(scratch, "kubeadm")]);
  const version = supply.index.packages.kubeadm?.replace(/-1$/, "");
  const list = await run(join(scratch, "kubeadm/usr/bin/kubeadm"), [
    "config",
    "images",
    "list",
    `--kubernetes-version=v${version}`,
  ]);
  const missing = list
    .trim()
    .split("\n")
    .filter((image) => !(image in supply.index.images));
  assert.deepEqual(missing, []);
});

test("Calico's manifest names only images in supply.json and has the SHA-256 recorded there", async () => {
  const manifest = await readFile(join(supply.directory, "manifests/calico.yaml"), "utf8");
  const images = new Set([...manifest.matchAll(/^\s*image: (\S+)$/gm)].map((match) => match[1] as string));
  assert.deepEqual(
    [...images].filter((image) => !(image in supply.index.images)),
    [],
  );
  assert.equal(createHash("sha256").update(manifest).digest("hex"), supply.index.manifests["calico.yaml"]);
});

test("two builds from the same inputs give the same image and the same package", async () => {
  const build = async (name: string, umask: string) => {
    const cache = join(scratch, name);
    await mkdir(cache);
    const script = `umask ${umask}; exec "$@"`;
    const args = [
      process.execPath,
      "--import",
      "tsx",
      join(__dirname, "programs/build-small.ts"),
      dirname(supply.registry),
    ];
    return JSON.parse(await run("sh", ["-c", script, "sh", ...args], { env: { XDG_CACHE_HOME: cache } }));
  };
  assert.deepEqual(await build("once", "022"), await build("twice", "077"));
});

test("a second ensureSupply builds nothing", async () => {
  const before = await readdir(cacheDirectory);
  const lines: string[] = [];
  const again = await ensureSupply((line) => lines.push(line));
  assert.deepEqual(lines, []);
  assert.equal(again.directory, supply.directory);
  assert.deepEqual(
    (await readdir(cacheDirectory)).filter(
      (name) => !before.includes(name) && /^(go|deb|apt|image|registry|supply)-/.test(name),
    ),
    [],
  );
});
