import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pulumi } from "../../tools/pulumi";
import { madeUpIndex } from "../../tools/supply/made-up-index";
import type { Side } from "./checkout";
import { wallsAround } from "./confinement";
import { type Outcome, outcomeOf } from "./events";
import { withPlaceholders } from "./placeholders";
import { projectFor } from "./project";
import type { Sandbox } from "./sandbox";

/** What is previewed. */
export interface Subject {
  readonly when: "base" | "head";
  readonly stack: string;
  /** The program. */
  readonly side: Side;
  /** Text of the stack's settings file. */
  readonly settings: string;
  /** Text of the project file, `Pulumi.yaml`. */
  readonly project: string;
  /** Libraries of the judge, which start its packs. */
  readonly modules: string;
  /** Flags that name the packs and their configuration. */
  readonly packs: readonly string[];
}

/**
 * Previews a stack with the real engine and nothing of the real stack: backend, passphrase, keys and secrets are made
 * for this preview. The program has no network, and sees nothing of the reader's and nothing that judges it.
 */
export async function preview(sandbox: Sandbox, subject: Subject): Promise<Outcome> {
  const { side, stack, when } = subject;
  const directory = join(sandbox.directory, `${stack}-${when}`);
  const at = (name: string) => join(directory, name);
  const index = join(sandbox.shown, `supply-${stack}-${when}.json`);
  const {
    text: placeheld,
    kubernetes,
    probeImage,
    secrets,
  } = withPlaceholders(subject.settings, { ...sandbox.substitutes, index });
  for (const name of ["backend", "home", "tmp"]) await mkdir(at(name), { recursive: true });
  await writeFile(index, JSON.stringify(madeUpIndex(kubernetes, [...sandbox.calicoImages, probeImage])));
  await writeFile(at("project.yaml"), projectFor(subject.project).text);
  await writeFile(at("Pulumi.yaml"), projectFor(subject.project, true).text);
  await writeFile(at(`Pulumi.${stack}.yaml`), placeheld, { mode: 0o600 });
  const doors = { read: [side.directory, side.modules, sandbox.shown], scratch: sandbox.scratch };
  const replaced = { [join(side.directory, "Pulumi.yaml")]: at("project.yaml") };
  const env = {
    ...sandbox.env,
    ...(await wallsAround(sandbox.engine, directory, subject.modules, doors, replaced)),
    HOME: at("home"),
    TMPDIR: at("tmp"),
    PULUMI_BACKEND_URL: `file://${at("backend")}`,
    PULUMI_OPTION_CONFIG_FILE: at(`Pulumi.${stack}.yaml`),
  };
  // Killed when the user interrupts: a preview has nothing to finish.
  const run = (cwd: string, ...args: string[]) => pulumi(args, { cwd, env, signal: sandbox.stopped });
  const prepare = async (...args: string[]) => {
    const { code, output, errors } = await run(directory, ...args);
    if (code !== 0) throw new Error(`the engine could not prepare a preview:\n${output}${errors}`);
  };

  await prepare("stack", "init", stack);
  if (secrets.length > 0) {
    const values = secrets.map((path) => `--secret=${path}=${sandbox.secret}`);
    await prepare("config", "set-all", "--path", "--stack", stack, ...values);
  }
  const flags = ["--stack", stack, "--event-log", at("events.jsonl"), "--color", "never"];
  const ran = await run(side.directory, "preview", ...flags, ...subject.packs);
  const log = existsSync(at("events.jsonl")) ? await readFile(at("events.jsonl"), "utf8") : "";
  const { errors, ...outcome } = outcomeOf(log, ran);
  // The directories of the program and the sandbox mean nothing to a reader.
  return {
    ...outcome,
    errors: errors.map((error) => error.replaceAll(side.directory, ".").replaceAll(directory, ".")),
  };
}
