import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import type { Input } from "./programs/commands";
import { makeStage } from "./stage";

const stage = makeStage("commands.ts");
const want = (remote: Input["remote"]) => stage.setInput({ remote } satisfies Input);

test("a command that leaves megabytes of its stdin unread fails, though it has run", async () => {
  const create = `head -c 10; touch ${stage.path("ran")}`;
  await want({ hasty: { args: { connection: stage.server.connection, create, stdin: "kjerne ".repeat(500_000) } } });
  const { code, output } = await stage.up();
  assert.notEqual(code, 0);
  assert.match(output, /EOF: running "head -c 10/);
  assert.ok(existsSync(stage.path("ran")));
});

test("output that is not UTF-8 is an error", async () => {
  await want({ binary: { args: { connection: stage.server.connection, create: "printf '\\377'", logging: "none" } } });
  const { code, output } = await stage.up();
  assert.notEqual(code, 0);
  assert.match(output, /UTF-8/);
});

test("a logged line of 64 KiB is refused by the stand-in, because the official provider hangs there", async (t) => {
  if (stage.skipIfOfficial(t, "command provider", "hangs at such a line")) return;
  const line = (length: number) => `head -c ${length} /dev/zero | tr '\\0' x; echo`;
  const { connection } = stage.server;
  await want({
    short: { args: { connection, create: line(65_535) } },
    silent: { args: { connection, create: line(200_000), logging: "none" } },
  });
  const fits = await stage.up("--suppress-outputs");
  assert.equal(fits.code, 0, fits.output);

  await want({ long: { args: { connection, create: line(65_536) } } });
  const { code, output } = await stage.up();
  assert.notEqual(code, 0);
  assert.match(output, /a line of 64 KiB or more was printed.*set logging to none/);
});

test("a last line without a newline is shown while the program runs", async () => {
  await want({ prompt: { args: { connection: stage.server.connection, create: "printf 'no newline'" } } });
  assert.match((await stage.up("--suppress-outputs")).output, /no newline/);
});
