import { copyFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { minorOf, versions } from "../../node-config/versions";
import { run } from "../../tools/run";
import type { Supply } from "../../tools/supply/supply";

/** Names that lead to upstream's servers here, by whom they lead to. */
export const names = {
  files: ["pkgs.k8s.io", "download.docker.com", "ftp.debian.org", "security.debian.org", "raw.githubusercontent.com"],
  registry: ["registry.k8s.io", "registry-1.docker.io"],
  tokens: ["auth.docker.io"],
} as const;

export interface UpstreamFiles {
  /** Files by host name and path. */
  readonly served: string;
  /** The key that signed Debian's packages, as `debian-archive-keyring.gpg` has it. */
  readonly debianKeyring: Buffer;
}

/**
 * Lays out the supply's packages and Calico's manifest as upstream does: Kubernetes' in a repository without suites,
 * containerd with runc in Docker's package of that name, Debian's own without either. A key of its own signs each list.
 */
export async function upstreamFiles(supply: Supply, scratch: string): Promise<UpstreamFiles> {
  const served = join(scratch, "served");
  const home = join(scratch, "keys");
  await mkdir(home, { recursive: true, mode: 0o700 });
  const gpg = (...args: string[]) =>
    run("gpg", ["--homedir", home, "--batch", "--quiet", "--pinentry-mode", "loopback", ...args]);
  await gpg("--passphrase", "", "--quick-generate-key", "upstream", "ed25519", "sign", "never");
  const armoured = await gpg("--armor", "--export");
  const keyring = join(scratch, "debian-archive-keyring.gpg");
  await gpg("--output", keyring, "--export");

  const pool = join(supply.directory, "apt/pool");
  const all = (await readdir(pool)).map((file) => join(pool, file));
  const packageOf = (file: string) => basename(file).split("_")[0] as string;
  const kubernetes = /^(kubeadm|kubelet|kubectl|cri-tools|kubernetes-cni)$/;
  const built = (file: string) => packageOf(file) in supply.index.packages;
  const flat = `pkgs.k8s.io/core:/stable:/v${minorOf(versions.default)}/deb`;
  const docker = "download.docker.com/linux/debian";
  const [codename, component] = [supply.index.suite, "main"];
  await repository(
    flat,
    undefined,
    all.filter((file) => kubernetes.test(packageOf(file))),
  );
  await repository(docker, { codename, component: "stable" }, [await containerdIo()]);
  await repository(
    "ftp.debian.org/debian",
    { codename, component },
    all.filter((file) => !built(file)),
  );
  await repository("security.debian.org/debian-security", { codename: `${codename}-security`, component }, []);
  await writeFile(join(served, flat, "Release.key"), armoured);
  await writeFile(join(served, docker, "gpg"), armoured);
  const calico = join(served, `raw.githubusercontent.com/projectcalico/calico/v${versions.supply.calico}/manifests`);
  await mkdir(calico, { recursive: true });
  await copyFile(join(supply.directory, "manifests/calico.yaml"), join(calico, "calico.yaml"));
  await run("gpgconf", ["--homedir", home, "--kill", "gpg-agent"]);
  return { served, debianKeyring: await readFile(keyring) };

  /** Without a suite, the lists lie beside the packages. */
  async function repository(
    path: string,
    suite: { readonly codename: string; readonly component: string } | undefined,
    packages: readonly string[],
  ): Promise<void> {
    const root = join(served, path);
    const lists = suite ? join(root, "dists", suite.codename) : root;
    const index = suite ? join(lists, suite.component, "binary-amd64") : root;
    await mkdir(join(root, "pool"), { recursive: true });
    await mkdir(index, { recursive: true });
    for (const file of packages) await copyFile(file, join(root, "pool", basename(file)));
    await writeFile(join(index, "Packages"), await run("apt-ftparchive", ["packages", "pool"], { cwd: root }));
    const fields = suite ? { Suite: suite.codename, Codename: suite.codename, Components: suite.component } : {};
    const options = Object.entries({ ...fields, Architectures: "amd64" }).flatMap(([field, value]) => [
      "-o",
      `APT::FTPArchive::Release::${field}=${value}`,
    ]);
    const release = await run("apt-ftparchive", [...options, "release", lists]);
    await writeFile(join(lists, "Release"), release);
    await gpg("--clearsign", "--output", join(lists, "InRelease"), join(lists, "Release"));
  }

  /** Docker's package has containerd and runc under one name, and a configuration that Kubernetes can't use. */
  async function containerdIo(): Promise<string> {
    const tree = join(scratch, "containerd.io");
    const one = (name: string) => all.find((file) => packageOf(file) === name) as string;
    await run("dpkg-deb", ["--raw-extract", one("containerd"), tree]);
    await run("dpkg-deb", ["--extract", one("runc"), tree]);
    const control = join(tree, "DEBIAN/control");
    const depends = /^Depends: (.*)$/m.exec(await run("dpkg-deb", ["--info", one("runc"), "control"]))?.[1];
    const fields = (await readFile(control, "utf8"))
      .replace(/^Package: .*$/m, "Package: containerd.io")
      .replace(/^(Depends|Conflicts|Provides|Replaces): .*\n/gm, "");
    const others = "Provides: containerd, runc\nConflicts: containerd, runc\nReplaces: containerd, runc\n";
    await writeFile(control, `${fields.trimEnd()}\n${depends ? `Depends: ${depends}\n` : ""}${others}`);
    await mkdir(join(tree, "etc/containerd"), { recursive: true });
    await writeFile(join(tree, "etc/containerd/config.toml"), 'disabled_plugins = ["cri"]\n');
    await writeFile(join(tree, "DEBIAN/conffiles"), "/etc/containerd/config.toml\n");
    const version = /^Version: (.*)$/m.exec(fields)?.[1];
    const file = join(scratch, `containerd.io_${version}_amd64.deb`);
    await run("dpkg-deb", ["--root-owner-group", "--build", tree, file]);
    return file;
  }
}
