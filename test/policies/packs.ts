import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { builtPack } from "../../review/packs/built-pack";
import { makeWorkspace, type Workspace } from "../engine/workspace";
import type { Described } from "./programs/resources";

export { unknownValue } from "../../tools/engine-values";

const repository = join(__dirname, "../..");

/** One finding that the pack reported to the engine. */
export interface Said {
  /** The policy's name: `node-location`. */
  readonly policy: string;
  readonly level: "mandatory" | "advisory";
  readonly message: string;
  readonly urn: string;
}

export interface Verdict {
  readonly code: number | null;
  readonly output: string;
  readonly said: readonly Said[];
  /** Findings that stop a run. */
  readonly violations: readonly Said[];
}

/** A stack whose program registers the given resources, judged by one pack of this repository, bundled as `make up` has it. */
export interface PackUnderTest {
  readonly workspace: Workspace;
  preview(program: readonly Described[], config?: unknown): Promise<Verdict>;
  up(program: readonly Described[], config?: unknown): Promise<Verdict & { readonly steps: readonly string[] }>;
  /** Judges the state as the last update left it. */
  analyze(config?: unknown): Promise<Verdict>;
  remove(): Promise<void>;
}

export async function makePackUnderTest(pack: string): Promise<PackUnderTest> {
  const workspace = await makeWorkspace("../../policies/programs/resources.ts");
  const at = (name: string) => join(workspace.directory, name);
  const withPack = async (config: unknown = {}) => {
    await writeFile(at("config.json"), JSON.stringify(config));
    await rm(at("said.jsonl"), { force: true });
    return ["--policy-pack", await builtPack(repository, pack), "--policy-pack-config", at("config.json")];
  };
  const verdict = (code: number | null, output: string, events: string): Verdict => {
    const said = saidIn(events);
    return { code, output, said, violations: said.filter(({ level }) => level === "mandatory") };
  };
  return {
    workspace,
    remove: () => workspace.remove(),
    async preview(program, config) {
      await workspace.setInput(program);
      const log = at("said.jsonl");
      const { code, output } = await workspace.pulumi("preview", ...(await withPack(config)), "--event-log", log);
      return verdict(code, output, await readFile(log, "utf8"));
    },
    async up(program, config) {
      await workspace.setInput(program);
      const { code, output, steps } = await workspace.up(...(await withPack(config)));
      return { ...verdict(code, output, await readFile(at("events.jsonl"), "utf8")), steps };
    },
    async analyze(config) {
      const { code, output } = await workspace.pulumi("policy", "analyze", ...(await withPack(config)), "--json");
      return verdict(code, output, output);
    },
  };
}

function saidIn(eventLog: string): Said[] {
  return eventLog
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line).policyEvent)
    .filter(Boolean)
    .map((event) => ({
      policy: event.policyName,
      level: event.enforcementLevel,
      message: event.message.replace(/<\{%\w*%\}>/g, "").trim(),
      urn: event.resourceUrn ?? "",
    }));
}
