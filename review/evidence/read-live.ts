import type { Answer } from "../../components/verify/answers";
import type { MainInput } from "../../components/verify/main";
import { overSsh } from "../../components/verify/ssh";
import type { Landmark } from "../../components/verify/wanted";
import type { Resource } from "../../policies/rule";
import { declaredIn, liveFacts, type Vantage } from "./live";
import type { LiveFacts } from "./schema";

/**
 * Reads on each node of a running stack which servers it uses and which images it runs, and judges that.
 *
 * @param targets How to reach the nodes: from the stack's output `verification`.
 * @param vantage Servers whose place is known, `ADDRESS:PORT` → place.
 */
export async function readLive(
  targets: MainInput["targets"],
  resources: readonly Resource[],
  vantage: Vantage,
): Promise<LiveFacts> {
  const declared = declaredIn(resources);
  const facts = await overSsh(targets, (run) =>
    Promise.all(
      Object.keys(targets).map(async (node) => {
        const stdin = JSON.stringify({ vantage: [...vantage.keys()] });
        const answers: Record<string, Answer> = JSON.parse(await run(node, "verify/residency.sh", stdin));
        return liveFacts(node, answers, declared, vantage);
      }),
    ),
  );
  return { time: new Date().toISOString(), facts: facts.flat() };
}

/** Landmarks of the settings, `ADDRESS:PORT` → place, and those that somebody named besides, who is believed first. */
export function knownPlaces(landmarks: readonly Landmark[] = [], vantage: Vantage = new Map()): Vantage {
  return new Map([...landmarks.map(({ name, address, port }) => [`${address}:${port}`, name] as const), ...vantage]);
}

/** `10.20.0.1:179=Oslo` → address and place. @throws Error with the form, if a text does not have it */
export function parseVantage(texts: readonly string[]): Vantage {
  return new Map(
    texts.map((text) => {
      const [, address, place] = /^([^=]+:\d+)=(.+)$/.exec(text) ?? [];
      if (!address || !place)
        throw new Error(`vantage point ${text} is not ADDRESS:PORT=PLACE, such as 10.20.0.3:22=Oslo`);
      return [address, place];
    }),
  );
}
