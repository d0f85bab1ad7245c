import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { textOf } from "../../components/machine/program-text";

const scratch = mkdtempSync(join(tmpdir(), "kjerne-machine-"));
after(() => rmSync(scratch, { recursive: true, force: true }));

const wanted = {
  cluster: "oslo",
  name: "worker1",
  role: "control-plane",
  address: "10.20.0.41",
  autodetection: "interface=eth0",
  mtu: 1500,
  container: false,
  untestedRelease: false,
  modules: ["overlay", "ip_vs"],
  places: [join(scratch, "kubernetes")],
  maximumStealPercent: 100,
};

/** A rented machine that could be a node, by the commands that the preflight asks. */
const good = {
  hostname: "echo worker1",
  id: "echo 0",
  uname: "case $1 in -m) echo x86_64 ;; -r) echo 6.1.0-40-amd64 ;; esac",
  ps: "echo systemd",
  "systemd-detect-virt": 'case "$*" in *--container*) exit 1 ;; esac; echo kvm',
  stat: "echo cgroup2fs",
  nproc: "echo 4",
  df: "echo Avail; echo 100",
  modprobe: "exit 0",
  ss: "exit 0",
  wc: "echo 1",
  ip: "echo 'eth0 UP 10.20.0.41/24'",
  "apt-get": "exit 0",
  "dpkg-query": "exit 0",
  flock: "exit 0",
  systemctl: "exit 0",
};

/** Runs the preflight on this machine, which answers by the given commands. */
function preflight(commands: Readonly<Record<string, string>>, changed: object = {}) {
  const bin = mkdtempSync(join(scratch, "bin-"));
  for (const [name, text] of Object.entries({ ...good, ...commands })) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  }
  const { stderr } = spawnSync("/bin/bash", ["--norc", "-c", textOf("machine/preflight.sh")], {
    input: JSON.stringify({ ...wanted, ...changed }),
    encoding: "utf8",
    env: { PATH: `${bin}:${process.env.PATH}` },
  });
  return stderr;
}

test("the preflight tells everything that stands in the way at once, each with the way out", () => {
  const found = preflight({
    hostname: "echo vps-1234",
    id: "case $1 in -u) echo 1000 ;; *) echo debian ;; esac",
    sudo: "exit 1",
    uname: "case $1 in -m) echo aarch64 ;; -r) echo 6.8.0-1-kvm ;; esac",
    "systemd-detect-virt": 'case "$*" in *--container*) exit 0 ;; esac; echo lxc',
    nproc: "echo 1",
    df: "echo Avail; echo 2",
    modprobe: 'case "$*" in *ip_vs) exit 1 ;; esac',
    ss: 'case "$*" in *:6443*) echo LISTEN ;; esac',
    ip: "echo 'ens3 UP 10.20.0.99/24'",
    k3s: "exit 0",
    wc: "echo 2",
  });
  for (const reason of [
    /^machine worker1 needs \d+ change\(s\):/,
    /sudo: user debian needs a password/,
    /name: this machine calls itself vps-1234 and the settings call the node worker1; name the node vps-1234, or/,
    /architecture: this is aarch64/,
    /kind: this is a container \(lxc\).*set machine\.container: true/,
    /CPUs: 1; kubeadm wants 2/,
    /disk: 2 GiB are free/,
    /swap: .*swapoff -a/,
    /kernel modules: 6\.8\.0-1-kvm has no ip_vs; this is linux-kvm, which leaves modules out: install linux-generic/,
    /another runtime or Kubernetes: \S*\/k3s is there/,
    /ports: 6443 are taken/,
    /address: no interface has 10\.20\.0\.41; give the node one of: 10\.20\.0\.99/,
  ]) {
    assert.match(found, reason);
  }
});

const cases: readonly [string, Record<string, string>, object, RegExp | undefined][] = [
  ["emulated processors", { "systemd-detect-virt": 'case "$*" in *--c*) exit 1 ;; esac; echo qemu' }, {}, /kind: QEMU/],
  ["bare metal", { "systemd-detect-virt": "echo none; exit 1" }, {}, undefined],
  ["a container that is declared", { "systemd-detect-virt": "echo lxc" }, { container: true }, undefined],
  ["no container where one is declared", {}, { container: true }, /kind: machine\.container is true/],
  ["version 1 of cgroups", { stat: "echo tmpfs" }, {}, /cgroups: .*version 1/],
];
for (const [what, commands, changed, reason] of cases) {
  test(`the preflight judges ${what}`, () => {
    const found = preflight(commands, changed);
    if (reason) assert.match(found, reason);
    else assert.doesNotMatch(found, / kind: | {2}kind: /);
  });
}

test("an interface of another name, and one that carries smaller packets, are told with what to set", () => {
  const found = preflight({ ip: "echo 'lo UP 10.20.0.41/24'" }, { mtu: 70000 });
  assert.match(
    found,
    /interface: 10\.20\.0\.41 is on lo .* set network\.calico\.autodetection: kubernetes-internal-ip/,
  );
  assert.match(found, /MTU: lo has 65536 and the settings say 70000; set network\.mtu: 65536/);
});

/** `ip` of a machine that has a card on the fabric beside the node's. */
const ipWith = (flags: string, mtu: number, addresses = "") => `case "$*" in
  "-oneline link show dev fab0") echo '3: fab0@if9: <${flags}> mtu ${mtu} qdisc noqueue state UP' ;;
  *"link show dev"*) exit 1 ;;
  "-brief address show dev fab0") echo 'fab0 UP ${addresses}' ;;
  "-brief link") echo 'lo UNKNOWN'; echo 'eth0@if3 UP'; echo 'fab0 UP'; echo 'cali12 UP' ;;
  *) echo 'eth0 UP 10.20.0.41/24' ;;
esac`;

test("a card on the fabric that carries its MTU and is up is taken", () => {
  const ip = ipWith("BROADCAST,UP,LOWER_UP", 9000, "192.0.2.7/24");
  assert.doesNotMatch(preflight({ ip }, { fabricInterface: "fab0", fabricMtu: 9000, fabricKind: "macvlan" }), /fabric/);
});

const cards: readonly [what: string, ip: string, card: string, refusal: RegExp][] = [
  ["is not there", ipWith("UP", 9000), "ib0", /fabric: there is no ib0; .* one of: eth0 fab0$/m],
  ["takes smaller packets", ipWith("UP", 1500), "fab0", /fabric: fab0 has an MTU of 1500 and .* say 9000; raise it/],
  ["is down", ipWith("BROADCAST,LOWER_UP", 9000), "fab0", /fabric: fab0 is down; set it up/],
  [
    "is the one that nodes talk by",
    ipWith("UP", 9000, "10.20.0.41/24"),
    "fab0",
    /fabric: fab0 has the node's own address 10\.20\.0\.41/,
  ],
];
for (const [what, ip, fabricInterface, refusal] of cards) {
  test(`a card on the fabric that ${what} is refused, with the way out, and nothing else is`, () => {
    const found = preflight({ ip }, { fabricInterface, fabricMtu: 9000, fabricKind: "macvlan" });
    assert.match(found, refusal);
    assert.equal(found.match(/^ {2}fabric: /gm)?.length, 1, found);
  });
}

test("a card without virtual functions is refused where pods shall have some, and taken once it has", () => {
  const wanted = { fabricInterface: "fab0", fabricMtu: 9000, fabricKind: "sr-iov" };
  const ip = ipWith("UP", 9000);
  const functions = (count: number) => `case "$*" in *sriov_numvfs) echo ${count} ;; *) exec /bin/cat "$@" ;; esac`;
  assert.match(preflight({ ip }, wanted), /fabric: fab0 has no virtual functions.*sriov_numvfs\), or choose/);
  assert.match(preflight({ ip, cat: functions(0) }, wanted), /fabric: fab0 has no virtual functions/);
  assert.doesNotMatch(preflight({ ip, cat: functions(8) }, wanted), /fabric/);
});

test("a card that a pod has is not missed, on a node that gives it to pods", () => {
  const wanted = { fabricInterface: "fab1", fabricMtu: 9000, fabricKind: "host-device" };
  const ip = ipWith("UP", 9000);
  const given = (card: string) =>
    `case "$*" in *'"card": "${card}"'*fabric.conflist) ;; *) exec /bin/grep "$@" ;; esac`;
  assert.doesNotMatch(preflight({ ip, grep: given("fab1") }, wanted), /fabric/);
  assert.match(preflight({ ip, grep: given("fab2") }, wanted), /fabric: there is no fab1/);
});
