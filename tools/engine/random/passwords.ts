import { randomInt } from "node:crypto";
import { type Properties, secret } from "../plugin/property-values";
import type { ResourceType } from "../plugin/resource-type";
import { shuffled } from "./shuffle";

const special = "!@#$%&*()-_=+[]{}<>:?";

/** How often each kind of character comes at least, and what it is chosen from. */
const kinds = [
  { wanted: "lower", least: "minLower", from: () => "abcdefghijklmnopqrstuvwxyz" },
  { wanted: "upper", least: "minUpper", from: () => "ABCDEFGHIJKLMNOPQRSTUVWXYZ" },
  { wanted: "numeric", least: "minNumeric", from: () => "0123456789" },
  {
    wanted: "special",
    least: "minSpecial",
    from: ({ overrideSpecial }: Properties) => String(overrideSpecial || special),
  },
];

const inputs = [
  "keepers",
  "length",
  "lower",
  "minLower",
  "minNumeric",
  "minSpecial",
  "minUpper",
  "number",
  "numeric",
  "overrideSpecial",
  "special",
  "upper",
];

const common = {
  inputs,
  required: ["length"],
  defaults: {
    lower: true,
    minLower: 0,
    minNumeric: 0,
    minSpecial: 0,
    minUpper: 0,
    numeric: true,
    special: true,
    upper: true,
  },
  replaceOnChanges: inputs,
  check,
};

export const randomString: ResourceType = {
  ...common,
  outputs: ["result"],
  create: async ({ inputs }) => {
    const result = characters(inputs);
    return { id: result, outputs: { result } };
  },
};

/** Without bcryptHash: Node.js has no bcrypt. */
export const randomPassword: ResourceType = {
  ...common,
  outputs: ["bcryptHash", "result"],
  create: async ({ inputs }) => ({ id: "none", outputs: { result: secret(characters(inputs)) } }),
};

function characters(inputs: Properties): string {
  // `number` is the old name of `numeric`; a program that sets it to false means it.
  const isWanted = (kind: string) => inputs[kind] !== false && !(kind === "numeric" && inputs.number === false);
  const given = kinds.map(({ wanted, least, from }) => ({ isWanted: isWanted(wanted), least, from: from(inputs) }));
  const all = given.flatMap(({ isWanted, from }) => (isWanted ? [from] : [])).join("");
  const some = (count: number, from: string) => Array.from({ length: count }, () => from[randomInt(from.length)]);
  const least = given.flatMap(({ least, from }) => some(Number(inputs[least] ?? 0), from));
  return shuffled([...least, ...some(Number(inputs.length) - least.length, all)]).join("");
}

function check(inputs: Properties) {
  const failures = [];
  const least = kinds.reduce((sum, { least }) => sum + Number(inputs[least] ?? 0), 0);
  const length = Number(inputs.length);
  if (length < 1) failures.push({ property: "length", reason: `must be at least 1, is ${length}` });
  if (length < least) {
    failures.push({ property: "length", reason: `must be at least the sum of the minimums, ${least}, is ${length}` });
  }
  if (kinds.every(({ wanted }) => inputs[wanted] === false)) {
    failures.push({ property: "special", reason: "at least one of lower, upper, numeric and special must be true" });
  }
  return failures;
}
