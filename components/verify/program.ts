import { extname, relative } from "node:path";
import { local } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

/**
 * Runs a program of the package on the machine that deploys, again whenever its input changes. What it prints on stderr
 * is progress, and its error when it fails.
 *
 * @param input Given on stdin as JSON.
 */
export function runProgram(
  name: string,
  path: string,
  input: pulumi.Input<unknown>,
  opts: pulumi.CustomResourceOptions,
): local.Command {
  const command = programLine(path);
  return new local.Command(
    name,
    {
      create: command,
      update: command,
      stdin: pulumi.jsonStringify(input),
      addPreviousOutputInEnv: false,
      logging: local.Logging.Stderr,
    },
    opts,
  );
}

/**
 * The command line that runs a program of the package: TypeScript in a checkout, JavaScript in the package.
 *
 * @param path Without the ending.
 */
function programLine(path: string): string {
  const kind = extname(__filename);
  // Relative, so that another checkout of the same program is no change.
  const program = relative(process.cwd(), `${path}${kind}`);
  return kind === ".ts" ? `node --import tsx ${program}` : `node ${program}`;
}
