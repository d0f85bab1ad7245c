import { randomInt } from "node:crypto";
import { type Properties, secret } from "../plugin/property-values";
import type { ResourceType } from "../plugin/resource-type";
import type { Schema } from "../plugin/schema";

const special = "!@#$%&*()-_=+[]{}<>:?";

/** Each kind of character: the input that switches it on, the input with its least number, and the characters. */
const kinds = [
  { enabledBy: "lower", minimum: "minLower", characters: () => "abcdefghijklmnopqrstuvwxyz" },
  { enabledBy: "upper", minimum: "minUpper", characters: () => "ABCDEFGHIJKLMNOPQRSTUVWXYZ" },
  { enabledBy: "numeric", minimum: "minNumeric", characters: () => "0123456789" },
  {
    enabledBy: "special",
    minimum: "minSpecial",
    characters: ({ overrideSpecial }: Properties) => String(overrideSpecial || special),
  },
];

const inputs: Schema = {
  keepers: { type: "any" },
  length: { type: "integer", required: true },
  lower: { type: "boolean" },
  minLower: { type: "integer" },
  minNumeric: { type: "integer" },
  minSpecial: { type: "integer" },
  minUpper: { type: "integer" },
  number: { type: "boolean" },
  numeric: { type: "boolean" },
  overrideSpecial: { type: "string" },
  special: { type: "boolean" },
  upper: { type: "boolean" },
};

/** `random:index/randomPassword:RandomPassword`, but for the output `bcryptHash`: Node.js has no bcrypt. */
export const randomPassword: ResourceType = {
  inputs,
  outputs: ["bcryptHash", "result"],
  defaults: {
    lower: true,
    minLower: 0,
    minNumeric: 0,
    minSpecial: 0,
    minUpper: 0,
    number: true,
    numeric: true,
    special: true,
    upper: true,
  },
  replaceOnChanges: Object.keys(inputs),
  check,
  create: async ({ inputs }) => ({
    id: "none",
    outputs: { ...numerals(inputs), result: secret(password({ ...inputs, ...numerals(inputs) })) },
  }),
};

/**
 * `number` is the old name of `numeric`. The official provider replaces a password of whose state only one says that
 * there are no digits.
 */
function numerals({ number, numeric }: Properties) {
  const areWanted = number !== false && numeric !== false;
  return { number: areWanted, numeric: areWanted };
}

function password(inputs: Properties): string {
  const all = kinds
    .flatMap(({ enabledBy, characters }) => (inputs[enabledBy] === false ? [] : [characters(inputs)]))
    .join("");
  const some = (count: number, from: string) =>
    Array.from({ length: count }, () => from.charAt(randomInt(from.length)));
  const least = kinds.flatMap(({ minimum, characters }) => some(Number(inputs[minimum] ?? 0), characters(inputs)));
  return shuffled([...least, ...some(Number(inputs.length) - least.length, all)]).join("");
}

/** The items in an order of which each is as likely as any other (Fisher and Yates). */
function shuffled<Item>(items: readonly Item[]): Item[] {
  const order = [...items];
  for (let last = order.length - 1; last > 0; last--) {
    const other = randomInt(last + 1);
    [order[last], order[other]] = [order[other] as Item, order[last] as Item];
  }
  return order;
}

function check(inputs: Properties) {
  const failures = [];
  const least = kinds.reduce((sum, { minimum }) => sum + Number(inputs[minimum] ?? 0), 0);
  const length = Number(inputs.length);
  if (length < 1) failures.push({ property: "length", reason: `must be at least 1, is ${length}` });
  if (length < least) {
    failures.push({ property: "length", reason: `must be at least the sum of the minimums, ${least}, is ${length}` });
  }
  if (kinds.every(({ enabledBy }) => inputs[enabledBy] === false)) {
    failures.push({ property: "special", reason: "at least one of lower, upper, numeric and special must be true" });
  }
  return failures;
}
