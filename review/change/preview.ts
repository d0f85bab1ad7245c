import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { type Outcome, outcomeOf, type Ran } from "./events";
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
 * Previews a stack through the real engine with nothing of the real stack: a backend, passphrase, keys and secrets that
 * were made for this, and no machine asked.
 */
export async function preview(sandbox: Sandbox, subject: Subject): Promise<Outcome> {
  const directory = join(sandbox.directory, `${subject.stack}-${subject.side}`);
  const at = (name: string) => join(directory, name);
  const settings = await readFile(join(subject.program, subject.settings), "utf8");
  const index = at("supply.json");
  const { text: placeheld, probeImage, secrets } = withPlaceholders(settings, { ...sandbox.substitutes, index });
  await mkdir(at("backend"), { recursive: true });
  await writeFile(index, JSON.stringify(supplyOf([...sandbox.calicoImages, probeImage])));
  await writeFile(at("Pulumi.yaml"), await projectFile(subject.program));
  await writeFile(at(`Pulumi.${subject.stack}.yaml`), placeheld, { mode: 0o600 });
  const pulumi = (cwd: string, ...args: string[]) =>
    run(args, cwd, sandbox.stopped, {
      ...sandbox.env,
      PULUMI_BACKEND_URL: `file://${at("backend")}`,
      PULUMI_OPTION_CONFIG_FILE: at(`Pulumi.${subject.stack}.yaml`),
    });

  await must(pulumi(directory, "stack", "init", subject.stack));
  if (secrets.length > 0) {
    const values = secrets.map((path) => `--secret=${path}=${sandbox.secret}`);
    await must(pulumi(directory, "config", "set-all", "--path", "--stack", subject.stack, ...values));
  }
  const flags = ["--stack", subject.stack, "--event-log", at("events.jsonl"), "--color", "never"];
  const ran = await pulumi(subject.program, "preview", ...flags, ...subject.packs);
  const log = existsSync(at("events.jsonl")) ? await readFile(at("events.jsonl"), "utf8") : "";
  const { errors, ...outcome } = outcomeOf(log, ran);
  // Where the program happened to lie is nothing to report.
  return {
    ...outcome,
    errors: errors.map((error) => error.replaceAll(subject.program, ".").replaceAll(directory, ".")),
  };
}

/** A supply that holds what Calico and the probes run, as every supply must; which bits these are, its own index says. */
function supplyOf(images: readonly string[]): object {
  const digest = (image: string) => `sha256:${createHash("sha256").update(image).digest("hex")}`;
  return { suite: "review", packages: {}, images: Object.fromEntries(images.map((image) => [image, digest(image)])) };
}

/** The program's own project without the directory of its settings: the stack has a file of its own here. */
async function projectFile(program: string): Promise<string> {
  const lines = (await readFile(join(program, "Pulumi.yaml"), "utf8")).split("\n");
  return lines.filter((line) => !line.startsWith("stackConfigDir:")).join("\n");
}

async function run(
  args: readonly string[],
  cwd: string,
  signal: AbortSignal,
  env: Readonly<Record<string, string>>,
): Promise<Ran> {
  const stdio = ["ignore", "pipe", "pipe"] as ["ignore", "pipe", "pipe"];
  // Nothing of a preview is worth an orderly end.
  const child = spawn("pulumi", [...args, "--non-interactive"], { cwd, env, signal, stdio, killSignal: "SIGKILL" });
  const ended = new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve));
  const [output, errors, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, output: output + errors };
}

async function must(running: Promise<Ran>): Promise<void> {
  const { code, output } = await running;
  if (code !== 0) throw new Error(`the engine could not prepare a preview:\n${output}`);
}
