import { chmod, cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cached } from "../cache";
import { run } from "../run";

/** Calico's files that are not programs, from its Go module: the file tree of calico/node and the manifest. */
export interface CalicoFiles {
  /** File tree of the image calico/node, over its userland. */
  readonly node: string;
  /** `manifests/calico.yaml` as published. */
  readonly manifest: string;
}

export async function calicoFiles(): Promise<CalicoFiles> {
  const module = join(__dirname, "modules/calico");
  const pinned = await readFile(join(module, "go.mod"), "utf8");
  const directory = await cached("calico-files", [pinned, birdTemplates.join()], async (unfinished) => {
    const options = { cwd: module, env: { GOFLAGS: "-mod=readonly" } };
    const source = (
      await run("go", ["list", "-m", "-f", "{{.Dir}}", "github.com/projectcalico/calico"], options)
    ).trim();
    const node = join(unfinished, "node");
    await mkdir(join(node, "usr"), { recursive: true });
    await cp(join(source, "node/filesystem/etc"), join(node, "etc"), { recursive: true });
    await cp(join(source, "node/filesystem/sbin"), join(node, "usr/sbin"), { recursive: true });
    await makeWritable(node);
    await cp(join(source, "confd/etc/calico/confd"), join(node, "etc/calico/confd"), { recursive: true });
    await makeWritable(node);
    await dropTunnels(join(node, "etc/calico/confd/templates"));
    await cp(join(source, "manifests/calico.yaml"), join(unfinished, "calico.yaml"));
  });
  return { node: join(directory, "node"), manifest: join(directory, "calico.yaml") };
}

/** Files of the module cache are read only, and so are their copies. */
async function makeWritable(root: string) {
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true }))
    await chmod(join(entry.parentPath, entry.name), 0o755);
}

const birdTemplates = ["bird_ipam.cfg.template"];

/**
 * Removes `krt_tunnel`, an attribute of Calico's own BIRD that Debian's BIRD does not have. Without encapsulation its
 * value is the empty string. This image can't serve a pool with IPIP, which would run without its tunnel; the
 * verification reports a pool that encapsulates.
 */
async function dropTunnels(templates: string) {
  for (const name of birdTemplates) {
    const file = join(templates, name);
    const lines = (await readFile(file, "utf8")).split("\n");
    await writeFile(file, lines.filter((line) => !line.trim().startsWith("krt_tunnel")).join("\n"));
  }
}
