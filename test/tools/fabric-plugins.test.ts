import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type FabricKind, fabricFiles } from "../../node-config/fabric";
import { asRoot, run } from "../../tools/run";
import { ensureSupply } from "../../tools/supply/supply";

let scratch: string;

before(async () => {
  const supply = await ensureSupply((line) => console.log(line));
  scratch = await mkdtemp(join(tmpdir(), "kjerne-fabric-"));
  const pool = join(supply.directory, "apt/pool");
  const deb = (await readdir(pool)).find((name) => name.startsWith("containernetworking-plugins_"));
  await run("dpkg-deb", ["--extract", join(pool, deb ?? ""), scratch]);
  const own = fabricFiles(onNode("macvlan", 0))["/opt/cni/bin/kjerne-host-device"];
  await writeFile(join(scratch, "usr/lib/cni/kjerne-host-device"), own?.content ?? "", { mode: 0o755 });
});
after(() => rm(scratch, { recursive: true, force: true }));

const onNode = (kind: FabricKind, node: number) => ({
  ...{ kind, interface: `fab${node}`, cidr: "10.99.0.0/16", mtu: 9000 },
  range: [`10.99.${node}.1`, `10.99.${node}.9`] as const,
});

/**
 * Runs bash commands where Debian's CNI plugins find the cards fab0 and fab1 of two nodes on one switch. `cni ADD POD NODE`
 * gives a pod its interface by the files of a node as containerd does, `cni DEL POD NODE` takes it away.
 */
async function onFabric(kind: FabricKind, commands: string): Promise<string> {
  for (const node of [0, 1]) {
    const file = fabricFiles(onNode(kind, node))["/etc/kjerne/fabric/20-kjerne-fabric.conflist"];
    await writeFile(join(scratch, `${node}.conflist`), file?.content ?? "");
  }
  const inside = `
    cd "$0"
    export CNI_PATH=$0/usr/lib/cni CNI_IFNAME=eth1
    mount -t tmpfs none /run
    ip link set lo up
    ip link add switch mtu 9216 type bridge
    ip link set switch up
    for node in 0 1; do
      ip link add fab$node mtu 9216 type veth peer name port$node mtu 9216
      ip link set port$node master switch up
      ip link set fab$node up
    done
    for pod in one two three; do ip netns add $pod; done
    cni() {
      local result=null out plugin
      export CNI_COMMAND=$1 CNI_CONTAINERID=$2 CNI_NETNS=/run/netns/$2
      while read -r plugin; do
        out=$(jq --argjson result "$result" 'if $result == null then . else .prevResult = $result end' <<<"$plugin" |
          "$CNI_PATH/$(jq -r .type <<<"$plugin")") || { jq -r .msg <<<"$out"; return 1; }
        if [[ $1 == ADD ]]; then result=$out; fi
      done < <(jq -c --arg command "$1" '. as {$cniVersion, $name}
        | .plugins | if $command == "ADD" then . else reverse end | .[] + {$cniVersion, $name}' "$3.conflist")
    }
    addresses() { ls /run/kjerne-fabric/kjerne-fabric | grep '^10' | paste -sd ' '; }
    link() { ip -n "$1" -json -details link show eth1 | jq -r '.[0] | "\\(.mtu) \\(.linkinfo.info_kind)"'; }
    ${commands}`;
  return asRoot("unshare", "--mount", "--net", "bash", "-euc", inside, scratch);
}

const noIpvlan = "ip link add probe0 type dummy 2>/dev/null; ip link add link lo name probe1 type ipvlan mode l2";
for (const kind of ["macvlan", "ipvlan"] as const) {
  test(`${kind}: pods of two nodes share their cards, and packets of full size pass between them`, async (t) => {
    if (kind === "ipvlan") {
      const isThere = await asRoot("unshare", "--net", "bash", "-c", noIpvlan).then(
        () => true,
        ({ message }: Error) => !/Unknown device type|not supported/.test(message),
      );
      if (!isThere) return t.skip("this kernel has no ipvlan");
    }
    const said = await onFabric(
      kind,
      `cni ADD one 0; cni ADD two 1; cni ADD three 0; addresses; link one
       ip netns exec one ping -q -c 1 -w 5 -M do -s 8972 10.99.1.1 >/dev/null
       ip netns exec one ping -q -c 1 -w 5 -M do -s 8972 10.99.0.3 >/dev/null
       cni DEL one 0; addresses; ! ip -n one link show eth1 2>/dev/null`,
    );
    assert.equal(said, `10.99.0.2 10.99.0.3 10.99.1.1\n9000 ${kind}\n10.99.0.3 10.99.1.1\n`);
  });
}

test("host-device: a pod has the card, the next one waits for it, and the node has it back as it was", async () => {
  const said = await onFabric(
    "host-device",
    `cni ADD one 0; cni ADD two 1; link one; ! ip link show fab0 2>/dev/null
     ip netns exec one ping -q -c 1 -w 5 -M do -s 8972 10.99.1.1 >/dev/null
     ! cni ADD three 0; cni DEL three 0
     cni DEL one 0; ip -json link show fab0 | jq -r '.[0] | "\\(.mtu) \\(.flags | contains(["UP"]))"'; addresses
     cni ADD three 0; link three`,
  );
  const taken =
    "fab0 is not free: it is in a pod, has an address, or is part of another interface; the pod starts once there is one";
  assert.equal(said, `9000 veth\n${taken}\n9216 true\n10.99.1.1\n9000 veth\n`);
});

test("host-device: a card that came back under the name that it had in a pod is given all the same", async () => {
  const said = await onFabric(
    "host-device",
    "ip link set fab0 down; ip link set fab0 name eth1 alias fab0; cni ADD one 0; link one",
  );
  assert.equal(said, "9000 veth\n");
});

test("host-device: a machine that is given back has its card under its own name, though a pod had it", async () => {
  const release = join(__dirname, "../../node-config/machine/release.sh");
  const said = await onFabric(
    "host-device",
    `cni ADD one 0; eval "$(sed -n '/^give_cards_back()/,/^}/p' ${release})"
     give_cards_back one; ip netns delete one; ip -json link show fab0 | jq -r .[0].ifname`,
  );
  assert.equal(said, "fab0\n");
});

/** What the kernel shows of a card with these interfaces as its virtual functions, in the place of /sys. */
const functions = (...interfaces: readonly string[]) =>
  interfaces
    .map(
      (name, at) => `
    ip link add ${name} mtu 9216 type veth peer name port-${name} mtu 9216
    ip link set port-${name} master switch up
    mkdir -p /sys/bus/pci/devices/0000:01:00.${at}/net/${name}
    ln -s . /sys/bus/pci/devices/0000:01:00.${at}/driver
    ln -s ../../../../bus/pci/devices/0000:01:00.${at} /sys/class/net/fab0/device/virtfn${at}`,
    )
    .join("");
const sysfs =
  "for at in /sys/class/net /sys/bus/pci/devices; do mount -t tmpfs none $at; done; mkdir -p /sys/class/net/fab0/device";

test("sr-iov: pods that start at once have a virtual function each, and one that is given back is given again", async () => {
  const said = await onFabric(
    "sr-iov",
    `${sysfs}; ${functions("vf0", "vf1")}
     cni ADD one 0 & cni ADD two 0; wait
     link one; link two; addresses; ip link show fab0 >/dev/null
     ip netns exec one ping -q -c 1 -w 5 -M do -s 8972 "$(ip -n two -json address show eth1 | jq -r .[0].addr_info[0].local)" >/dev/null
     ! cni ADD three 0; cni DEL three 0; addresses
     cni DEL one 0; cni ADD three 0; link three`,
  );
  const full =
    "no virtual function of fab0 is free: each is in a pod, has an address, or is part of another interface; the pod starts once there is one";
  assert.equal(said, `9000 veth\n9000 veth\n10.99.0.2 10.99.0.3\n${full}\n10.99.0.2 10.99.0.3\n9000 veth\n`);
});

test("sr-iov: a function that has an address or is part of a bridge is the machine's own, and stays there", async () => {
  const said = await onFabric(
    "sr-iov",
    `${sysfs}; ${functions("vf0", "vf1", "vf2")}
     ip address add 192.0.2.1/24 dev vf0; ip link set vf1 master switch
     cni ADD one 0; ! cni ADD two 0 >/dev/null; ip -brief address show | awk '/^vf/ {print $1}'`,
  );
  assert.equal(said.replaceAll(/@\S+/g, ""), "vf0\nvf1\n");
});
