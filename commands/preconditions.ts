import { readdir, readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { parse } from "yaml";
import type { Ask } from "../review/runs/state-in-use";
import type { Piece } from "../tools/engine/pieces";

export type Verb = "up" | "preview" | "evidence" | "report" | "verify" | "network" | "lock" | "forget";

/** What `make up`, `preview`, `evidence`, `report`, `verify`, `lock` and `forget` must know of a stack before `pulumi` runs. */
export interface StackSettings {
  readonly stack: string;
  /** The settings file, as messages name it. */
  readonly file: string;
  /** Whether `kjerne:virtualisation` is `emulated` or every node is a system container, as it never is in production. */
  readonly isLab: boolean;
  /** Where `kjerne:residency` says that the state is kept, as `pulumi login` takes it. */
  readonly backend: string;
  /** Every setting, without the prefix `kjerne:`, as the file has it. */
  readonly given: Readonly<Record<string, unknown>>;
}

/**
 * Reads the settings of a stack.
 *
 * @param stack What the user gave as STACK.
 * @param configFile The file that `--config-file` gives to `pulumi`. @default - stacks/Pulumi.<stack>.yaml
 * @throws Error when no stack is named, or its settings don't exist, can't be read or are a template
 */
export async function readStackSettings(
  repository: string,
  verb: Verb,
  stack: string | undefined,
  configFile?: string,
): Promise<StackSettings> {
  const names = await stackNames(repository);
  if (!stack) throw new Error(`no stack is named; choose one of ${names.join(", ")}, as in make ${verb} STACK=oslo`);
  // A stack of an organisation on Pulumi Cloud is org/stack; its settings have the last part of its name.
  const name = stack.split("/").at(-1) as string;
  if (!configFile && !names.includes(name)) {
    throw new Error(
      `stack ${stack} has no settings: stacks/Pulumi.${name}.yaml does not exist. Choose one of ${names.join(", ")}, ` +
        `or copy stacks/Pulumi.oslo.yaml to stacks/Pulumi.${name}.yaml and change what differs.`,
    );
  }
  const file = configFile ?? `stacks/Pulumi.${name}.yaml`;
  const text = await readFile(resolve(repository, file), "utf8");
  if (text.includes("<lab>")) {
    throw new Error(
      `${file} is the template of make lab, which fills in addresses and keys where it says <lab>. Run make lab; ` +
        'then, to use that lab, eval "$(make -s env)".',
    );
  }
  const config = configIn(file, text);
  const backend = config["kjerne:residency"]?.state?.backend;
  if (!backend) {
    throw new Error(
      `${file} does not say where the state is kept: kjerne:residency, state.backend. stacks/Pulumi.oslo.yaml shows how.`,
    );
  }
  const settings = Object.entries(config).filter(([key]) => key.startsWith("kjerne:"));
  const given = Object.fromEntries(settings.map(([key, value]) => [key.slice("kjerne:".length), value]));
  return { stack, file, isLab: isLab(config), backend, given };
}

function isLab({ "kjerne:virtualisation": virtualisation, "kjerne:nodes": nodes = [] }: Config): boolean {
  return virtualisation === "emulated" || (nodes.length > 0 && nodes.every((node) => node.machine?.container === true));
}

interface Config {
  readonly "kjerne:virtualisation"?: string;
  readonly "kjerne:nodes"?: readonly { readonly machine?: { readonly container?: boolean } }[];
  readonly "kjerne:residency"?: { readonly state?: { readonly backend?: string } };
}

function configIn(file: string, text: string): Config {
  try {
    return (parse(text) as { config?: Config } | null)?.config ?? {};
  } catch (error) {
    throw new Error(`${file} is not valid YAML: ${(error as Error).message}`);
  }
}

async function stackNames(repository: string): Promise<string[]> {
  const files = await readdir(resolve(repository, "stacks"));
  return files.flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? []).sort();
}

type EnginePiece = Pick<Piece, "name" | "official" | "is">;

/**
 * The pieces that `make up` refuses for a stack: those that are not official, outside a lab, unless the user allows
 * them.
 */
export function refusedPieces<P extends EnginePiece>(
  pieces: readonly P[],
  { isLab }: StackSettings,
  areStandInsAllowed: boolean,
): P[] {
  return isLab || areStandInsAllowed ? [] : pieces.filter(({ official }) => !official);
}

/** What `make up` answers where there are such pieces. */
export function refusal(refused: readonly EnginePiece[], { stack, file }: StackSettings): string {
  return [
    `make up refuses stack ${stack}: these pieces of Pulumi are not official, and the stack is no lab (${file} has neither kjerne:virtualisation: emulated nor system containers alone as nodes).`,
    ...refused.map(({ name, is }) => `  ${name}: ${is}`),
    "Install Pulumi (https://www.pulumi.com/docs/install/); its CLI downloads the providers.",
    `On a network where it can't be installed, accept these pieces: make up STACK=${stack} STAND_INS=allow`,
  ].join("\n");
}

/**
 * Checks that `pulumi` can use a backend and that the stack exists in it.
 *
 * @param cli How the user starts `pulumi`: by its path where it is not on PATH.
 * @throws Error with the command that helps
 */
export async function expectStack(ask: Ask, { stack, file, backend }: StackSettings, cli: string): Promise<void> {
  await ask(["whoami"]).catch((error: Error) => {
    throw new Error(
      `pulumi has no access to a backend, which holds the state of stacks:\n${indented(error.message)}\n` +
        `Log in where ${file} says that the state is kept: ${cli} login ${loginArgument(backend)}`,
    );
  });
  await ask(["stack", "--show-name", "--stack", stack]).catch((error: Error) => {
    if (!error.message.includes("no stack named")) throw error;
    throw new Error(`the backend has no stack ${stack} yet; create it: ${cli} stack init ${stack}`);
  });
}

/** In settings `file://` is any directory of this machine; as an argument of `pulumi login` it is the current one. */
const loginArgument = (backend: string) => (backend === "file://" ? "--local" : `'${backend}'`);

const indented = (text: string) => text.trim().replaceAll(/^/gm, "  ");
