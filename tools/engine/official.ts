import { type ExecFileException, execFile } from "node:child_process";
import { constants } from "node:fs";
import { access, realpath } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { cacheDirectory } from "../cache";

/** How long the CLI may take to download a provider. On a closed network it would try for minutes. */
const downloadMilliseconds = 60_000;

/** An executable on PATH that does not come from kjerne's own cache. */
export async function onPath(name: string): Promise<string | undefined> {
  for (const directory of (process.env.PATH ?? "").split(delimiter)) {
    const file = await executable(join(directory, name));
    if (file && !file.startsWith(cacheDirectory)) return file;
  }
  return undefined;
}

/** The Node.js language host beside the official CLI, or on PATH. */
export async function officialLanguageHost(pulumi: string | undefined): Promise<string | undefined> {
  const beside = pulumi && (await executable(join(dirname(pulumi), "pulumi-language-nodejs")));
  return beside ?? (await onPath("pulumi-language-nodejs"));
}

/** What a search for an official provider found: its file, or why a download has failed. */
export interface FoundPlugin {
  readonly file?: string;
  /** One line. Absent where nothing could be tried, because there is no official CLI either. */
  readonly failure?: string;
}

/** A provider plugin: on PATH, in PULUMI_HOME, or downloaded there by the official CLI. */
export async function officialPlugin(name: string, version: string, pulumi: string | undefined): Promise<FoundPlugin> {
  const found = (await onPath(`pulumi-resource-${name}`)) ?? (await installed(name, version));
  if (found || !pulumi) return { file: found };
  try {
    // Reinstalls, because where kjerne linked its stand-in the CLI would find the version installed and download
    // nothing.
    await promisify(execFile)(pulumi, ["plugin", "install", "resource", name, version, "--reinstall"], {
      timeout: downloadMilliseconds,
      env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" },
    });
  } catch (error) {
    return { failure: failureOf(error as ExecFileException) };
  }
  const file = await installed(name, version);
  return file ? { file } : { failure: `the CLI reported success, but PULUMI_HOME has no plugin ${name} ${version}` };
}

function failureOf({ killed, stderr, message }: ExecFileException): string {
  if (killed) return `not within ${downloadMilliseconds / 1000} s`;
  return String(stderr || message)
    .trim()
    .split("\n")
    .at(-1) as string;
}

function installed(name: string, version: string): Promise<string | undefined> {
  const home = process.env.PULUMI_HOME ?? join(homedir(), ".pulumi");
  return executable(join(home, `plugins/resource-${name}-v${version}/pulumi-resource-${name}`)).then((file) =>
    file?.startsWith(cacheDirectory) ? undefined : file,
  );
}

/** The file that a path leads to, links followed, if it exists and is executable. */
async function executable(path: string): Promise<string | undefined> {
  try {
    await access(path, constants.X_OK);
    return await realpath(path);
  } catch {
    return undefined;
  }
}
