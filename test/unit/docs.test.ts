import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { root, topFolders } from "./imports";

/** Pages at the top, in docs/, and the README.md of each top folder. */
const pages = ["", "docs", ...topFolders].flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((file) => file.endsWith(".md"))
    .map((file) => join(folder, file)),
);
const textOf = (page: string) => readFileSync(join(root, page), "utf8");
const targets = new Set(textOf("Makefile").match(/^[a-z][a-z0-9-]*(?=:)/gm));

test("each link of a page leads to a file that is there, and to a heading of it", () => {
  const broken = pages.flatMap((page) =>
    [...textOf(page).matchAll(/\]\((?!\w+:)([^)\s#]*)(?:#([^)\s]+))?\)/g)]
      .map(([, path = "", heading]) => ({ page, to: path ? join(dirname(page), path) : page, heading }))
      .filter(({ to, heading }) => !existsSync(join(root, to)) || (heading && !headingsOf(to).includes(heading))),
  );
  assert.deepEqual(broken, []);
});

test("each file that a page names is there", () => {
  const named = new RegExp(`\`((?:${topFolders.join("|")}|docs)/[\\w./-]+)\``, "g");
  const gone = pages.flatMap((page) =>
    [...textOf(page).matchAll(named)]
      .map(([, path = ""]) => ({ page, path }))
      .filter(({ path }) => !existsSync(join(root, path)) && !path.startsWith("dist/")),
  );
  assert.deepEqual(gone, []);
});

test("each make target that a page names is in the Makefile", () => {
  const gone = pages.flatMap((page) =>
    [...textOf(page).matchAll(/(?:^|`)make ([a-z][a-z0-9-]+(?: [a-z][a-z0-9-]+)*)/gm)]
      .flatMap(([, names = ""]) => names.split(" "))
      .filter((target) => !targets.has(target))
      .map((target) => ({ page, target })),
  );
  assert.deepEqual(gone, []);
});

/** As GitHub makes anchors of headings. */
function headingsOf(page: string): string[] {
  return [...textOf(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\w\s-]/g, "")
      .replaceAll(" ", "-"),
  );
}
