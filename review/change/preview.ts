import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pulumi } from "../../tools/pulumi";
import { projectWithOwnSettings } from "../../tools/pulumi-files";
import { madeUpIndex } from "../../tools/supply/made-up-index";
import { type Outcome, outcomeOf } from "./events";
import { withPlaceholders } from "./placeholders";
import type { Sandbox } from "./sandbox";

/** What is previewed. */
export interface Subject {
  /** `base` or `head`. */
  readonly side: string;
  readonly stack: string;
  /** Directory of the program. */
  readonly program: string;
  /** The stack's settings file in it. */
  readonly settings: string;
  /** Flags that name the packs and their configuration. */
  readonly packs: readonly string[];
}

/**
 * Previews a stack with the real engine and nothing of the real stack: backend, passphrase, keys and secrets are made
 * for this preview, and no machine is contacted.
 */
export async function preview(sandbox: Sandbox, subject: Subject): Promise<Outcome> {
  const directory = join(sandbox.directory, `${subject.stack}-${subject.side}`);
  const at = (name: string) => join(directory, name);
  const settings = await readFile(join(subject.program, subject.settings), "utf8");
  const index = at("supply.json");
  const {
    text: placeheld,
    kubernetes,
    probeImage,
    secrets,
  } = withPlaceholders(settings, { ...sandbox.substitutes, index });
  await mkdir(at("backend"), { recursive: true });
  await writeFile(index, JSON.stringify(madeUpIndex(kubernetes, [...sandbox.calicoImages, probeImage])));
  await writeFile(at("Pulumi.yaml"), await projectWithOwnSettings(subject.program));
  await writeFile(at(`Pulumi.${subject.stack}.yaml`), placeheld, { mode: 0o600 });
  const env = {
    ...sandbox.env,
    PULUMI_BACKEND_URL: `file://${at("backend")}`,
    PULUMI_OPTION_CONFIG_FILE: at(`Pulumi.${subject.stack}.yaml`),
  };
  // Killed when the user interrupts: a preview has nothing to finish.
  const run = (cwd: string, ...args: string[]) => pulumi(args, { cwd, env, signal: sandbox.stopped });
  const prepare = async (...args: string[]) => {
    const { code, output, errors } = await run(directory, ...args);
    if (code !== 0) throw new Error(`the engine could not prepare a preview:\n${output}${errors}`);
  };

  await prepare("stack", "init", subject.stack);
  if (secrets.length > 0) {
    const values = secrets.map((path) => `--secret=${path}=${sandbox.secret}`);
    await prepare("config", "set-all", "--path", "--stack", subject.stack, ...values);
  }
  const flags = ["--stack", subject.stack, "--event-log", at("events.jsonl"), "--color", "never"];
  const ran = await run(subject.program, "preview", ...flags, ...subject.packs);
  const log = existsSync(at("events.jsonl")) ? await readFile(at("events.jsonl"), "utf8") : "";
  const { errors, ...outcome } = outcomeOf(log, ran);
  // The directories of the program and the sandbox mean nothing to a reader.
  return {
    ...outcome,
    errors: errors.map((error) => error.replaceAll(subject.program, ".").replaceAll(directory, ".")),
  };
}
