import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { Refusal } from "../refusal/refusal";

/**
 * Reads a manifest from `https://…`, `http://…` or a file (`~` is the home directory) and compares its SHA-256, so that
 * what is installed is what was reviewed. Throws with both sums when they differ.
 */
export async function readManifest(source: string, sha256: string): Promise<string> {
  const text = /^https?:/.test(source)
    ? await download(source)
    : await readFile(source.replace(/^~(?=\/)/, homedir()), "utf8");
  const found = createHash("sha256").update(text).digest("hex");
  if (found !== sha256) {
    throw new Refusal(
      `${source} has SHA-256 ${found}, the settings say ${sha256}; review what changed, then set the new one`,
    );
  }
  return text;
}

async function download(url: string): Promise<string> {
  const response = await fetch(url);
  if (!response.ok)
    throw new Refusal(`${url}: ${response.status} ${response.statusText}; check the address and its mirror`);
  return response.text();
}
