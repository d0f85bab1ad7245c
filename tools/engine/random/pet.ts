import { randomInt } from "node:crypto";
import type { ResourceType } from "../plugin/resource-type";

const inputs = ["keepers", "length", "prefix", "separator"];
const adverbs =
  "barely boldly bravely calmly dearly early fairly firmly fully gently gladly greatly kindly lightly mostly neatly".split(
    " ",
  );
const adjectives =
  "able brave bright calm clear clever eager fair fine glad grand happy keen kind lively merry neat proud quick sharp".split(
    " ",
  );
const animals =
  "badger beaver bison crane eider elk falcon finch fox gannet hare heron lynx marten moose otter owl puffin raven seal".split(
    " ",
  );

/** A name to remember: adverbs, an adjective, an animal. The name is the id. */
export const randomPet: ResourceType = {
  inputs,
  required: [],
  outputs: [],
  defaults: { length: 2, separator: "-" },
  replaceOnChanges: inputs,
  create: async ({ inputs }) => {
    const length = Number(inputs.length);
    const one = (words: readonly string[]) => words[randomInt(words.length)];
    const words = Array.from({ length }, (_, index) => {
      if (index === length - 1) return one(animals);
      return one(index === length - 2 ? adjectives : adverbs);
    });
    const prefix = inputs.prefix ? [String(inputs.prefix)] : [];
    return { id: [...prefix, ...words].join(String(inputs.separator)), outputs: {} };
  },
};
