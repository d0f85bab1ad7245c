import { readFileSync } from "node:fs";
import * as random from "@pulumi/random";

/** What a test wants from the password; the other resources take no part in changes. */
export interface Input {
  readonly password: random.RandomPasswordArgs;
}

const input: Input = JSON.parse(readFileSync(String(process.env.KJERNE_TEST_INPUT), "utf8"));

const { hex, b64Url, dec } = new random.RandomId("id", { byteLength: 6, prefix: "k-" });
export const id = { hex, b64Url, dec };
export const password = new random.RandomPassword("password", input.password).result;
export const text = new random.RandomString("text", { length: 30, special: false, upper: false, minNumeric: 10 })
  .result;
export const integer = new random.RandomInteger("integer", { min: 7, max: 9 }).result;
export const pet = new random.RandomPet("pet", { length: 3, prefix: "lab" }).id;
export const shuffled = new random.RandomShuffle("shuffle", { inputs: ["a", "b", "c"], resultCount: 7 }).results;
export const uuids = [
  new random.RandomUuid("uuid").result,
  new random.RandomUuid4("uuid4").result,
  new random.RandomUuid7("uuid7").result,
];
export const bytes = new random.RandomBytes("bytes", { length: 32 }).base64;
