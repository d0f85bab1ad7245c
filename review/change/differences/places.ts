import { isNode } from "../../../policies/nodes";
import { at, itemsAt } from "../../../policies/reading";
import { hostOf } from "../../../policies/residency/record";
import type { Resource, Value } from "../../../policies/rule";
import { type Difference, ofType, present, shown } from "./difference";

const recorded = (kind: string) => `kjerne:residency:${kind}`;
const place = (value: Value) =>
  [at(value, "city"), at(value, "country")]
    .filter((part) => part !== undefined)
    .map((part) => shown(part))
    .join(", ");
const company = (value: Value | undefined) =>
  `${shown(at(value, "name"))} (${shown(at(value, "country"))}, owned from ${shown(at(value, "parentCountry"))})`;
const custodian = (value: Value) => `${shown(at(value, "key.custodian"))} in ${shown(at(value, "key.country"))}`;

/** Everything that has a place and an operator, with its name in a sentence. */
function located(resources: readonly Resource[]): [string, Value][] {
  const sites = resources.filter(isNode).map(({ properties }) => at(properties, "site"));
  const site = new Map(sites.map((one) => [JSON.stringify(one), one]));
  return [
    ...[...site.values()]
      .filter((one): one is Value => one !== undefined)
      .map((one): [string, Value] => ["nodes", one]),
    ...ofType(resources, recorded("Backup")).map(({ name, properties }): [string, Value] => [
      `backup ${name}`,
      properties,
    ]),
    ...ofType(resources, recorded("State")).map(({ properties }): [string, Value] => [
      "the stack's own state",
      properties,
    ]),
  ];
}

/** Name of each located thing → its value. Nodes at two sites have both values: `Oslo, NO and Bergen, NO`. */
function each(read: (value: Value) => string | undefined) {
  return (resources: readonly Resource[]): Map<string, string> => {
    const found = new Map<string, string>();
    for (const [what, value] of located(resources)) {
      const one = read(value);
      if (one !== undefined) found.set(what, [...new Set([found.get(what), one])].filter(Boolean).join(" and "));
    }
    return found;
  };
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
const moves = (what: string) => (what === "nodes" ? "move" : "moves");

const places: Difference = {
  read: each(place),
  describe(what, before, after) {
    if (before === undefined) return `New: ${what}, in ${after}.`;
    if (after === undefined) return `Gone: ${what}, in ${before} until now.`;
    return `${capital(what)} ${moves(what)} from ${before} to ${after}.`;
  },
};

const changes = (
  read: (value: Value) => string | undefined,
  sentence: (what: string, now: string, old: string) => string,
): Difference => ({
  read: each(read),
  // For a thing that is new or gone, `places` has the sentence.
  describe: (what, before, after) => (before && after ? sentence(what, after, before) : undefined),
});

/** The host of an address, which could hold a password too; a plain word such as `passphrase` as it is. */
function askedAt(address: Value | undefined): string {
  if (typeof address !== "string") return shown(address);
  return hostOf(address) ?? (/^\w+$/.test(address) ? address : "a place without a host");
}

const supportStaff = present(
  (resources) =>
    resources
      .filter(isNode)
      .flatMap(({ properties }) => itemsAt(properties, "site.supportCountries").map(({ item }) => shown(item))),
  (country) => `Staff in ${country} get access.`,
  (country) => `Staff in ${country} no longer have access.`,
);

const transfers = present(
  (resources) =>
    ofType(resources, recorded("Transfer")).map(
      ({ properties }) => `${shown(at(properties, "to"))}, on the ground of ${shown(at(properties, "ground"))}`,
    ),
  (where) => `A transfer of data or access is recorded: to ${where}.`,
  (where) => `No longer recorded: a transfer to ${where}.`,
);

const endpoints: Difference = {
  read: (resources) =>
    new Map(
      ofType(resources, recorded("Endpoints")).flatMap(({ name, properties }) =>
        itemsAt(properties, "hosts").map(({ item }): [string, string] => [
          `${shown(at(item, "host"))} for ${name}`,
          `in ${shown(at(item, "country"))}, run by ${company(at(item, "operator"))}`,
        ]),
      ),
    ),
  describe(what, before, after) {
    if (before === undefined) return `Newly asked: ${what}, ${after}.`;
    return after === undefined ? `No longer asked: ${what}.` : `${capital(what)}: now ${after}; before ${before}.`;
  },
};

const attestations: Difference = {
  read: (resources) =>
    new Map(
      ofType(resources, recorded("Attestation")).map(({ name, properties }) => [
        name,
        `by ${shown(at(properties, "by"))} until ${shown(at(properties, "until"))}: ${shown(at(properties, "statement"))}`,
      ]),
    ),
  describe: (about, before, after) =>
    after === undefined
      ? `Nobody vouches for ${about} any more.`
      : `${before === undefined ? "Newly vouched" : "Vouched anew"} for ${about} ${after}`,
};

export const placeDifferences: readonly Difference[] = [
  places,
  changes(
    (value) => company(at(value, "operator")),
    (what, now, old) => `${capital(what)}: now run by ${now}, before by ${old}.`,
  ),
  changes(
    (value) => (at(value, "key") === undefined ? undefined : custodian(value)),
    (what, now, old) => `The key of ${what} passes from ${old} to ${now}.`,
  ),
  changes(
    (value) =>
      (at(value, "store") ?? at(value, "backend")) === undefined
        ? undefined
        : askedAt(at(value, "store") ?? at(value, "backend")),
    (what, now, old) => `${capital(what)} ${moves(what)} from ${old} to ${now}.`,
  ),
  changes(
    (value) => {
      const encrypted = at(value, "encryptedBeforeTransfer");
      return encrypted === undefined ? undefined : shown(encrypted);
    },
    (what, now) =>
      `${capital(what)} is ${now === "true" ? "now" : "no longer"} encrypted before it leaves the cluster.`,
  ),
  changes(
    (value) => (at(value, "secretsProvider") === undefined ? undefined : askedAt(at(value, "secretsProvider"))),
    (what, now, old) => `The secrets of ${what} are kept by ${now}, before by ${old}.`,
  ),
  changes(
    (value) => (at(value, "dataClass") === undefined ? undefined : shown(at(value, "dataClass"))),
    (what, now, old) => `${capital(what)} hold data of class ${now}, before of class ${old}.`,
  ),
  supportStaff,
  transfers,
  endpoints,
  attestations,
];
