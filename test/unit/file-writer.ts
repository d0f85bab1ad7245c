import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach } from "node:test";

const writer = readFileSync(join(__dirname, "../../node-config/write-files.py"), "utf8");
const root = mkdtempSync(join(tmpdir(), "kjerne-node-files-"));
/** A file in a directory that is empty before each test. */
export const at = (path: string) => `${root}/${path}`;

beforeEach(() => rmSync(at(""), { recursive: true, force: true }));
after(() => rmSync(root, { recursive: true, force: true }));

/** Runs write-files.py as on a node, with its record of written files in a directory of this test. */
export function write(
  files: Record<string, string>,
  {
    action = "update",
    mode = "0644",
    set = "base",
    ...rest
  }: { action?: string; mode?: string; set?: string; owner?: string; before?: object; onChange?: object[] } = {},
) {
  const entries = Object.entries(files).map(([path, content]) => [at(path), { mode, lines: content.split("\n") }]);
  const script = writer.replace('"/var/lib/kjerne/files"', JSON.stringify(at("memory")));
  return spawnSync("python3", ["-I", "-c", script, action], {
    input: JSON.stringify({ set, files: Object.fromEntries(entries), onChange: [], ...rest }),
    encoding: "utf8",
  });
}

/** A command that notes in a log that it ran, for files at these paths. */
export const noting = (word: string, ...paths: string[]) => ({
  paths: paths.map(at),
  command: `echo ${word} >> ${at("log")}`,
});
export const noted = () => (existsSync(at("log")) ? readFileSync(at("log"), "utf8").split("\n").slice(0, -1) : []);
