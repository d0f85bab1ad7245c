import { delimiter, join } from "node:path";
import { versions } from "../../node-config/versions";
import { type Engine, linkPlugins } from "../../tools/engine/engine";
import { labFiles } from "../../tools/lab/plan";
import { labEnvironment } from "../../tools/lab/settings-file";
import type { Stack } from "../../tools/stack";
import { buildGoModule } from "../../tools/supply/go-module";
import { kubernetes } from "../../tools/supply/recipes/modules";

/** The lab's stack as `pulumi` finds it: the lab's own backend and settings, the engine that is there, and kubectl. */
export async function labStackRun(lab: string, engine: Engine): Promise<Stack> {
  const { state, pulumi } = labFiles(lab);
  const programs = await buildGoModule(kubernetes(versions.default), () => {});
  const path = [engine.env.PATH, programs].join(delimiter);
  const env = { ...engine.env, ...(await labEnvironment(lab)), PATH: path };
  await linkPlugins(engine, (env as Record<string, string>).PULUMI_HOME as string);
  return { name: lab, directory: state, backend: join(pulumi, "state"), env };
}
