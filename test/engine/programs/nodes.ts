import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { MachineState } from "../../../components/drift/machine-state";
import type { Connection } from "../../../components/machine/connection";
import { NodeFiles } from "../../../components/machine/node-files";
import { NodeScript } from "../../../components/machine/node-script";
import type { FileSet } from "../../../node-config/file-set";
import type { CommandAfterWriting } from "../../../node-config/restarts";

/** The files and the script that a test wants on the machine. */
export interface Input {
  readonly connection: Connection;
  readonly files?: FileSet;
  readonly secretFiles?: FileSet;
  readonly onChange?: readonly CommandAfterWriting[];
  readonly before?: { script: string; stdin?: string };
  readonly owner?: string;
  /** Whether a refresh looks at the files on the machine. */
  readonly watched?: boolean;
  readonly script?: {
    script: string;
    undo?: string;
    secretStdin: string;
    secret?: boolean;
    replaceOn?: string[];
    deadlineMinutes?: number;
  };
}

const { connection, files, secretFiles, script, watched, ...rest }: Input = JSON.parse(
  readFileSync(String(process.env.KJERNE_TEST_INPUT), "utf8"),
);

export const digest = files && new NodeFiles("files", { connection, files, ...rest, removedOnDelete: true }).digest;

if (secretFiles) {
  new NodeFiles("secret-files", { connection, files: pulumi.secret(secretFiles), removedOnDelete: true });
}

export const printed =
  script &&
  new NodeScript("script", {
    ...script,
    connection,
    stdin: pulumi.secret(script.secretStdin),
    after: digest ? [digest] : [],
  }).stdout;

if (watched && digest) new MachineState("machine", { connection, sets: { files: digest } });
