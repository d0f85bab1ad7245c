import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";

/** Registers the resources of a state, as if somebody had written each of them down: no components, no settings. */
interface Recorded {
  readonly type: string;
  readonly name: string;
  readonly inputs: object;
}

/** A secret in an exported state has this key: sdk/go/common/resource/sig. */
const secret = "4dabf18193072939515e22adb298388d";

class Bare extends pulumi.CustomResource {}

const recorded: Recorded[] = JSON.parse(readFileSync(String(process.env.KJERNE_BENCH_INPUT), "utf8"));
for (const { type, name, inputs } of recorded) {
  new Bare(type, name, pulumi.output(withSecrets(inputs)) as unknown as pulumi.Inputs);
}

function withSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withSecrets);
  if (typeof value !== "object" || value === null) return value;
  if (secret in value && "plaintext" in value) return pulumi.secret(JSON.parse(String(value.plaintext)));
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withSecrets(inner)]));
}
