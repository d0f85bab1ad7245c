import { chmod, cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cached } from "../cache";
import { run } from "../run";

/** What of Calico is not a program: the file tree of calico/node and the manifests, from the module's sources. */
export interface CalicoFiles {
  /** Tree that lies over the userland in the image calico/node. */
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
 * `krt_tunnel` is an attribute of Calico's own BIRD. Debian's does not know it, and without encapsulation it has nothing
 * to say: its value is the empty string. A pool with IPIP would run here without its tunnel, so this image is for pools
 * without encapsulation; the verification reports any other.
 */
async function dropTunnels(templates: string) {
  for (const name of birdTemplates) {
    const file = join(templates, name);
    const lines = (await readFile(file, "utf8")).split("\n");
    await writeFile(file, lines.filter((line) => !line.trim().startsWith("krt_tunnel")).join("\n"));
  }
}
