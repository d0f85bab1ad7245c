import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Document, parseDocument } from "yaml";
import { run } from "../../tools/run";
import { make } from "../make";

const here = join(__dirname, "../..");

/** A temporary git repository with the files of this working tree, on a branch that starts from `main`. */
export interface Repository {
  readonly directory: string;
  /** Edits a YAML file as data. */
  edit(file: string, change: (document: Document) => void): Promise<void>;
  replace(file: string, text: string, by: string): Promise<void>;
  write(file: string, text: string): Promise<void>;
  /** Puts a link in the place of a file. */
  link(file: string, to: string): Promise<void>;
  commit(): Promise<void>;
  /** Discards every change since `main`. */
  clean(): Promise<void>;
  /** Runs `make review BASE=main …`; gives its output, its result and the files that it wrote. */
  review(env: Readonly<Record<string, string>>, ...variables: string[]): Promise<Reviewed>;
  remove(): Promise<void>;
}

export interface Reviewed {
  readonly blocked: boolean;
  readonly printed: string;
  readonly markdown: string;
  readonly sarif: Sarif;
  readonly json: string;
}

/** The parts of SARIF 2.1.0 that the tests read. */
export interface Sarif {
  readonly runs: readonly {
    readonly results: readonly {
      readonly ruleId: string;
      readonly level: string;
      readonly message: { readonly text: string };
    }[];
  }[];
}

export async function makeRepository(): Promise<Repository> {
  const directory = await mkdtemp(join(tmpdir(), "kjerne-change-"));
  const at = (file: string) => join(directory, file);
  const git = (...args: string[]) =>
    run("git", ["-c", "user.name=Test", "-c", "user.email=test@example.invalid", "-C", directory, ...args]);

  const files = await run("git", ["-C", here, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
  for (const file of files.split("\0").filter(Boolean)) {
    await cp(join(here, file), at(file)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error; // deleted here, and not committed yet
    });
  }
  await git("init", "--quiet", "--initial-branch", "main");
  await git("add", "--all");
  await git("commit", "--quiet", "--message", "as it is");
  await git("checkout", "--quiet", "-b", "change");
  await writeFile(at(".git/info/exclude"), "node_modules\n");
  await symlink(join(here, "node_modules"), at("node_modules"));

  return {
    directory,
    async edit(file, change) {
      const document = parseDocument(await readFile(at(file), "utf8"));
      change(document);
      await writeFile(at(file), document.toString({ lineWidth: 0 }));
    },
    async replace(file, text, by) {
      const old = await readFile(at(file), "utf8");
      if (!old.includes(text)) throw new Error(`${file} has no ${text}; the test needs another place for its change`);
      await writeFile(
        at(file),
        old.replace(text, () => by),
      );
    },
    async write(file, text) {
      await mkdir(dirname(at(file)), { recursive: true });
      await writeFile(at(file), text);
    },
    async link(file, to) {
      await rm(at(file), { force: true });
      await symlink(to, at(file));
    },
    async commit() {
      await git("commit", "--quiet", "--all", "--message", "a change");
    },
    async clean() {
      await git("reset", "--quiet", "--hard", "main");
      await git("clean", "--quiet", "-d", "--force");
    },
    async review(env, ...variables) {
      const { code, printed } = await make(directory, ["review", "BASE=main", ...variables], env);
      const [markdown, sarif, json] = (await Promise.all(
        ["md", "sarif", "json"].map((kind) => readFile(at(`dist/review/review.${kind}`), "utf8")),
      )) as [string, string, string];
      return { blocked: code !== 0, printed, markdown, sarif: JSON.parse(sarif), json };
    },
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}
