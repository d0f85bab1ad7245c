import { readFileSync } from "node:fs";
import { Verification, type VerificationArgs } from "kjerne";

/** The same as from source, taken from the installed package. */
const input: VerificationArgs = JSON.parse(readFileSync(String(process.env.KJERNE_TEST_INPUT), "utf8"));
export const { report } = new Verification("verification", input);
