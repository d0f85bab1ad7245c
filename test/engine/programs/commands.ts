import { appendFileSync, readFileSync } from "node:fs";
import { local, remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

type Named<Resource> = Readonly<Record<string, Resource>>;

/** The resources that a test declares, by name. */
export interface Input {
  readonly remote?: Named<{
    args: remote.CommandArgs;
    /** Used as `stdin`, marked as a secret. */
    secretStdin?: string;
    options?: pulumi.CustomResourceOptions;
  }>;
  readonly local?: Named<
    local.CommandArgs & {
      /** Used as `environment`: each value is a secret, the object itself is not. */
      secretEnvironment?: Readonly<Record<string, string>>;
      options?: pulumi.CustomResourceOptions;
    }
  >;
  /** What a `pulumi.Stash` keeps. */
  readonly stash?: string;
  /** File that gets a line from a hook before the creation of each local command. */
  readonly hookLog?: string;
  /** A type of the official provider that the stand-in does not serve. */
  readonly copy?: Omit<remote.CopyToRemoteArgs, "source">;
  /** Command of `local.run`, a function, which the stand-in does not serve either. */
  readonly run?: string;
  /** Message of the error that the program throws. @default - it throws none */
  readonly throws?: string;
}

const input: Input = JSON.parse(readFileSync(String(process.env.KJERNE_TEST_INPUT), "utf8"));
if (input.throws) throw new Error(input.throws);

export const stdout = Object.fromEntries(
  Object.entries(input.remote ?? {}).map(([name, { args, secretStdin, options }]) => {
    const secrets = secretStdin === undefined ? {} : { stdin: pulumi.secret(secretStdin) };
    return [name, new remote.Command(name, { ...args, ...secrets }, options).stdout];
  }),
);

export const localStdout = Object.fromEntries(
  Object.entries(input.local ?? {}).map(([name, { secretEnvironment, options, ...args }]) => {
    const environment = secretEnvironment ? { environment: secretEach(secretEnvironment) } : {};
    return [name, new local.Command(name, { ...args, ...environment }, { ...options, ...hooks(input.hookLog) }).stdout];
  }),
);

/** The value that it was made with, and the one of this run. */
export const stash = input.stash === undefined ? undefined : stashed(input.stash);

if (input.copy) {
  new remote.CopyToRemote("copy", { ...input.copy, source: new pulumi.asset.StringAsset("a text") });
}
export const ran = input.run === undefined ? undefined : local.runOutput({ command: input.run }).stdout;

function secretEach(values: Readonly<Record<string, string>>) {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, pulumi.secret(value)]));
}

function stashed(value: string) {
  const { input: now, output: first } = new pulumi.Stash("stash", { input: value });
  return { now, first };
}

function hooks(log: string | undefined): pulumi.CustomResourceOptions {
  if (!log) return {};
  return { hooks: { beforeCreate: [({ name }) => appendFileSync(log, `before ${name}\n`)] } };
}
