import assert from "node:assert/strict";
import { test } from "node:test";
import { run } from "../../tools/run";

test("a program that fails rejects with its exit status and what it wrote to stderr", async () => {
  await assert.rejects(run("sh", ["-c", "echo disk is full >&2; exit 3"]), { code: 3, message: /disk is full/ });
});

test("a program that ends without reading its input is judged by its exit status, not by the broken pipe", async () => {
  const input = "x".repeat(1 << 20);
  assert.equal(await run("sh", ["-c", "echo done"], { input }), "done\n");
  await assert.rejects(run("false", [], { input }), { code: 1 });
});
