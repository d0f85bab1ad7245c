import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { textOf } from "../../components/machine/program-text";
import { run } from "../../tools/run";
import type { ControlPlane } from "./control-plane";

export type NodeScripts = Awaited<ReturnType<typeof nodeScripts>>;

/** Scripts of node-config/ as they run on a control plane: kubectl reaches its API server, and crictl its etcd. */
export async function nodeScripts({ binDirectory, kubeconfig, etcdctl }: ControlPlane) {
  const directory = await mkdtemp(join(tmpdir(), "kjerne-node-scripts-"));
  const put = async (name: string, text: string) => {
    await writeFile(join(directory, name), text);
    await chmod(join(directory, name), 0o755);
    return join(directory, name);
  };
  // A fake crictl: `crictl exec … etcdctl` runs etcdctl here, against the etcd of this control plane.
  const inside = `while [[ $1 != member ]]; do shift; done; exec ${etcdctl.join(" ")} "$@"`;
  await put("crictl", `#!/usr/bin/env bash\n[[ $1 == ps ]] && echo etcd && exit\n${inside}\n`);
  const PATH = `${directory}:${binDirectory}:${process.env.PATH}`;
  return {
    /** Writes a file, such as a program that comes before those of the machine, and gives its path. */
    put,
    /** Runs a script as the stack does, optionally behind other words; an error has what it said. */
    run: async (script: string, action: string, stdin: object, before: readonly string[] = []): Promise<string> => {
      const args = ["60", ...before, "bash", "-c", textOf(script), script, action];
      const env = { ...process.env, KUBECONFIG: kubeconfig, PATH };
      return run("timeout", args, { input: JSON.stringify(stdin), env }).catch(({ stderr }: { stderr: string }) => {
        throw new Error(stderr);
      });
    },
    remove: () => rm(directory, { recursive: true }),
  };
}
