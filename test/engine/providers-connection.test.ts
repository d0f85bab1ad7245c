import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Input } from "./programs/commands";
import { type KeyType, makeSshServer, type SshServer } from "./ssh-server";
import { makeWorkspace, type Workspace } from "./workspace";

let workspace: Workspace;
const servers: SshServer[] = [];

before(async () => {
  workspace = await makeWorkspace("commands.ts");
});

after(async () => {
  await workspace?.remove();
  await Promise.all(servers.map((server) => server.stop()));
});

async function makeServer(hostKeyType?: KeyType): Promise<SshServer> {
  const server = await makeSshServer({ hostKeyType });
  servers.push(server);
  return server;
}

const want = (remote: Input["remote"]) => workspace.setInput({ remote } satisfies Input);

for (const type of ["ed25519", "ecdsa"] as const) {
  test(`an SSH server that presents the pinned ${type} host key is trusted`, async () => {
    const server = await makeServer(type);
    await server.start();
    await want({ [type]: { args: { connection: server.connection, create: `echo hello ${type}` } } });
    const { code, output } = await workspace.up();
    assert.equal(code, 0, output);
    assert.match(output, new RegExp(`"hello ${type}"`));
  });
}

test("a pinned RSA host key is refused by OpenSSH of today, since only SHA-1 is offered for it", async () => {
  const server = await makeServer("rsa");
  await server.start();
  await want({ rsa: { args: { connection: { ...server.connection, dialErrorLimit: 1 }, create: "echo let in" } } });
  const { code, output } = await workspace.up();
  assert.notEqual(code, 0);
  assert.match(output, /after 1 failed attempts: ssh: handshake failed: .*host key/);
});

test("an SSH server that presents another host key than the pinned one is refused", async () => {
  const [server, other] = await Promise.all([makeServer(), makeServer()]);
  await server.start();
  const connection = { ...server.connection, hostKey: other.connection.hostKey, dialErrorLimit: 2 };
  await want({ stranger: { args: { connection, create: "echo let in" } } });
  const { code, output } = await workspace.up();
  assert.notEqual(code, 0);
  assert.match(output, /after 2 failed attempts: ssh: handshake failed: ssh: host key mismatch/);
  assert.ok(!output.includes('"let in"'));
});

test("a private key that the SSH server does not accept is an error", async () => {
  const [server, other] = await Promise.all([makeServer(), makeServer()]);
  await server.start();
  const connection = { ...server.connection, privateKey: other.connection.privateKey, dialErrorLimit: 1 };
  await want({ unknown: { args: { connection, create: "echo let in" } } });
  const { code, output } = await workspace.up();
  assert.notEqual(code, 0);
  assert.match(
    output,
    /after 1 failed attempts: ssh: handshake failed: ssh: unable to authenticate, attempted methods \[none publickey\]/,
  );
});

test("an invalid host key is an error before any connection is attempted", async () => {
  const connection = { host: "127.0.0.1", port: 1, hostKey: "ssh-ed25519 nonsense", dialErrorLimit: -1 };
  await want({ nonsense: { args: { connection, create: "true" } } });
  assert.match((await workspace.up()).output, /failed to parse host key/);
});

test("a closed port is an error that names the port after dialErrorLimit attempts", async () => {
  const { connection } = await makeServer();
  await want({ nobody: { args: { connection: { ...connection, dialErrorLimit: 3 }, create: "true" } } });
  const { code, output } = await workspace.up();
  assert.notEqual(code, 0);
  const error = `after 3 failed attempts: dial tcp ${connection.host}:${connection.port}: connect: connection refused`;
  assert.ok(output.includes(error), output);
});

test("an SSH server that starts late is dialled until it answers", async () => {
  const server = await makeServer();
  await want({ late: { args: { connection: { ...server.connection, dialErrorLimit: -1 }, create: "echo at last" } } });
  const running = workspace.spawn("up", "--yes", "--skip-preview");
  let output = "";
  let started: Promise<void> | undefined;
  for await (const chunk of running.stdout ?? []) {
    output += chunk;
    if (/Dial \d+\/inf failed: retrying/.test(output)) started ??= server.start();
  }
  await started;
  assert.match(output, /"at last"/);
});

test("an SSH server behind a proxy is reached through the proxy, whose host key is checked too", async () => {
  const [bastion, server] = await Promise.all([makeServer(), makeServer()]);
  await Promise.all([bastion.start(), server.start()]);
  const connection = { ...server.connection, proxy: bastion.connection };
  await want({ behind: { args: { connection, create: 'echo "came from $SSH_CONNECTION"' } } });
  const { code, output } = await workspace.up();
  assert.equal(code, 0, output);
  assert.match(output, /came from 127\.0\.0\.1/);

  const toStranger = { ...server.connection, proxy: { ...bastion.connection, hostKey: server.connection.hostKey } };
  await want({
    behind: {
      args: { connection: { ...toStranger, proxy: { ...toStranger.proxy, dialErrorLimit: 1 } }, create: "true" },
    },
  });
  assert.match((await workspace.up()).output, /proxy: after 1 failed attempts: ssh: handshake failed: /);
});

test("customTimeouts end an unanswered dial, but no running command: what it does would be in no state", async () => {
  const server = await makeServer();
  const options = { customTimeouts: { create: "2s" } };
  await want({
    nobody: { args: { connection: { ...server.connection, dialErrorLimit: -1 }, create: "true" }, options },
  });
  assert.match((await workspace.up()).output, /context deadline exceeded/);

  await server.start();
  await want({ slow: { args: { connection: server.connection, create: "sleep 4; echo at the end" }, options } });
  const { code, output } = await workspace.up();
  assert.equal(code, 0, output);
  assert.match(output, /"at the end"/);
});

test("an SSH agent that is gone keeps kjerne's pulumi from nothing, and fails one that is told of it", async () => {
  const server = await makeServer();
  await server.start();
  const gone = `${workspace.directory}/no-agent`;
  await want({ keyed: { args: { connection: server.connection, create: "echo by key" } } });
  workspace.env.SSH_AUTH_SOCK = gone;
  try {
    const { code, output } = await workspace.up();
    assert.equal(code, 0, output);
    await want({ told: { args: { connection: { ...server.connection, agentSocketPath: gone }, create: "true" } } });
    assert.match((await workspace.up()).output, /dial unix .*no-agent: connect: no such file or directory/);
  } finally {
    delete workspace.env.SSH_AUTH_SOCK;
  }
});
