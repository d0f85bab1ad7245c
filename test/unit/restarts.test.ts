import assert from "node:assert/strict";
import { test } from "node:test";
import { type FileSet, file } from "../../node-config/file-set";
import { renderInit } from "../../node-config/kubeadm";
import { controlPlaneFiles, nodeFiles } from "../../node-config/node-files";
import { commandsAfterWriting } from "../../node-config/restarts";
import { sysctlFiles } from "../../node-config/sysctl";
import { cp1, facts, worker1 } from "./cluster-samples";

/** What runs when these files of the set changed. */
const commandsOf = (files: FileSet, changed: readonly string[] = Object.keys(files)) =>
  commandsAfterWriting(files)
    .filter(({ paths }) =>
      changed.some((file) => paths.some((path) => file === path || (path.endsWith("/") && file.startsWith(path)))),
    )
    .map(({ command }) => command);

for (const path of ["/etc/hosts", "/etc/crictl.yaml", "/etc/resolv.conf", "/home/kjerne/.ssh/authorized_keys"]) {
  test(`a new ${path} restarts nothing`, () => {
    assert.deepEqual(commandsOf({ ...nodeFiles(facts, worker1, []), ...file(path, "") }, [path]), []);
  });
}

for (const [path, command] of [
  ["/etc/containerd/certs.d/docker.io/hosts.toml", "systemctl restart containerd"],
  ["/etc/chrony/sources.d/kjerne.sources", "chronyc reload sources"],
  ["/etc/systemd/network/10-cloud-init-eth0.network", "networkctl reload"],
]) {
  test(`a new ${path} in a node's files runs ${command} and nothing else`, () => {
    assert.deepEqual(commandsOf({ ...nodeFiles(facts, worker1, []), ...file(path ?? "", "") }, [path ?? ""]), [
      command,
    ]);
  });
}

test("systemd reads its units before anything restarts", () => {
  const commands = commandsOf(nodeFiles(facts, worker1, []));
  assert.equal(commands[0], "systemctl daemon-reload");
  assert.ok(commands.includes("systemctl restart containerd"), commands.join("\n"));
});

test("kernel settings are applied after their module is there, and floors are raised after exact values", () => {
  const files = sysctlFiles(["base", "router"]);
  const exact = "modprobe nf_conntrack; systemctl restart systemd-modules-load systemd-sysctl";
  const floors = "systemctl restart kjerne-sysctl-floors";
  const all = ["systemctl daemon-reload", exact, "systemctl enable kjerne-sysctl-floors", floors];
  assert.deepEqual(commandsOf(files), all);
  assert.deepEqual(commandsOf(files, ["/etc/sysctl.d/91-kjerne-base.conf"]), [exact, floors]);
  assert.deepEqual(commandsOf(files, ["/etc/kjerne/sysctl-floors.d/91-kjerne-base.conf"]), [floors]);
  assert.deepEqual(
    commandsOf({ ...files, ...nodeFiles(facts, worker1, []) }).filter((one) => all.includes(one)),
    all,
  );
});

test("a node without the unit that raises floors is not asked to start it", () => {
  assert.ok(!commandsOf(nodeFiles(facts, worker1, [])).some((command) => command.includes("floors")));
});

test("a control plane's files restart no component of Kubernetes, at both paces", () => {
  for (const pace of ["bare-metal", "emulated"] as const) {
    const files = controlPlaneFiles({ pace }, renderInit({ ...facts, pace }, cp1));
    assert.deepEqual(commandsOf(files), ["systemctl daemon-reload", "systemctl try-restart kjerne-csr-approver"]);
  }
});

test("a file that no entry covers is refused with the place to add it", () => {
  assert.throws(
    () => commandsAfterWriting(file("/etc/motd", "hello\n")),
    /nothing says what uses \/etc\/motd; add it to node-config\/restarts\.ts/,
  );
});

test("a control plane whose approver of certificates changed runs the new one", () => {
  const files = controlPlaneFiles(facts, renderInit(facts, cp1));
  for (const name of ["kjerne-csr-approver", "kjerne_serving_request.py"]) {
    assert.deepEqual(commandsOf(files, [`/usr/local/sbin/${name}`]), ["systemctl try-restart kjerne-csr-approver"]);
  }
});
