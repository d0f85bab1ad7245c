import { type Answer, type Ask, isAnswer } from "./answers";
import { echoTargets } from "./mtu-checks";
import { type ObservedCluster, observedCluster } from "./observed-cluster";
import { type ObservedNode, observedNode } from "./observed-node";
import { onControlPlane, type Run } from "./run";
import { sysctlsOf, type Wanted, type WantedNode } from "./wanted";

/** Length of the CPU steal sample, in seconds. */
const sampleSeconds = 5;

/** What the API server holds. */
export async function readCluster(wanted: Wanted, run: Run): Promise<ObservedCluster> {
  return observedCluster(await asked(() => onControlPlane(wanted, run, "verify/observe-cluster.sh", "{}")));
}

export interface ReadNode {
  readonly node: WantedNode;
  readonly observed: ObservedNode;
  /** Why it could not be read, or empty. */
  readonly problem: string;
  /** When the session was opened, and when it had ended, by this machine's clock, in seconds since 1970. */
  readonly asked: number;
  readonly answered: number;
}

/** What one node is and does right now. */
export async function readNode(wanted: Wanted, node: WantedNode, packets: string, run: Run): Promise<ReadNode> {
  const input = {
    sysctls: sysctlsOf(wanted, node).map(({ key }) => key),
    seconds: node.container ? 0 : sampleSeconds,
    mtu: wanted.mtu,
    others: echoTargets(wanted.nodes, node).map(({ address }) => address),
    announced: wanted.loadBalancerCidrs !== undefined || wanted.announcedEndpoint !== undefined,
    fullPackets: packets,
  };
  const now = () => Date.now() / 1000;
  const began = now();
  let problem = "";
  const ask = await asked(
    () => run(node.name, "verify/observe.sh", JSON.stringify(input)),
    (reason) => {
      problem = reason;
    },
  );
  return { node, observed: observedNode(ask), problem, asked: began, answered: now() };
}

/** The answers that a script printed. When it could not be run, every reading fails with the reason. */
export async function asked(print: () => Promise<string>, failed: (reason: string) => void = () => {}): Promise<Ask> {
  try {
    const answers: Readonly<Record<string, Answer>> = JSON.parse(await print());
    if (!Object.values(answers).every(isAnswer)) throw new Error("it printed something else than answers");
    return (name) => answers[name];
  } catch (error) {
    const reason = `${error}`.replace(/^Error: /, "");
    failed(reason);
    return () => ({ status: 1, stdout: "", stderr: reason });
  }
}
