import { type Reading, read } from "./answers";
import { type ProbeOutput, probeChecks } from "./probe-checks";
import { probeInput, probeSeconds } from "./probe-manifests";
import { probePlan } from "./probe-plan";
import type { Check } from "./report";
import { onControlPlane, type Run } from "./run";
import type { Wanted, WantedNode } from "./wanted";

/** Probes wait for those of another verification, and remove what a killed run left, before their own time begins. */
const waitSeconds = 660;

/** Lets pods on these nodes try connections, and judges how they ended. */
export async function probe(wanted: Wanted, ready: readonly WantedNode[], run: Run): Promise<Check[]> {
  const plan = probePlan({ ...wanted, nodes: ready.length > 0 ? ready : wanted.nodes });
  const output = ready.length > 0 ? await connect() : { unreadable: "not tried: no node is Ready" };
  return probeChecks(plan, output);

  async function connect(): Promise<Reading<ProbeOutput>> {
    const input = JSON.stringify(probeInput(plan, wanted.probe, wanted.fabric?.mtu));
    try {
      const stdout = await onControlPlane(wanted, run, "verify/probe.sh", input, probeSeconds + waitSeconds);
      return read({ status: 0, stdout, stderr: "" }, JSON.parse);
    } catch (error) {
      return { unreadable: `${error}` };
    }
  }
}
