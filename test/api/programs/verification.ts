import { readFileSync } from "node:fs";
import type { Connection } from "../../../components/machine/connection";
import { Verification } from "../../../components/verify/verification";
import type { Wanted } from "../../../components/verify/wanted";

/** What to verify and how to reach the nodes, from a test. */
export interface Input {
  readonly wanted: Wanted;
  readonly connections: Readonly<Record<string, Connection>>;
}

const input: Input = JSON.parse(readFileSync(String(process.env.KJERNE_TEST_INPUT), "utf8"));
export const { report } = new Verification("verification", { ...input, after: ["first"], settleSeconds: 0 });
