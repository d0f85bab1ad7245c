import assert from "node:assert/strict";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { parse, stringify } from "yaml";
import { run } from "../../tools/run";
import { ensureSupply } from "../../tools/supply/supply";
import { wanted } from "../unit/verify/healthy";
import { makeWorkspace, type Workspace } from "./workspace";

const repository = join(__dirname, "../..");

let directory: string;
/** A copy of examples/own-program in a directory where kjerne is installed from the packed npm package only. */
let program: string;
let workspace: Workspace;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), "kjerne-package-"));
  program = join(directory, "program");
  await run("npm", ["pack", "--pack-destination", directory], { cwd: repository });
  await cp(join(repository, "examples/own-program"), program, { recursive: true });
  await install();
  await configure();
  const verification = join(program, "package-verification.ts");
  await cp(join(__dirname, "programs/package-verification.ts"), verification);
  workspace = await makeWorkspace(verification);
  const project = join(workspace.directory, "Pulumi.yaml");
  const { plugins } = parse(await readFile(join(program, "Pulumi.yaml"), "utf8"));
  const own = plugins.providers.map((one: { path: string }) => ({ ...one, path: join(program, one.path) }));
  await writeFile(project, stringify({ ...parse(await readFile(project, "utf8")), plugins: { providers: own } }));
});

after(async () => {
  await workspace?.remove();
  await rm(directory, { recursive: true, force: true });
});

/** Fills node_modules as npm would: the unpacked package, and only those packages that it and the example declare. */
async function install() {
  const { version } = JSON.parse(await readFile(join(repository, "package.json"), "utf8"));
  const modules = join(program, "node_modules");
  const unpacked = join(modules, "kjerne");
  await mkdir(unpacked, { recursive: true });
  const tarball = join(directory, `kjerne-${version}.tgz`);
  await run("tar", ["--extract", "--file", tarball, "--strip-components", "1", "--directory", unpacked]);
  for (const manifest of [unpacked, program].map((at) => join(at, "package.json"))) {
    const { dependencies, peerDependencies, devDependencies } = JSON.parse(await readFile(manifest, "utf8"));
    const own = dirname(manifest) === program ? devDependencies : peerDependencies;
    for (const name of Object.keys({ ...dependencies, ...own }).filter((name) => name !== "kjerne")) {
      await mkdir(dirname(join(modules, name)), { recursive: true });
      await rm(join(modules, name), { force: true });
      await symlink(join(repository, "node_modules", name), join(modules, name));
    }
  }
}

/** Sets what the example's settings leave to its user. */
async function configure() {
  const file = join(program, "Pulumi.dev.yaml");
  const { config } = parse(await readFile(file, "utf8"));
  const { directory, index } = await ensureSupply(() => {});
  const calico = { manifest: join(directory, "manifests/calico.yaml"), sha256: index.manifests["calico.yaml"] };
  const given = { calico, privateKey: "a key", kubeconfig: "a kubeconfig" };
  const named = Object.entries(given).map(([name, value]) => [`own-program:${name}`, value]);
  await writeFile(file, stringify({ config: { ...config, ...Object.fromEntries(named) } }));
}

test("a preview of examples/own-program succeeds with the installed npm package", async () => {
  const inProgram = (...args: string[]) => workspace.pulumi("--cwd", program, ...args);
  const made = await inProgram("stack", "init", "dev");
  assert.equal(made.code, 0, made.output);
  const { code, output } = await inProgram("preview", "--diff");
  assert.equal(code, 0, output);
  for (const name of ["node1-files", "pods-daemonset-calico-node", "shop-shop-networkpolicy-default-deny-all"]) {
    assert.match(output, new RegExp(`::${name}\\]`));
  }
  // The package keeps file modes: an executable file is still executable.
  assert.match(output, /\/usr\/local\/sbin\/kjerne-sysctl-floors *: \{((?!mode +:).)*mode +: "0755"/s);
});

test("examples/own-program type-checks against the installed npm package", async () => {
  const tsc = join(repository, "node_modules/typescript/bin/tsc");
  await run(process.execPath, [tsc, "--project", program]);
});

test("the package says of which version it is, and from which commit it was built", async () => {
  const built = JSON.parse(await readFile(join(program, "node_modules/kjerne/dist/built-from.json"), "utf8"));
  const git = (...args: string[]) => run("git", args, { cwd: repository });
  const dirty = await git("status", "--porcelain", "--untracked-files=no");
  assert.deepEqual(built, {
    version: JSON.parse(await readFile(join(repository, "package.json"), "utf8")).version,
    commit: `${(await git("rev-parse", "HEAD")).trim()}${dirty ? "-dirty" : ""}`,
  });
});

test("a program can import the package's components and no other file of it", async () => {
  const resolve = (name: string) =>
    run(process.execPath, ["--print", `require.resolve(${JSON.stringify(name)})`], { cwd: program });
  assert.equal((await resolve("kjerne")).trim(), join(program, "node_modules/kjerne/dist/components/index.js"));
  await assert.rejects(resolve("kjerne/dist/node-config/kubeadm"), /ERR_PACKAGE_PATH_NOT_EXPORTED/);
});

test("a verification from the npm package runs as compiled JavaScript", async () => {
  const key = join(program, "key");
  await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key]);
  const privateKey = await readFile(key, "utf8");
  const connection = { host: "127.0.0.1", port: 1, privateKey, hostKey: "ssh-ed25519 AAAA" };
  const connections = Object.fromEntries(wanted.nodes.map(({ name }) => [name, connection]));
  await workspace.setInput({ wanted, connections, after: [], settleSeconds: 0 });
  const { code, output } = await workspace.up();
  assert.notEqual(code, 0);
  assert.match(output, /verify\/main\.js failed with status 1/);
  assert.match(output, /\d+ of \d+ checks failed[.,]/);
});
