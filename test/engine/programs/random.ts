import { readFileSync } from "node:fs";
import * as random from "@pulumi/random";

/** The resources that a test declares. */
export interface Input {
  readonly password: random.RandomPasswordArgs;
  /** A type of the official provider that the stand-in does not serve. */
  readonly pet?: random.RandomPetArgs;
}

const input: Input = JSON.parse(readFileSync(String(process.env.KJERNE_TEST_INPUT), "utf8"));

export const password = new random.RandomPassword("password", input.password).result;
// Takes no part in changes of the other one.
export const word = new random.RandomPassword("word", { length: 30, special: false, upper: false, minNumeric: 10 })
  .result;
if (input.pet) new random.RandomPet("pet", input.pet);
