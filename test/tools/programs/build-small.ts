/**
 * Builds one small image and one small package into the cache at XDG_CACHE_HOME and prints their digests.
 * Arguments: directory with crane and registry.
 */
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildDeb } from "../../../tools/supply/deb";
import { buildImage } from "../../../tools/supply/image";

const tools = process.argv[2] as string;
const cache = process.env.XDG_CACHE_HOME as string;

async function main() {
  const program = join(cache, "hello");
  writeFileSync(program, "#!/bin/sh\necho hello\n", { mode: 0o755 });
  const deb = await buildDeb(
    { name: "hello", version: "1-1", description: "says hello", programs: { "/usr/bin/hello": program } },
    () => {},
  );
  const image = await buildImage(
    {
      name: "example.org/hello:1",
      files: { "/hello": program },
      links: { "/again": "hello" },
      writable: ["/tmp"],
      entrypoint: "/hello",
    },
    { crane: join(tools, "crane"), registry: join(tools, "registry") },
    () => {},
  );
  console.log(
    JSON.stringify({ deb: createHash("sha256").update(readFileSync(deb)).digest("hex"), image: image.digest }),
  );
}

main();
