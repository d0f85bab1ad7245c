import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { rootCommand, run } from "../../tools/run";

const program = join(__dirname, "../../node-config/fabric/usr/local/sbin/kjerne-fabric-networks");
const conflist = join(__dirname, "../../node-config/fabric/etc/kjerne/fabric/20-kjerne-fabric.conflist");

/**
 * Runs bash commands with directories of CNI and of kjerne of their own, beside the program, which does not wait long;
 * `calico NAME` writes its file as Calico does, `kind PLUGIN` the fabric's as the stack does.
 */
async function onNode(commands: string): Promise<string> {
  const inside = `
    for directory in /etc/cni /etc/kjerne /var/lib/cni; do mkdir -p $directory; mount -t tmpfs none $directory; done
    mkdir -p /etc/cni/net.d /etc/kjerne/fabric
    cp "$1" /etc/kjerne/fabric/
    fabric=/etc/kjerne/fabric/20-kjerne-fabric.conflist pods=/var/lib/cni/results
    cd /etc/cni
    empty() { : >net.d/10-calico.conflist; }
    calico() { echo "{\\"name\\": \\"$1\\", \\"plugins\\": [{\\"type\\": \\"calico\\"}]}" >net.d/10-calico.conflist; }
    kind() { jq --arg plugin "$1" '.plugins[0].type = $plugin' "$fabric" >new; mv new "$fabric"; }
    has() { grep --silent "\\"$1\\"" fabric.d/20-kjerne-fabric.conflist; }
    until_true() { timeout 20 bash -c "until $1; do sleep 0.02; done"; }
    new=fabric.d/10-calico.conflist.new
    got() { until_true "grep --silent $1 fabric.d/10-calico.conflist && ls fabric.d/20-* && ! ls fabric.d/*.new" &>/dev/null; }
    (sleep() { command sleep 0.05; }; export -f sleep; exec bash "$0" 2>/etc/cni/said) &
    trap 'kill $!' EXIT
    ${commands}`;
  const [command, ...args] = rootCommand(["unshare", "--mount", "bash", "-euc", inside, program, conflist]);
  return run(command, args);
}

const both = "10-calico.conflist\n20-kjerne-fabric.conflist\n";

test("Calico's file is still empty when it is found: pods get the fabric with what is written next", async () => {
  assert.equal(
    await onNode(
      `empty; until_true "test -e $new"; ! ls fabric.d/*.conflist &>/dev/null; calico first; got first; ls fabric.d`,
    ),
    both,
  );
});

test("Calico writes its file again: pods on the fabric get the new one", async () => {
  assert.equal(await onNode("calico first; got first; empty; calico second; got second; ls fabric.d"), both);
});

test("Calico's file stays broken: that is said once, and pods on the fabric keep the networks that they had", async () => {
  const said = await onNode(
    `calico first; got first; empty; until_true "test -s said"; until_true "test $new -nt said"
     grep --silent first fabric.d/10-calico.conflist; ls fabric.d/20-*.conflist >/dev/null; cat said`,
  );
  assert.match(said, /^\/etc\/cni\/net\.d\/10-calico\.conflist or [^\n]* is no list of plugins[^\n]*\n$/);
});

test("another kind waits until the node's last pod on the fabric has gone, which is said once; other changes don't wait", async () => {
  const said = await onNode(
    `kind macvlan; calico first; got first; mkdir $pods; touch $pods/kjerne-fabric-abc-eth1 $pods/k8s-pod-network-abc-eth0
     kind ipvlan; until_true "test -s said"; calico second; got second; has macvlan; cat said
     kind macvlan; sed -i 's/1.0.0/0.4.0/' $fabric; export -f has; until_true "has 0.4.0"
     kind ipvlan; rm $pods/kjerne-fabric-*; until_true "has ipvlan"`,
  );
  assert.match(said, /^pods of this node have interfaces of macvlan on the fabric, and ipvlan is wanted[^\n]*\n$/);
});

test("Multus has the fabric's network while the node offers it, of the same kind as all pods, and not before or after", async () => {
  const said = await onNode(
    `kind macvlan; calico first; got first; at=multus/net.d/20-kjerne-fabric.conflist; ! ls $at 2>/dev/null
     touch /etc/kjerne/fabric/multus; until_true "cmp --silent $fabric $at"
     mkdir -p /var/lib/cni/multus/results; touch /var/lib/cni/multus/results/kjerne-fabric-abc-net1
     kind ipvlan; until_true "test -s said"; calico second; got second; has macvlan; jq -r .plugins[0].type $at
     rm /var/lib/cni/multus/results/*; until_true "cmp --silent $fabric $at"; has ipvlan
     rm /etc/kjerne/fabric/multus; until_true "! test -e $at"`,
  );
  assert.equal(said, "macvlan\n");
});
