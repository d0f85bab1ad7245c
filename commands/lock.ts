import { readFile, rename, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { resolve as absolute, join } from "node:path";
import { parseArgs } from "node:util";
import { readLockSources } from "../stacks/lock-sources";
import { movedImages, newer } from "../tools/lock/difference";
import { type Lock, resolve } from "../tools/lock/lock";
import { readStackSettings } from "./preconditions";
import { runCommand } from "./run-command";

const options = {
  stack: { type: "string" },
  /** Compares, and writes nothing. */
  check: { type: "boolean", default: false },
} as const;

const repository = join(__dirname, "..");

/**
 * `make lock STACK=…`: asks the repositories and registries of the settings what they serve, and writes versions and
 * digests into the file that `supply.index` names. With CHECK=1 it tells what is newer, and ends with 1 where anything is.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({ options });
  const { given } = await readStackSettings(repository, "lock", values.stack, process.env.PULUMI_OPTION_CONFIG_FILE);
  const sources = await readLockSources(given);
  const path = absolute(repository, sources.file.replace(/^~(?=\/)/, homedir()));
  const before = await lockIn(path);
  if (values.check && !before) throw new Error(`${path} is not there yet; write it: make lock STACK=${values.stack}`);

  const resolved = await resolve(sources, console.error);
  const moved = before ? movedImages(before, resolved.lock) : [];
  if (moved.length > 0) {
    throw new Error(
      [
        "The tag of a release never moves, and these did:",
        ...moved,
        `Find out why. To take the new ones, delete their lines in ${path} first.`,
      ].join("\n  "),
    );
  }
  const news = before ? newer(before, resolved) : [];
  if (values.check) {
    console.log(news.length > 0 ? news.join("\n") : `${path} has the newest of everything`);
    if (news.length > 0) process.exitCode = 1;
    return;
  }
  await writeFile(`${path}.new`, `${JSON.stringify(resolved.lock, null, 2)}\n`);
  await rename(`${path}.new`, path);
  console.log(
    [
      ...news,
      `${path} has ${Object.keys(resolved.lock.packages).length} packages and ${sources.images.length} images; commit it`,
    ].join("\n"),
  );
}

/** Undefined where there is none yet. */
async function lockIn(path: string): Promise<Lock | undefined> {
  const text = await readFile(path, "utf8").catch(({ code }: NodeJS.ErrnoException) => {
    if (code === "ENOENT") return undefined;
    throw new Error(`${path}: ${code}`);
  });
  if (text === undefined) return undefined;
  const { packages = {}, images = {}, others = {}, snapshot = "" } = JSON.parse(text);
  return { packages, images, others, snapshot };
}

runCommand(main, 2);
