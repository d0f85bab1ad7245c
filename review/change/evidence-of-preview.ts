import { statement } from "../evidence/statement";
import { writeEvidence } from "../evidence/write";
import { packInUse } from "../packs/pack-config-in-use";
import { findPacks } from "../packs/packs";
import { git } from "./checkout";
import type { Outcome } from "./events";

/**
 * Writes what the rules found in a preview as evidence about the previewed commit. With changes that are not committed
 * there is no commit to name, and it writes nothing.
 */
export async function evidenceOfPreview(
  repository: string,
  stack: string,
  { resources, violations }: Outcome,
  directory: string,
): Promise<void> {
  if (await git(repository, "status", "--porcelain")) return;
  const commit = await git(repository, "rev-parse", "HEAD");
  const packs = await Promise.all((await findPacks(repository)).map((pack) => packInUse(repository, pack, stack)));
  const state = { commit, resources, violations };
  await writeEvidence(directory, statement({ stack, state, packs, time: new Date().toISOString() }));
}
