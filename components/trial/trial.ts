import { randomInt } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { lastIn } from "../../node-config/values/addresses";
import { type Run, textOf, UnreachableError } from "../verify/run";
import { type Direction, type Kind, neededKinds, smallerSizes, type TrialFacts } from "./judge";

/** What `packets.py` prints after it has sent, by the address of the other machine. */
type Sent = Readonly<Record<string, Omit<Direction, "from" | "to" | "came">>>;
/** What it prints after it has listened: kinds by the address of who sent them. */
type Heard = Readonly<Record<string, readonly Kind[]>>;

export interface TrialOptions {
  /** Progress, a line at a time. @default - silent */
  readonly say?: (line: string) => void;
}

/**
 * Every machine sends to every other what a cluster would send, and listens. Gives what became of it for each direction
 * between two machines that answered; those that did not are said. Rejects when a machine can't try, for want of root,
 * python3 or its address.
 */
export async function tryNetwork(facts: TrialFacts, run: Run, options: TrialOptions = {}): Promise<Direction[]> {
  const { say = () => {} } = options;
  const { seconds = 20 } = facts;
  const program = await textOf("trial/packets.py");
  const token = randomInt(1, 2 ** 32);
  const ask = <T>(node: TrialFacts["nodes"][number], doing: "send" | "listen"): Promise<T | undefined> => {
    const others = facts.nodes.filter((other) => other !== node);
    const input = {
      ...{ program, do: doing, token, seconds, address: node.address, pods: lastIn(facts.podCidr) },
      others: others.map(({ address }) => address),
      timed: others.filter(({ role }) => role === "control-plane" && node.role === role).map(({ address }) => address),
      sizes: [facts.mtu, ...smallerSizes(facts.mtu)],
      needed: { near: neededKinds(facts, false), far: neededKinds(facts, true) },
    };
    return run(node.name, "trial/packets.sh", JSON.stringify(input), seconds + 60).then(
      (text) => JSON.parse(text),
      (error) => {
        if (!(error instanceof UnreachableError)) throw error;
        say(`network: ${node.name} did not answer, so nothing is known of its network: ${error.message}`);
        return undefined;
      },
    );
  };
  const each = <T>(doing: "send" | "listen") => Promise.all(facts.nodes.map((node) => ask<T>(node, doing)));

  say(`network: ${facts.nodes.length} machines send to each other what a cluster would send`);
  const listening = each<Heard>("listen");
  // Again until all have heard or given up: who sends first may be earlier than who listens last.
  const over = listening.then(() => true);
  let sent: readonly (Sent | undefined)[];
  do sent = await each<Sent>("send");
  while (!(await Promise.race([over, setTimeout(1000, false)])));
  return directions(facts, sent, await listening);
}

/** Those between two machines that both told what they saw. */
function directions(
  { nodes }: TrialFacts,
  sent: readonly (Sent | undefined)[],
  heard: readonly (Heard | undefined)[],
): Direction[] {
  return nodes.flatMap((from, at) =>
    nodes.flatMap((to, there) => {
      const said = sent[at]?.[to.address];
      const came = heard[there]?.[from.address];
      return said && came ? [{ from, to, came, ...said }] : [];
    }),
  );
}
