import assert from "node:assert/strict";
import { test } from "node:test";
import { overSsh } from "../../components/verify/ssh";
import { makeSshServer } from "../engine/ssh-server";
import { makeWorkspace } from "../engine/workspace";
import { wanted } from "../unit/verify/healthy";

test("a failed check fails the up with the report as its error, and the next up checks again", async () => {
  const server = await makeSshServer();
  const workspace = await makeWorkspace("../../api/programs/verification.ts");
  try {
    await server.start();
    const unreachable = { ...server.connection, port: 1 };
    await workspace.setInput({ wanted, connections: { cp1: server.connection, worker1: unreachable } });

    const { code, output } = await workspace.up();
    assert.notEqual(code, 0);
    assert.match(output, /FAILED +cp1: the node has its name/);
    assert.match(output, /wanted +cp1$/m);
    assert.match(output, /next +on cp1: hostnamectl/);
    assert.match(output, /FAILED +worker1: the node answers by ssh[\s\S]*?Connection refused/);
    assert.match(output, /\d+ of \d+ checks failed[.,]/); // a comma where warnings follow, as of nodes without echo
    const key = server.connection.privateKey.split("\n")[1] as string;
    assert.ok(!output.includes(key) && !(await workspace.state()).includes(key));

    const again = await workspace.up();
    assert.match(again.output, /FAILED +cp1: the node has its name/);
  } finally {
    await workspace.remove();
    await server.stop();
  }
});

test("the verification runs no script on a machine that presents another host key", async () => {
  const [server, other] = [await makeSshServer(), await makeSshServer()];
  try {
    await server.start();
    const target = { ...server.connection, hostKey: other.connection.hostKey };
    await assert.rejects(
      overSsh({ cp1: target }, (run) => run("cp1", "verify/observe.sh", "{}")),
      /verify\/observe\.sh on cp1: [\s\S]*[Hh]ost key verification failed/,
    );
  } finally {
    await server.stop();
    await other.stop();
  }
});
