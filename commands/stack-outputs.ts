import type { MainInput } from "../components/verify/main";
import type { SshTarget } from "../components/verify/ssh";
import { ensureEngine } from "../tools/engine/engine";
import { pulumiOutput } from "../tools/pulumi";
import { expectStack, readStackSettings, type Verb } from "./preconditions";

/** What the last deployment wants, and how its machines are reached. */
export interface ClusterInput extends Pick<MainInput, "wanted" | "targets"> {
  readonly hypervisors: Readonly<Record<string, SshTarget>>;
}

/** @throws Error that says what to do, if there is no such stack or it has no cluster yet */
export async function clusterOf(repository: string, verb: Verb, stack: string | undefined): Promise<ClusterInput> {
  const settings = await readStackSettings(repository, verb, stack, process.env.PULUMI_OPTION_CONFIG_FILE);
  const { cli, env } = await ensureEngine(() => {});
  const pulumi = (args: readonly string[]) => pulumiOutput(args, { cwd: repository, env: { ...process.env, ...env } });
  await expectStack(pulumi, settings, cli);
  const outputs = JSON.parse(await pulumi(["stack", "output", "--stack", settings.stack, "--json", "--show-secrets"]));
  if (!outputs.verification) throw new Error(`stack ${settings.stack} has no cluster yet; bring it up (pulumi up)`);
  return { ...outputs.verification, hypervisors: outputs.hypervisors ?? {} };
}
