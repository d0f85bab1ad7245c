import { mkdir } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { versions } from "../../node-config/versions";
import { type Engine, linkPlugins } from "../../tools/engine/engine";
import { labFiles } from "../../tools/lab/plan";
import type { Stack } from "../../tools/stack";
import { buildGoModule } from "../../tools/supply/go-module";
import { kubernetes } from "../../tools/supply/recipes/modules";

/**
 * The lab's stack: its own backend and settings, and an environment in which `pulumi` and `kubectl` work on this lab.
 */
export async function labStack(lab: string, engine: Engine): Promise<Stack> {
  const { state, stackFile, pulumi, passphrase, kubeconfig } = labFiles(lab);
  const [home, backend] = [join(pulumi, "home"), join(pulumi, "state")];
  await mkdir(backend, { recursive: true });
  await linkPlugins(engine, home);
  const kubectl = await buildGoModule(kubernetes(versions.default), () => {});
  const env = {
    ...engine.env,
    PULUMI_HOME: home,
    PULUMI_BACKEND_URL: `file://${backend}`,
    PULUMI_CONFIG_PASSPHRASE_FILE: passphrase,
    // Becomes --config-file of every command that has it. PULUMI_OPTION_STACK would break commands that take the stack
    // as an argument; the selected stack is kept in PULUMI_HOME.
    PULUMI_OPTION_CONFIG_FILE: stackFile,
    KUBECONFIG: kubeconfig,
    // The program's types are `make check`'s; without this, each run of it waits for them.
    PULUMI_NODEJS_TRANSPILE_ONLY: "true",
    PATH: [engine.env.PATH, kubectl].join(delimiter),
  };
  return { name: lab, directory: state, backend, env };
}
