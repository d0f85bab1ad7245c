import { type Answer, type Reading, read } from "../../components/verify/answers";
import { at, itemsAt } from "../../policies/reading";
import type { Resource } from "../../policies/rule";
import type { LiveFacts } from "./schema";

export type LiveFact = LiveFacts["facts"][number];
type Answers = Readonly<Record<string, Answer | undefined>>;

/** The servers that a stack declares for its machines, by what they serve. */
export interface Declared {
  readonly hosts: Readonly<Record<"registry" | "packages" | "time" | "dns", readonly string[]>>;
  /** Prefixes of the image names that the registries serve: `registry.k8s.io`, `docker.io/calico`. */
  readonly serves: readonly string[];
}

/** Servers whose place is known: `ADDRESS:PORT` → place. */
export type Vantage = ReadonlyMap<string, string>;

/** Reads what a stack's state declares. */
export function declaredIn(resources: readonly Resource[]): Declared {
  const hosts = (use: string) =>
    resources
      .filter(({ type, name }) => type === "kjerne:residency:Endpoints" && name === use)
      .flatMap(({ properties }) => itemsAt(properties, "hosts").map(({ item }) => item));
  const names = (use: string) => hosts(use).map((host) => String(at(host, "host")));
  return {
    hosts: { registry: names("registry"), packages: names("packages"), time: names("time"), dns: names("dns") },
    serves: hosts("registry").flatMap((host) => itemsAt(host, "serves").map(({ item }) => String(item))),
  };
}

/** Judges what `residency.sh` printed on one node against what the stack declares. */
export function liveFacts(node: string, answers: Answers, declared: Declared, vantage: Vantage): LiveFact[] {
  const { hosts, serves } = declared;
  const servers = (
    about: LiveFact["about"],
    what: string,
    allowed: readonly string[],
    found: Reading<readonly string[]>,
  ) =>
    each(node, about, found, (host) =>
      allowed.includes(host)
        ? { state: "shown", meaning: `It is declared for ${what}.` }
        : { state: "violated", meaning: `Nobody declared it for ${what}.` },
    );
  return [
    ...each(node, "image", runningImages(answers), (image) =>
      serves.some((prefix) => image.startsWith(`${prefix}/`))
        ? { state: "shown", meaning: "It runs, and a declared registry serves it." }
        : { state: "violated", meaning: "It runs, and no declared registry serves it." },
    ),
    ...servers("registry", "images", hosts.registry, read(answers.registries, addresses)),
    ...servers("package source", "packages", hosts.packages, read(answers.packages, addresses)),
    ...servers("name server", "names", hosts.dns, read(answers.nameServers, nameServers)),
    ...servers("time server", "the time", hosts.time, read(answers.timeServers, timeServers)),
    ...each(node, "round trip", read(answers.roundTrips, lines), (line) => bound(line, vantage)),
  ];
}

type Judged = Pick<LiveFact, "state" | "meaning">;

function each(
  node: string,
  about: LiveFact["about"],
  found: Reading<readonly string[]>,
  judge: (read: string) => Judged,
): LiveFact[] {
  if ("unreadable" in found) {
    return [{ node, about, read: "", state: "unverifiable", meaning: `It could not be read: ${found.unreadable}` }];
  }
  return [...new Set(found.value)].sort().map((one) => ({ node, about, read: one, ...judge(one) }));
}

const lines = (text: string) => text.split("\n").filter((line) => line.trim() !== "");

/** Hosts of the URLs in hosts.toml and in apt's sources. */
const addresses = (text: string) => [...text.matchAll(/https?:\/\/[^\s"'\]]+/g)].map(([url]) => new URL(url).hostname);

/** `Link 2 (eth0): 10.20.0.2` or `nameserver 10.20.0.2`. */
const nameServers = (text: string) => lines(text).flatMap((line) => line.match(/\b\d+\.\d+\.\d+\.\d+\b/g) ?? []);

/** Output of `chronyc sources`: two marks for mode and state, then the name; the first lines are a heading. */
function timeServers(text: string): string[] {
  return lines(text).flatMap((line) => /^[\^=#][*+\-?x~ ]\s+(\S+)/.exec(line)?.[1] ?? []);
}

/** The images of the running containers, by name with digest; by id if the node has no name for one. */
function runningImages(answers: Answers): Reading<readonly string[]> {
  const containers = read(answers.containers, (text) => JSON.parse(text) as { image: string }[]);
  const images = read(
    answers.images,
    (text) => JSON.parse(text) as { id: string; tags?: string[]; digests?: string[] }[],
  );
  if ("unreadable" in containers) return containers;
  if ("unreadable" in images) return images;
  const nameOf = (id: string) => {
    const image = images.value.find((one) => one.id === id || one.digests?.some((digest) => digest.endsWith(id)));
    return image?.digests?.[0] ?? image?.tags?.[0] ?? id;
  };
  return { value: containers.value.map(({ image }) => nameOf(image)) };
}

/** Light in fibre travels 200 km in a millisecond, so 100 km there and back (refractive index of glass about 1.5). */
const kilometresPerMillisecond = 100;

/** A round-trip time is an upper bound of a distance, never a lower one. */
function bound(line: string, vantage: Vantage): Judged {
  const [address = "", microseconds = ""] = line.split(" ");
  const place = vantage.get(address) ?? address;
  const kilometres = Math.ceil((Number(microseconds) / 1000) * kilometresPerMillisecond);
  if (!(kilometres > 0)) return { state: "unverifiable", meaning: `${place} did not answer.` };
  return { state: "shown", meaning: `This node is at most ${kilometres} km of fibre away from ${place}.` };
}
