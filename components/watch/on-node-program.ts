import { extname, join } from "node:path";
import { buildSync } from "esbuild";

/** `on-node.ts` and all that it needs as one program, for a machine with Node.js 18 or later and nothing else of the package. */
export function onNodeProgram(): string {
  const { outputFiles } = buildSync({
    entryPoints: [join(__dirname, `on-node${extname(__filename)}`)],
    bundle: true,
    platform: "node",
    target: "node18",
    // The machine has none.
    packages: "external",
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: "none",
    write: false,
  });
  return (outputFiles[0] as (typeof outputFiles)[number]).text;
}
