import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { Run } from "../components/verify/run";
import { overSsh } from "../components/verify/ssh";
import { defaults } from "../node-config/defaults";
import { refuseWrong } from "../stacks/settings-file";
import { type Ask, answersTo, commandOf, terminal } from "../tools/new/answers";
import { keyPath, missingKeys } from "../tools/new/archive-keys";
import { settingsText } from "../tools/new/document";
import { factsIn } from "../tools/new/facts";
import { download, keyIn, manifestAt, ownPath } from "../tools/new/files";
import { pinned } from "../tools/new/host-keys";
import { machinesIn, type PinnedMachine } from "../tools/new/machine";
import { nextSteps } from "../tools/new/next-steps";
import { neighbourProblems, planOf } from "../tools/new/plan";
import { preflightInput } from "../tools/new/preflight";
import { upstream } from "../tools/new/questions";
import { decide } from "../tools/new/settings";
import { repositoriesIn } from "../tools/new/supply";
import { writeOnce } from "../tools/new/write-once";
import { runCommand } from "./run-command";

const repository = join(__dirname, "..");

/** `make new STACK=…`: asks, looks at the machines, and writes `stacks/Pulumi.<stack>.yaml`. It changes no machine. */
async function main(): Promise<void> {
  const given = Object.fromEntries(process.argv.slice(2).map((word) => word.split(/=(.*)/s, 2)));
  const file = newFile(given.STACK);
  const talk = terminal();
  try {
    const answers = { ...(await answersTo(given, talk?.ask)) };
    await makeSettings(file, answers, talk?.ask).catch((error) => {
      if (talk) console.error(`\nTo go on with these answers: ${commandOf(answers)}\n`);
      throw error;
    });
    console.log(nextSteps(answers, file, existsSync(resolve(repository, ownPath(answers.INDEX ?? "")))));
  } finally {
    talk?.close();
  }
}

/** @throws Error where the stack has settings already */
function newFile(stack: string | undefined): string {
  if (!stack) throw new Error("no stack is named; name the new one, as in make new STACK=oslo");
  const file = process.env.PULUMI_OPTION_CONFIG_FILE ?? `stacks/Pulumi.${stack.split("/").at(-1)}.yaml`;
  if (existsSync(resolve(repository, file))) {
    throw new Error(
      `${file} is there already, and make new overwrites nothing; edit it, or name another stack, or remove it if it describes no cluster`,
    );
  }
  return file;
}

async function makeSettings(file: string, answers: Record<string, string>, ask?: Ask): Promise<void> {
  const privateKey = await keyIn(answers.KEY ?? "");
  const which = answers.HYPERVISORS ? "HYPERVISORS" : "MACHINES";
  const machines = await pinned(machinesIn(answers[which] ?? ""), ask);
  answers[which] = machines.map(({ words, fingerprint }) => `${words}=${fingerprint}`).join(" ");
  const manifest = await manifestAt(answers.CALICO ?? "");
  const targets = machines.map(({ address, port, user, hostKey }, at) => [
    nameOf(machines, at),
    { host: address, port, user, hostKey, privateKey },
  ]);
  await overSsh(Object.fromEntries(targets), (run) => writeSettings(file, answers, machines, run, manifest));
}

/** In messages of ssh. */
const nameOf = (machines: readonly PinnedMachine[], at: number) => `${machines[at]?.address}-${machines[at]?.port}`;

async function writeSettings(
  file: string,
  answers: Readonly<Record<string, string>>,
  machines: readonly PinnedMachine[],
  run: Run,
  manifest: Awaited<ReturnType<typeof manifestAt>>,
): Promise<void> {
  const on = (at: number, script: string, stdin: string) => run(nameOf(machines, at), script, stdin, 120);
  const seen = await all(
    machines.map(async (machine, at) => ({ machine, facts: factsIn(await on(at, "machine/facts.sh", "")) })),
  );
  const facts = seen.map((one) => one.facts);
  const plan = planOf(answers, seen);
  const near = await on(0, "machine/neighbours.sh", [...plan.network.addresses, ...plan.free].join(" "));
  const directory = dirname(file);
  const codename = plan.hypervisors.length > 0 ? defaults.debian : (facts[0]?.codename ?? "");
  const repositories = repositoriesIn(answers, codename, (of) => keyPath(directory, of));
  const keys = answers.PACKAGES === upstream ? await missingKeys(directory, facts, download) : [];
  const text = settingsText(decide(answers, seen, plan, { manifest, repositories }));
  const hasIpvs = facts.every(({ ipvs }) => ipvs);
  const written: string[] = [];
  try {
    // The settings name them, and are judged with them.
    for (const { path, text } of keys) {
      await writeOnce(resolve(repository, path), text);
      written.push(path);
    }
    await all<unknown>([
      refuseWrong(text, file),
      refuse(neighbourProblems(plan, seen, near.split(/\s+/))),
      ...plan.nodes.flatMap((node, at) =>
        "machine" in node
          ? [on(at, "machine/preflight.sh", preflightInput(node, answers, plan.network.mtu, hasIpvs))]
          : [],
      ),
    ]);
    await writeOnce(resolve(repository, file), text);
  } catch (error) {
    await Promise.all(written.map((path) => rm(resolve(repository, path), { force: true })));
    throw error;
  }
  for (const { path, from } of keys) console.log(`${path} is written, from ${from}: commit it, too`);
}

/** Every result, or an Error with the message of everything that failed. */
async function all<T>(work: readonly Promise<T>[]): Promise<T[]> {
  const settled = await Promise.allSettled(work);
  await refuse(settled.flatMap((one) => (one.status === "rejected" ? [(one.reason as Error).message] : [])));
  return settled.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
}

async function refuse(problems: readonly string[]): Promise<void> {
  if (problems.length > 0) throw new Error(problems.join("\n"));
}

runCommand(main, 1);
