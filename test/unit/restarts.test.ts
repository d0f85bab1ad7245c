import assert from "node:assert/strict";
import { test } from "node:test";
import { file } from "../../node-config/file-set";
import { renderInit } from "../../node-config/kubeadm";
import { controlPlaneFiles, nodeFiles } from "../../node-config/node-files";
import { commandsAfterWriting } from "../../node-config/restarts";
import { cp1, facts, worker1 } from "./cluster-samples";

test("a new /etc/hosts restarts nothing", () => {
  assert.equal(commandsAfterWriting(file("/etc/hosts", "127.0.0.1 localhost\n")), "");
});

test("a registry mirror restarts containerd alone", () => {
  const mirror = file("/etc/containerd/certs.d/docker.io/hosts.toml", "");
  assert.equal(commandsAfterWriting(mirror), "systemctl restart containerd");
});

test("systemd reads its units before anything restarts", () => {
  const commands = commandsAfterWriting(nodeFiles(facts, worker1, [])).split("\n");
  assert.equal(commands[0], "systemctl daemon-reload");
  assert.ok(commands.includes("systemctl restart containerd"), commands.join("\n"));
});

test("a control plane's files restart no component of Kubernetes, at both paces", () => {
  for (const pace of ["bare-metal", "emulated"] as const) {
    const files = controlPlaneFiles({ pace }, renderInit({ ...facts, pace }, cp1), [cp1, worker1]);
    assert.equal(commandsAfterWriting(files), "systemctl daemon-reload");
  }
});

test("a file that no entry covers is refused with the place to add it", () => {
  assert.throws(
    () => commandsAfterWriting(file("/etc/motd", "hello\n")),
    /nothing says what uses \/etc\/motd; add it to node-config\/restarts\.ts/,
  );
});
