import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { after, before, describe } from "node:test";
import { startMachines, takeDown } from "../../commands/lab/bring-up";
import { labStack } from "../../commands/lab/lab-stack";
import type { MainInput } from "../../components/verify/main";
import { type Report, table } from "../../components/verify/report";
import { overSsh } from "../../components/verify/ssh";
import { settled } from "../../components/verify/verify";
import type { Workload } from "../../node-config/workload/questions";
import { ensureEngine } from "../../tools/engine/engine";
import { onHypervisor } from "../../tools/lab/hypervisor";
import { type LabAddresses, labFiles } from "../../tools/lab/plan";
import { untilSucceeds } from "../../tools/lab/until";
import { run } from "../../tools/run";
import { ensureSecret, ensureStack, runStack, type Stack, stackOutput } from "../../tools/stack";
import { ensureSupply } from "../../tools/supply/supply";
import { keepDiagnostics } from "../e2e/diagnostics";
import { letOthersWait } from "../e2e/precedence";
import { changeSettings, nodeIn } from "../e2e/settings";
import { onNode } from "../e2e/shell";
import { steps } from "../e2e/steps";

/** The lab of this test, beside any other. Each run first removes what an interrupted run left. */
const lab = "e2e-latency";
const say = (line: string) => console.log(line);
const hugePagesMiB = 64;

/** Answers that choose the profile `latency`. */
const workload: Workload = {
  ...{ communication: "often", latency: "critical", eastWest: "some" },
  ...{ exchange: "small-messages", directAccess: "unneeded", priority: "performance" },
};

describe("a worker on a virtual machine for a workload to which latency is critical", { concurrency: false }, () => {
  let stack: Stack;
  let addresses: LabAddresses;
  const { step, hasFailed } = steps();

  before(async () => {
    await takeDown(lab);
    await letOthersWait(lab, true);
    stack = await labStack(lab, await ensureEngine(say));
    const machines = { MACHINES: "virtual", WORKERS: "1" };
    addresses = await startMachines(lab, await ensureSupply(say), machines, say);
    await ensureStack(stack);
    await ensureSecret(stack, "kjerne:bgpPasswords.router", await readFile(labFiles(lab).bgpPassword, "utf8"));
  });

  after(async () => {
    if (hasFailed()) console.error(`Logs that explain the failure are in ${await keepDiagnostics(stack)}`);
    await takeDown(lab);
    await letOthersWait(lab, false);
  });

  step("it passes every check", async () => {
    await changeSettings(stack, (config) => {
      Object.assign(nodeIn(config, "worker1"), { cpus: 2, pinnedCpus: [0, 1] });
      config["kjerne:workload"] = workload;
      config["kjerne:kubernetes"].hugePagesMiB = hugePagesMiB;
    });
    await runStack(stack, "up", ["--yes", "--skip-preview"], say);
    await writeFile(labFiles(lab).kubeconfig, (await stackOutput<string>(stack, "kubeconfig")) ?? "", { mode: 0o600 });
    const report = (await stackOutput<Report>(stack, "report")) as Report;
    assert.ok(report.passed, table(report));
    await seenThere();
  });

  step("a pod that asks for a whole CPU has one for itself, which no other pod has", async () => {
    const { wanted } = (await stackOutput<MainInput>(stack, "verification")) as MainInput;
    await leaveACpu();
    await apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: "trading" } });
    const cpusOf = async (name: string) =>
      (
        await run("kubectl", ["exec", "--namespace", "trading", name, "--", "cat", "/proc/self/status"], {
          env: stack.env,
        })
      ).match(/^Cpus_allowed_list:\s+(\S+)$/m)?.[1];
    for (const [name, resources] of Object.entries({ alone: { cpu: "1", memory: "64Mi" }, shared: undefined })) {
      await apply(podOf(name, wanted.probe.image, resources));
      await run(
        "kubectl",
        ["wait", "--namespace", "trading", `pod/${name}`, "--for=condition=Ready", "--timeout=600s"],
        {
          env: stack.env,
        },
      );
    }
    assert.deepEqual([await cpusOf("alone"), await cpusOf("shared")], ["1", "0"]);
  });

  step("after a restart of the machine its CPUs, huge pages and kernel settings are in effect", async () => {
    const boot = await onNode(stack, "worker1", "cat /proc/sys/kernel/random/boot_id");
    await onHypervisor(lab, addresses, `virsh -c qemu:///system reboot ${lab}-worker1`);
    await untilSucceeds("another boot of worker1", 600, async () =>
      assert.notEqual(await onNode(stack, "worker1", "cat /proc/sys/kernel/random/boot_id"), boot),
    );
    const { targets, wanted } = (await stackOutput<MainInput>(stack, "verification")) as MainInput;
    const seen = await overSsh(targets, (run) => settled(wanted, run, 1800, say));
    assert.deepEqual(
      seen.checks.filter(({ passed }) => !passed),
      [],
    );
    await seenThere();
  });

  /** Both processors of this machine are the worker's, and one of them is the system's: the other is for the pod alone. */
  async function leaveACpu(): Promise<void> {
    for (const workload of ["daemonset/calico-node", "deployment/coredns"]) {
      const where = ["--namespace", "kube-system", workload];
      await run("kubectl", ["set", "resources", ...where, "--requests=cpu=0"], { env: stack.env });
      await run("kubectl", ["rollout", "status", ...where, "--timeout=900s"], { env: stack.env });
    }
  }

  /** What kubelet and the kernel of the worker have. */
  async function seenThere(): Promise<void> {
    const state = JSON.parse(await onNode(stack, "worker1", "cat /var/lib/kubelet/cpu_manager_state"));
    assert.equal(state.policyName, "static");
    const memory = await onNode(stack, "worker1", "cat /proc/meminfo");
    assert.equal(Number(/^HugePages_Total:\s+(\d+)$/m.exec(memory)?.[1]), hugePagesMiB / 2);
    assert.equal(
      (await onNode(stack, "worker1", "sysctl --values net.core.busy_poll kernel.numa_balancing")).trim(),
      "50\n0",
    );
    const pinned = await onHypervisor(lab, addresses, `virsh -c qemu:///system vcpupin ${lab}-worker1`);
    assert.match(pinned, /^\s*0\s+0\s*$/m);
    assert.match(pinned, /^\s*1\s+1\s*$/m);
  }

  async function apply(object: object): Promise<void> {
    await run("kubectl", ["apply", "--filename", "-"], { env: stack.env, input: JSON.stringify(object) });
  }
});

/** A pod that answers on port 8080; with resources it has them for itself alone. */
function podOf(name: string, image: string, resources?: object): object {
  const securityContext = {
    ...{ runAsNonRoot: true, runAsUser: 65534, allowPrivilegeEscalation: false },
    ...{ capabilities: { drop: ["ALL"] }, seccompProfile: { type: "RuntimeDefault" } },
  };
  const container = {
    ...{ name, image, args: ["netexec", "--http-port=8080", "--udp-port=-1"], securityContext },
    ...(resources ? { resources: { requests: resources, limits: resources } } : {}),
  };
  const metadata = { name, namespace: "trading", labels: { app: name } };
  // By the scheduler, which waits for pods that still end.
  const nodeSelector = { "kubernetes.io/hostname": "worker1" };
  return { apiVersion: "v1", kind: "Pod", metadata, spec: { nodeSelector, containers: [container] } };
}
