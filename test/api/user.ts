import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { run } from "../../tools/run";
import type { ControlPlane } from "./control-plane";

/** Runs kubectl as a user with a client certificate of its own, which is not the administrator's by another name. */
export async function kubectlAs(
  { kubeconfig, binDirectory }: ControlPlane,
  user: string,
  groups: readonly string[] = [],
): Promise<ControlPlane["kubectl"]> {
  const directory = dirname(kubeconfig);
  const orgs = groups.flatMap((group) => ["--org", group]);
  const config = ["--config", join(directory, "kubeadm.yaml")];
  const kubeadm = ["kubeconfig", "user", "--client-name", user, ...orgs, ...config];
  const file = join(directory, `${encodeURIComponent(user)}.conf`);
  await writeFile(file, await run(join(binDirectory, "kubeadm"), kubeadm), { mode: 0o600 });
  return (args, input) => run(join(binDirectory, "kubectl"), ["--kubeconfig", file, ...args], { input });
}
