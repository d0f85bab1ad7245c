import { readFileSync } from "node:fs";
import { Verification, type VerificationArgs } from "kjerne";

/** A Verification as in test/api/programs, but from the installed npm package. */
const input: VerificationArgs = JSON.parse(readFileSync(String(process.env.KJERNE_TEST_INPUT), "utf8"));
export const { report } = new Verification("verification", input);
