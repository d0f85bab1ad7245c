import type { Reading } from "./answers";
import type { Certificate } from "./certificates";
import { equals, type Finding, faultless, judge } from "./judge";
import type { Check } from "./report";
import type { WantedNode, WantedSysctl } from "./wanted";

/** @param problem Why nothing could be read on the node; empty when all was asked. */
export function answersBySsh({ name, address }: WantedNode, problem: string): Check {
  return {
    id: "ssh",
    title: "the node answers by ssh, and could be read",
    node: name,
    wanted: "yes",
    found: problem || "yes",
    passed: problem === "",
    next: `ssh to ${address} as the settings say; where nothing answers: its console, and whether the machine runs`,
    here: true,
  };
}

/** Whether the machine at a node's address is that node. */
export function hostname(node: string, found: Reading<string>): Check {
  const question = { id: "hostname", title: "the node has its name", node, wanted: node, next: "hostnamectl" };
  return judge(question, found, equals(node));
}

export function kernelModules(node: string, wanted: readonly string[], loaded: Reading<ReadonlySet<string>>): Check {
  const question = {
    id: "kernel-modules",
    title: "kernel modules are loaded",
    node,
    wanted: wanted.join(", "),
    next: "lsmod; systemctl status systemd-modules-load",
  };
  return judge(question, loaded, (found) => {
    const absent = wanted.filter((module) => !found.has(module.replaceAll("-", "_")));
    return faultless(
      absent.map((module) => `${module} is not loaded`),
      `all ${wanted.length}`,
    );
  });
}

export function sysctl(node: string, wanted: WantedSysctl, values: Reading<ReadonlyMap<string, string>>): Check {
  const question = {
    id: `sysctl-${wanted.key}`,
    title: `${wanted.key} is effective`,
    node,
    wanted: wanted.atLeast ? `at least ${wanted.value}` : wanted.value,
    next: `sysctl ${wanted.key}; grep -r ${wanted.key} /etc/sysctl.d /usr/lib/sysctl.d`,
  };
  return judge(question, values, (found) => setting(wanted, found.get(wanted.key)));
}

function setting({ value, atLeast }: WantedSysctl, effective: string | undefined): Finding {
  if (effective === undefined) return { found: "the kernel has no such key", passed: false };
  const [found, wanted] = [effective, value].map((text) => text.trim().split(/\s+/)) as [string[], string[]];
  const good = (number: string, field: number) => Number(number) >= Number(wanted[field]);
  const passed = atLeast ? found.length === wanted.length && found.every(good) : found.join(" ") === wanted.join(" ");
  return { found: found.join(" "), passed };
}

export function cgroupDriver(node: string, systemd: Reading<boolean>): Check {
  const question = {
    id: "cgroup-driver",
    title: "containerd leaves cgroups to systemd",
    node,
    wanted: "systemd",
    next: "sudo crictl info | grep SystemdCgroup",
  };
  return judge(question, systemd, (found) => equals("systemd")(found ? "systemd" : "cgroupfs"));
}

/** CPU steal shows neighbours on the same host: time that the node wanted to run and the host gave to others. */
export function cpuSteal(node: string, limitPercent: number, steal: Reading<number>): Check {
  const question = {
    id: "cpu-steal",
    title: "the host takes no CPU time away",
    node,
    wanted: `at most ${limitPercent} %`,
    next: "vmstat 1 10",
  };
  return judge(question, steal, (percent) => ({ found: `${percent.toFixed(1)} %`, passed: percent <= limitPercent }));
}

/**
 * kubelet renews its own certificate in the last tenth of its year. Those of a control plane expire, and the cluster
 * with them.
 */
const certificateDays = 30;

export function certificates(node: string, certificates: Reading<readonly Certificate[]>): Check {
  const question = {
    id: "certificates",
    title: "certificates have time left",
    node,
    wanted: `at least ${certificateDays} days`,
    next: "renew them as docs/operations.md says; for a kubelet's: journalctl -u kubelet, kubectl get csr",
  };
  return judge(question, certificates, (found) => {
    if (found.length === 0) return { found: "no certificate", passed: false };
    const ending = found.filter(({ daysLeft }) => daysLeft < certificateDays);
    return faultless(
      ending.map(({ path, daysLeft }) => `${path}: ${daysLeft} days`),
      `${Math.min(...found.map(({ daysLeft }) => daysLeft))} days`,
    );
  });
}
