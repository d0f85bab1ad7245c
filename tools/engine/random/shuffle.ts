import { randomInt } from "node:crypto";
import type { ResourceType } from "../plugin/resource-type";
import { checkSeed } from "./numbers";

const inputs = ["inputs", "keepers", "resultCount", "seed"];

export const randomShuffle: ResourceType = {
  inputs,
  required: ["inputs"],
  outputs: ["results"],
  replaceOnChanges: inputs,
  check: checkSeed,
  create: async ({ inputs }) => {
    const given = inputs.inputs as unknown[];
    const count = Number(inputs.resultCount ?? given.length);
    // More results than inputs: further rounds through all of them.
    const rounds = given.length ? Math.ceil(count / given.length) : 0;
    const results = Array.from({ length: rounds }, () => shuffled(given)).flat();
    return { id: "-", outputs: { results: results.slice(0, count) } };
  },
};

/** The items in an order of which each is as likely as any other (Fisher and Yates). */
export function shuffled<Item>(items: readonly Item[]): Item[] {
  const order = [...items];
  for (let last = order.length - 1; last > 0; last--) {
    const other = randomInt(last + 1);
    [order[last], order[other]] = [order[other] as Item, order[last] as Item];
  }
  return order;
}
