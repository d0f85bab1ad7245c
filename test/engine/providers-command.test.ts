import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Input } from "./programs/commands";
import { makeSshServer, type SshServer } from "./ssh-server";
import { makeWorkspace, type Workspace } from "./workspace";

let server: SshServer;
let workspace: Workspace;

before(async () => {
  [server, workspace] = await Promise.all([makeSshServer(), makeWorkspace("commands.ts")]);
  await server.start();
});

after(async () => {
  await workspace?.destroy();
  await workspace?.remove();
  await server?.stop();
});

const commands = (given: Input["commands"]) => workspace.setInput({ commands: given } satisfies Input);

test("a command with a secret on stdin runs once, and again when an input changes", async () => {
  const file = join(workspace.directory, "received");
  const write = (name: string) => ({
    received: {
      args: { connection: server.connection, create: `cat > ${name}; echo written to ${name}` },
      secretStdin: "Open, Sesame",
    },
  });

  await commands(write(file));
  const first = await workspace.up();
  assert.deepEqual(first.steps, ["create received"], first.output);
  assert.equal(await readFile(file, "utf8"), "Open, Sesame");
  assert.match(first.output, /received: "written to/);

  const second = await workspace.up();
  assert.deepEqual(second.steps, [], second.output);

  await commands(write(`${file}-too`));
  const third = await workspace.up();
  assert.deepEqual(third.steps, ["update received"], third.output);
  assert.equal(await readFile(`${file}-too`, "utf8"), "Open, Sesame");

  const exported = await workspace.pulumi("stack", "export");
  for (const text of [first.output, third.output, exported.output, await workspace.state()]) {
    assert.ok(!text.includes("Sesame"), "the secret stands nowhere in clear");
    assert.ok(!text.includes("BEGIN OPENSSH PRIVATE KEY"), "nor does the private key");
  }
});
