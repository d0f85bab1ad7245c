import { randomInt } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { lastIn } from "../../node-config/values/addresses";
import { type Run, textOf, UnreachableError } from "../verify/run";
import { type Direction, type Kind, neededKinds, smallerSizes, type TrialFacts } from "./judge";

/** What `packets.py` prints after it has sent, by the address of the other machine. */
type Sent = Readonly<Record<string, Omit<Direction, "from" | "to" | "came">>>;
/** What it prints after it has listened. */
interface Heard {
  /** Kinds by the address of who sent them. */
  readonly came: Readonly<Record<string, readonly Kind[]>>;
  /** Where what is needed did not all come. */
  readonly gaveUpAfterSeconds?: number;
}
type Node = TrialFacts["nodes"][number];

export interface TrialOptions {
  /** Progress, a line at a time. @default - silent */
  readonly say?: (line: string) => void;
}

/** Listening ends when all came that is needed; so only where something is dropped, or a machine is busy, it takes long. */
const seconds = { first: 20, most: 320 };

/**
 * Every machine sends to every other what a cluster would send, and listens. Gives what became of it for each direction
 * between two machines that answered; those that did not are said. Rejects when a machine can't try, for want of root,
 * python3 or its address, or is so busy that nobody can tell what was dropped and what was never sent.
 */
export async function tryNetwork(facts: TrialFacts, run: Run, options: TrialOptions = {}): Promise<Direction[]> {
  const { say = () => {} } = options;
  say(`network: ${facts.nodes.length} machines send to each other what a cluster would send`);
  for (let patience = facts.seconds ?? seconds.first; ; patience *= 2) {
    const { unsure, directions } = await tryFor(patience, facts, run, say);
    if (unsure.length === 0) return directions;
    const busy = `the machines were too busy to send while ${unsure.join(", ")} listened for ${patience} s`;
    if (patience >= seconds.most) {
      throw new Error(`network: ${busy}, so nothing is known of the network; see what keeps them busy and try again`);
    }
    say(`network: ${busy}; they try again for ${2 * patience} s`);
  }
}

/** Those are unsure who missed something, while another machine that answers sent nothing as long as they listened. */
async function tryFor(patience: number, facts: TrialFacts, run: Run, say: (line: string) => void) {
  const program = await textOf("trial/packets.py");
  const token = randomInt(1, 2 ** 32);
  const ask = <T>(node: Node, doing: "send" | "listen"): Promise<T | undefined> => {
    const others = facts.nodes.filter((other) => other !== node);
    const input = {
      ...{ program, do: doing, token, seconds: patience, address: node.address, pods: lastIn(facts.podCidr) },
      others: others.map(({ address }) => address),
      timed: others.filter(({ role }) => role === "control-plane" && node.role === role).map(({ address }) => address),
      sizes: [facts.mtu, ...smallerSizes(facts.mtu)],
      needed: { near: neededKinds(facts, false), far: neededKinds(facts, true) },
    };
    return run(node.name, "trial/packets.sh", JSON.stringify(input), patience + 60).then(
      (text) => JSON.parse(text),
      (error) => {
        if (!(error instanceof UnreachableError)) throw error;
        say(`network: ${node.name} did not answer, so nothing is known of its network: ${error.message}`);
        return undefined;
      },
    );
  };
  const listening = Promise.all(
    facts.nodes.map(async (node) => ({ heard: await ask<Heard>(node, "listen"), ended: performance.now() })),
  );
  // Again until all have heard or given up: who sends first may be earlier than who listens last.
  const over = listening.then(() => true);
  const sending = facts.nodes.map(async (node) => {
    const times: { readonly began: number; readonly ended: number }[] = [];
    for (;;) {
      const began = performance.now();
      const sent = await ask<Sent>(node, "send");
      times.push({ began, ended: performance.now() });
      if (sent === undefined || (await Promise.race([over, setTimeout(1000, false)]))) return { sent, times };
    }
  });
  const [listeners, senders] = [await listening, await Promise.all(sending)];

  const isUnsure = (_: Node, at: number) => {
    const { heard, ended } = listeners[at] as (typeof listeners)[number];
    if (heard?.gaveUpAfterSeconds === undefined) return false;
    const from = ended - 1000 * heard.gaveUpAfterSeconds;
    const inTime = ({ times }: (typeof senders)[number]) =>
      times.some((time) => time.began >= from && time.ended <= ended);
    return senders.some((sender, other) => other !== at && sender.sent && !inTime(sender));
  };
  const told = directions(
    facts,
    senders.map(({ sent }) => sent),
    listeners.map(({ heard }) => heard?.came),
  );
  return { unsure: facts.nodes.filter(isUnsure).map(({ name }) => name), directions: told };
}

/** Those between two machines that both told what they saw. */
function directions(
  { nodes }: TrialFacts,
  sent: readonly (Sent | undefined)[],
  heard: readonly (Heard["came"] | undefined)[],
): Direction[] {
  return nodes.flatMap((from, at) =>
    nodes.flatMap((to, there) => {
      const said = sent[at]?.[to.address];
      const came = heard[there]?.[from.address];
      return said && came ? [{ from, to, came, ...said }] : [];
    }),
  );
}
