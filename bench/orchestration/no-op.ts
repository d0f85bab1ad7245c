import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { resize } from "../../test/states/sized";
import { type Pulumi, playedStack } from "../../test/states/stack";
import { secondsOfEndedChildren } from "../processes";
import { type Compared, compare } from "../rounds";

const repository = join(__dirname, "../..");
const settings = { name: "oslo", nodes: 30, rounds: 10 };

interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly custom: boolean;
  readonly inputs?: object;
}

/**
 * An `up` that changes nothing, of the product's program over a program that declares the same resources one by one:
 * processor time of engine, program and provider. Machines and API server are played in both.
 */
export async function noOp(directory: string, say: (line: string) => void): Promise<Compared & { resources: number }> {
  const own = await stack(join(directory, "own"), repository);
  const exported = JSON.parse(await own("stack", "export", "--show-secrets"));
  const resources = (exported.deployment.resources as StateResource[])
    .filter(({ custom, type }) => custom && !type.startsWith("pulumi:"))
    .map(({ urn, type, inputs = {} }) => ({ type, name: urn.split("::").at(-1), inputs }));

  const program = join(directory, "bare-program");
  await mkdir(program);
  const main = join(__dirname, "programs/bare.ts");
  await writeFile(join(program, "Pulumi.yaml"), stringify({ name: "kjerne", runtime: "nodejs", main }));
  const input = join(directory, "resources.json");
  await writeFile(input, JSON.stringify(resources), { mode: 0o600 });
  const bare = await stack(join(directory, "bare"), program, { KJERNE_BENCH_INPUT: input });

  const compared = await compare(up(own), up(bare), settings.rounds);
  say(`no-op up of ${resources.length} resources: ${compared.value.toFixed(3)}`);
  return { ...compared, resources: resources.length };
}

/** A played stack that is up. */
async function stack(directory: string, program: string, env: NodeJS.ProcessEnv = {}): Promise<Pulumi> {
  await mkdir(directory);
  const pulumi = await playedStack(settings.name, program, directory, env);
  await resize(directory, settings.name, settings.nodes);
  await pulumi("up", "--yes", "--skip-preview");
  return pulumi;
}

const up = (pulumi: Pulumi) => async () => {
  const before = secondsOfEndedChildren();
  const output = await pulumi("up", "--yes", "--skip-preview");
  if (!/\d+ unchanged/.test(output) || /created|updated|deleted/.test(output)) {
    throw new Error(`an up that has to change nothing changed something:\n${output}`);
  }
  return secondsOfEndedChildren() - before;
};
