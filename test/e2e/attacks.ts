import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { insideNode } from "../../tools/lab/native/node-processes";
import { type LabAddresses, nodeAddress } from "../../tools/lab/plan";
import { run } from "../../tools/run";
import type { Stack } from "../../tools/stack";
import { restrictedPod } from "./restricted-pod";
import { kubectl } from "./shell";

/** What somebody tried who has no business there, and whether it worked. */
export interface Attempt {
  readonly tried: string;
  readonly isOpen: boolean;
}

/** Everything that programs/attack-from-pod.sh tries in a pod without privileges, in a namespace that was just made. */
export async function attackFromPod(stack: Stack, addresses: LabAddresses, image: string): Promise<Attempt[]> {
  const namespace = "attacker";
  await kubectl(stack, "create", "namespace", namespace);
  try {
    const objects = {
      apiVersion: "v1",
      kind: "List",
      items: [restrictedPod("shell", image, "pause"), restrictedPod("target", image, "netexec")],
    };
    await run("kubectl", ["create", "--namespace", namespace, "--filename", "-"], {
      env: stack.env,
      input: JSON.stringify(objects),
    });
    await run(
      "kubectl",
      ["wait", "--for=condition=Ready", "pod", "--all", "--namespace", namespace, "--timeout=300s"],
      {
        env: stack.env,
      },
    );
    const { status } = await kubectl<Pod>(stack, "get", "pod", "target", "--namespace", namespace);
    const [api, dns] = await Promise.all([
      kubectl<Service>(stack, "get", "service", "kubernetes", "--namespace", "default"),
      kubectl<Service>(stack, "get", "service", "kube-dns", "--namespace", "kube-system"),
    ]);
    const known = {
      OWN: nodeAddress(addresses, "worker1"),
      WORKER: nodeAddress(addresses, "cp2"),
      CONTROL_PLANE: nodeAddress(addresses, "cp1"),
      HYPERVISOR: addresses.hypervisor,
      ROUTER: addresses.router,
      OUTSIDE: `${addresses.mirror}:5000`,
      API: api.spec.clusterIP,
      DNS: dns.spec.clusterIP,
      POD: status.podIP,
    };
    const variables = Object.entries(known).map(([name, value]) => `${name}=${value}`);
    const exec = ["exec", "--stdin", "shell", "--namespace", namespace, "--", "env", ...variables, "sh", "-s"];
    return attempts(await run("kubectl", exec, { env: stack.env, input: await script("attack-from-pod.sh") }));
  } finally {
    await run("kubectl", ["delete", "namespace", namespace], { env: stack.env });
  }
}

/** Everything that programs/attack-from-node.sh tries with the credential of worker1's kubelet. */
export async function attackFromNode(lab: string, addresses: LabAddresses): Promise<Attempt[]> {
  const [own, controlPlane] = [nodeAddress(addresses, "worker1"), nodeAddress(addresses, "cp1")];
  const known = [`OWN=${own}`, "CONTROL_PLANE=cp1", `ADDRESS=${controlPlane}`, "OTHER=cp2"];
  return attempts(await insideNode(lab, "worker1", "env", ...known, "bash", "-c", await script("attack-from-node.sh")));
}

const script = (name: string) => readFile(join(__dirname, "programs", name), "utf8");

function attempts(printed: string): Attempt[] {
  return printed
    .trim()
    .split("\n")
    .map((line) => {
      const [ended, tried] = line.split("\t");
      if ((ended !== "open" && ended !== "refused") || !tried) throw new Error(`no attempt: ${line}`);
      return { tried, isOpen: ended === "open" };
    });
}

interface Pod {
  readonly status: { readonly podIP: string };
}
interface Service {
  readonly spec: { readonly clusterIP: string };
}
