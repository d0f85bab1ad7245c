import { mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../../tools/run";

export const credentials = { accessKeyId: "kjerne-test", secretAccessKey: "only-for-this-test" };

/** An identity of age with its recipient. */
export async function makeIdentity() {
  const identity = await run("age-keygen", []);
  return { identity, recipient: /public key: (age1\w+)/.exec(identity)?.[1] as string };
}

/** Directories of a store, for machines that come and go. */
export function makeStore(): string {
  const store = mkdtempSync(join(tmpdir(), "kjerne-store-"));
  for (const directory of ["directory", "about", "s3/etcd"]) mkdirSync(join(store, directory), { recursive: true });
  return store;
}
