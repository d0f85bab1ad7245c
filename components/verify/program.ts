import { extname, relative } from "node:path";

/**
 * The command line that runs a program of the package: TypeScript in a checkout, JavaScript in the package.
 *
 * @param path Without the ending.
 */
export function programLine(path: string): string {
  const kind = extname(__filename);
  // Relative, so that another checkout of the same program is no change.
  const program = relative(process.cwd(), `${path}${kind}`);
  return kind === ".ts" ? `node --import tsx ${program}` : `node ${program}`;
}
