import type { Reading } from "./answers";
import { type Finding, judge } from "./judge";
import { type Probe, type ProbePod, transferBytes } from "./probe-plan";
import type { Check } from "./report";

/** Result of one connection, by agnhost's `connect`. */
export interface ProbeResult {
  readonly pod: string;
  readonly probe: string;
  /** 0: connected. */
  readonly exitCode: number;
  /** Starts with TIMEOUT, REFUSED, DNS or OTHER where it did not connect. */
  readonly message: string;
}

/** What `node-config/verify/probe.sh` prints. */
export interface ProbeOutput {
  /** Why the probes did not finish, or empty. */
  readonly problem: string;
  readonly results: readonly ProbeResult[];
}

/** Judges every connection of the plan that must end in one way, whether or not it was tried. */
export function probeChecks(plan: readonly ProbePod[], output: Reading<ProbeOutput>): Check[] {
  return plan.flatMap((pod) => [
    ...[...pod.passes, ...pod.carries, ...pod.whole].map((probe) =>
      judge(question(pod, probe, "passes"), output, (found) => passes(ended(found, pod, probe))),
    ),
    ...pod.refused.map((probe) =>
      judge(question(pod, probe, "is refused"), output, (found) => refused(ended(found, pod, probe))),
    ),
  ]);
}

function question(pod: ProbePod, probe: Probe, wanted: "passes" | "is refused") {
  const policies = `kubectl get networkpolicies --namespace ${pod.namespace}`;
  const mtu = "ip link; does the network between the nodes carry packets of network.mtu?";
  const fabric =
    "ls /etc/cni/fabric.d; journalctl -u kjerne-fabric; do switches of the fabric carry packets of network.fabric.mtu, and frames of addresses that are not the card's?";
  const isWhole = pod.whole.includes(probe);
  const isCarried = pod.carries.includes(probe);
  return {
    id: `probe-${pod.name}-${probe.id}`,
    title: `${pod.app} in ${pod.namespace} to ${probe.title} ${wanted}`,
    node: pod.node,
    wanted: isCarried ? `${transferBytes} bytes each way` : wanted,
    next: isWhole
      ? fabric
      : isCarried
        ? mtu
        : `${policies}; sudo nft list table inet kjerne; sudo iptables-save -c | grep cali-; sudo journalctl -u kubelet -n 50`,
  };
}

/** Result of one probe, or why there is none. */
function ended({ problem, results }: ProbeOutput, pod: ProbePod, probe: Probe): ProbeResult | string {
  const result = results.find((candidate) => candidate.pod === pod.name && candidate.probe === probe.id);
  return result ?? `not tried${problem ? `: ${problem}` : ", for what comes before it did not pass"}`;
}

function passes(result: ProbeResult | string): Finding {
  if (typeof result === "string") return { found: result, passed: false };
  return { found: result.exitCode === 0 ? "passes" : said(result), passed: result.exitCode === 0 };
}

/** Only a timeout counts as refused by a policy: a reset means that the packet reached a port without a listener. */
function refused(result: ProbeResult | string): Finding {
  if (typeof result === "string") return { found: result, passed: false };
  if (result.exitCode === 0) return { found: "passes", passed: false };
  const dropped = /^TIMEOUT/.test(result.message);
  return { found: dropped ? "is refused" : said(result), passed: dropped };
}

function said({ exitCode, message }: ProbeResult): string {
  return message || `exit status ${exitCode} without a word`;
}
