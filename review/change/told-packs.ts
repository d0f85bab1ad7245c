import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { type PackInUse, packInUse } from "../packs/pack-config-in-use";
import { type Pack, type PackConfig, packConfig } from "../packs/packs";
import type { Side } from "./checkout";
import { exceptionChanges, voidExceptions } from "./exception-changes";
import { textAt } from "./git";
import type { Sandbox } from "./sandbox";

/** What each pack is told in a review, by its folder: parameters of the base, exceptions of the change. */
export interface ToldPacks {
  get(folder: string): PackConfig;
  readonly packs: readonly PackInUse[];
}

/**
 * Levels and parameters are the base's. Exceptions are the change's own, read from the file that the base names, and
 * judged by the base's terms: they are for what a change brings with it, and the review tells each new one.
 */
export async function packsAsTold(
  request: {
    readonly repository: string;
    readonly judge: Pick<Side, "directory">;
    readonly packs: readonly Pack[];
    readonly head: string;
    readonly sandbox: Sandbox;
  },
  stack: string,
): Promise<ToldPacks> {
  const { repository, judge, head, sandbox } = request;
  const directory = join(sandbox.directory, "exceptions");
  await mkdir(directory, { recursive: true });
  const written = await Promise.all(
    request.packs.map(async (pack) => {
      const config = await packConfig(pack, stack);
      const named = relative(judge.directory, config.pack.exceptionsFile);
      const text = await textAt(repository, head, named);
      const name = createHash("sha256").update(named).digest("hex").slice(0, 16);
      const exceptionsFile = join(directory, `${name}.yaml`);
      if (text !== undefined) await writeFile(exceptionsFile, text);
      return { pack, named, given: { ...config, pack: { ...config.pack, exceptionsFile } } };
    }),
  );
  // Only when all are written: packs that name the same file write it at once, and it is empty for a moment each time.
  const told = await Promise.all(
    written.map(async ({ pack, named, given }) => ({
      folder: pack.folder,
      given,
      inUse: await packInUse(judge.directory, pack, given, named),
    })),
  );
  const configs = new Map(told.map(({ folder, given }) => [folder, given]));
  return { get: (folder) => configs.get(folder) as PackConfig, packs: told.map(({ inUse }) => inUse) };
}

/** Sentences about the exceptions that a change adds or removes, wherever in `policies/` it keeps them. */
export async function exceptionSentences(
  { repository, packs }: { readonly repository: string; readonly packs: readonly Pack[] },
  start: Side,
  head: Side,
  files: readonly string[],
): Promise<string[]> {
  const rules = packs.flatMap((pack) => pack.rules.map(({ id }) => id));
  const places = files.filter((file) => /^policies\/.*\.ya?ml$/.test(file));
  const texts = await Promise.all(
    places.map(async (file) => {
      const after = await textAt(repository, head.commit, file);
      return [
        ...voidExceptions(after, rules, [...head.stacks.keys()]),
        ...exceptionChanges(await textAt(repository, start.commit, file), after),
      ];
    }),
  );
  return texts.flat();
}
