import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { access, realpath } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { cacheDirectory } from "../cache";

/** How long Pulumi's own download may take before the stand-in is used: on a closed network it would wait for minutes. */
const downloadMilliseconds = 60_000;

/** An executable on PATH that kjerne did not put there. */
export async function onPath(name: string): Promise<string | undefined> {
  for (const directory of (process.env.PATH ?? "").split(delimiter)) {
    const file = await executable(join(directory, name));
    if (file && !file.startsWith(cacheDirectory)) return file;
  }
  return undefined;
}

/** The language host that came with the CLI, or stands on PATH. */
export async function officialLanguageHost(pulumi: string | undefined): Promise<string | undefined> {
  const beside = pulumi && (await executable(join(dirname(pulumi), "pulumi-language-nodejs")));
  return beside ?? (await onPath("pulumi-language-nodejs"));
}

/** A provider plugin: on PATH, in Pulumi's own directory, or downloaded there by the official CLI. */
export async function officialPlugin(
  name: string,
  version: string,
  pulumi: string | undefined,
): Promise<string | undefined> {
  const found = (await onPath(`pulumi-resource-${name}`)) ?? (await installed(name, version));
  if (found || !pulumi) return found;
  try {
    await promisify(execFile)(pulumi, ["plugin", "install", "resource", name, version], {
      timeout: downloadMilliseconds,
      env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" },
    });
  } catch {
    return undefined; // A closed network: the stand-in is what this is for.
  }
  return installed(name, version);
}

function installed(name: string, version: string): Promise<string | undefined> {
  const home = process.env.PULUMI_HOME ?? join(homedir(), ".pulumi");
  return executable(join(home, `plugins/resource-${name}-v${version}/pulumi-resource-${name}`)).then((file) =>
    file?.startsWith(cacheDirectory) ? undefined : file,
  );
}

/** The file behind a path, links followed, if it is there and may be run. */
async function executable(path: string): Promise<string | undefined> {
  try {
    await access(path, constants.X_OK);
    return await realpath(path);
  } catch {
    return undefined;
  }
}
