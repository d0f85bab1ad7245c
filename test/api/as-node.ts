import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { textOf } from "../../components/machine/program-text";
import { run } from "../../tools/run";
import type { ControlPlane } from "./control-plane";

export type AsNode = Awaited<ReturnType<typeof asNode>>;

/**
 * Runs programs as on a machine of its own, whose API server is a control plane's: a directory is its /etc/kubernetes and
 * another its /var/lib/kjerne.
 */
export async function asNode({ binDirectory, kubeconfig }: ControlPlane) {
  const directory = await mkdtemp(join(tmpdir(), "kjerne-as-node-"));
  const at = (path: string) => join(directory, path);
  for (const path of ["kubernetes/kjerne", "kjerne", "work"]) await mkdir(at(path), { recursive: true });
  await run("cp", [kubeconfig, at("kubernetes/admin.conf")]);
  const own = [
    `mkdir -p ${at("etc/kubernetes")}`,
    `mount -t overlay none -o lowerdir=/etc,upperdir=${at("etc")},workdir=${at("work")} /etc`,
    `mount --bind ${at("kubernetes")} /etc/kubernetes`,
    "mount -t tmpfs none /var/lib && mkdir /var/lib/kjerne",
    `mount --bind ${at("kjerne")} /var/lib/kjerne`,
    "unset KUBECONFIG", // of whoever runs the tests
    'exec "$@"',
  ];
  const env = { ...process.env, PATH: `${binDirectory}:${process.env.PATH}` };
  const onNode = (program: readonly string[], input: string) =>
    run("unshare", ["--mount", "bash", "-ec", own.join("; "), "bash", ...program], { input, env });
  return {
    /** Where `kubernetes/…` and `kjerne/…` lie here. */
    at,
    onNode,
    /** Runs a script of node-config/ as the stack does, optionally behind other words. */
    script: (path: string, input: string, before: readonly string[] = []) =>
      onNode([...before, "bash", "-c", textOf(path), path, "update"], input),
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}
