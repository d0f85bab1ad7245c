import { readFileSync } from "node:fs";
import { local, remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

type Named<Resource> = Readonly<Record<string, Resource>>;

/** What a test wants, by name. */
export interface Input {
  readonly remote?: Named<{
    args: remote.CommandArgs;
    /** Stands in for `stdin`, as a secret. */
    secretStdin?: string;
    /** Stands in for `environment`: a secret inside of an object that is none. */
    secretEnvironment?: Readonly<Record<string, string>>;
    options?: pulumi.CustomResourceOptions;
  }>;
  readonly local?: Named<local.CommandArgs>;
  /** Copies of a text, of a file, or of a directory. */
  readonly copies?: Named<
    Omit<remote.CopyToRemoteArgs, "source"> & ({ text: string } | { file: string } | { directory: string })
  >;
  /** Command of `local.run`. */
  readonly runs?: string;
  /** What the program throws, if it is to fail. */
  readonly throws?: string;
}

const input: Input = JSON.parse(readFileSync(String(process.env.KJERNE_TEST_INPUT), "utf8"));
if (input.throws) throw new Error(input.throws);

export const stdout = Object.fromEntries(
  Object.entries(input.remote ?? {}).map(([name, { args, secretStdin, secretEnvironment, options }]) => {
    const secrets = {
      ...(secretStdin === undefined ? {} : { stdin: pulumi.secret(secretStdin) }),
      ...(secretEnvironment ? { environment: secretEach(secretEnvironment) } : {}),
    };
    return [name, new remote.Command(name, { ...args, ...secrets }, options).stdout];
  }),
);

export const localStdout = Object.fromEntries(
  Object.entries(input.local ?? {}).map(([name, args]) => [name, new local.Command(name, args).stdout]),
);

for (const [name, copy] of Object.entries(input.copies ?? {})) {
  const source =
    "text" in copy
      ? new pulumi.asset.StringAsset(copy.text)
      : "file" in copy
        ? new pulumi.asset.FileAsset(copy.file)
        : new pulumi.asset.FileArchive(copy.directory);
  const { connection, remotePath } = copy;
  new remote.CopyToRemote(name, { connection, remotePath, source });
}

export const ran = input.runs ? local.runOutput({ command: input.runs }).stdout : "";

function secretEach(values: Readonly<Record<string, string>>) {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, pulumi.secret(value)]));
}
