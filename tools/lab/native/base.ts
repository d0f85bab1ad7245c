import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { cached } from "../../cache";
import { asRoot } from "../../run";
import type { Supply } from "../../supply/supply";

/** Packages of a machine as it is rented: Debian with a login, and nothing of Kubernetes or containers. */
const packages = [
  ...["systemd-sysv", "dbus", "libpam-systemd", "openssh-server", "sudo", "ca-certificates", "python3"],
  ...["iproute2", "iputils-ping", "procps", "kmod", "apt", "less", "e2fsprogs", "mount", "util-linux"],
];

/**
 * The root file system that native nodes start from, in the cache: a bare Debian, installed from the supply's apt
 * repository. Nodes mount it below a layer of their own and never write to it.
 *
 * @returns its directory
 */
export async function nativeBase(supply: Supply, say: (line: string) => void): Promise<string> {
  const apt = join(supply.directory, "apt");
  const inputs = [
    supply.index.suite,
    ...packages,
    ...(await debianPackages(supply)),
    ...(await texts(__dirname, "finish-base", "files")),
  ];
  const directory = await cached("native-base", inputs, async (unfinished) => {
    say("root file system of native nodes");
    const source = `deb [signed-by=${supply.directory}/kjerne.asc] copy:${apt} ${supply.index.suite} main`;
    const options = [
      "--quiet",
      "--mode=root",
      "--variant=minbase",
      "--format=directory",
      `--include=${packages.join(",")}`,
      // The cache is in a home directory, which apt's own user may not read.
      '--aptopt=APT::Sandbox::User "root"',
      ...["doc", "man", "locale", "info"].map((unread) => `--dpkgopt=path-exclude=/usr/share/${unread}/*`),
      "--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr",
      `--customize-hook=${join(__dirname, "finish-base")}`,
    ];
    const root = join(unfinished, "root");
    await asRoot("mmdebstrap", ...options, supply.index.suite, root, source);
  });
  return join(directory, "root");
}

/** The packages of Debian in the supply, with their versions. Packages that kjerne builds are in no base. */
async function debianPackages(supply: Supply): Promise<string[]> {
  const all = await readdir(join(supply.directory, "apt/pool"));
  return all.filter((file) => !((file.split("_")[0] as string) in supply.index.packages)).sort();
}

/** Paths and contents of files, and of all files below folders. */
async function texts(directory: string, ...names: readonly string[]): Promise<string[]> {
  const all: string[] = [];
  for (const name of names) {
    const path = join(directory, name);
    const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => undefined);
    const files = entries
      ? entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
      : [path];
    for (const file of files.sort()) all.push(file.slice(directory.length), await readFile(file, "utf8"));
  }
  return all;
}
