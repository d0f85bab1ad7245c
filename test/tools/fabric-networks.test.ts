import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { rootCommand, run } from "../../tools/run";

const program = join(__dirname, "../../node-config/fabric/usr/local/sbin/kjerne-fabric-networks");
const conflist = join(__dirname, "../../node-config/fabric/etc/kjerne/fabric/20-kjerne-fabric.conflist");

/** Runs bash commands with an /etc/cni and an /etc/kjerne of their own; `calico NAME` writes its file as Calico does. */
async function onNode(commands: string): Promise<string> {
  const inside = `
    for directory in /etc/cni /etc/kjerne; do mkdir -p $directory; mount -t tmpfs none $directory; done
    mkdir -p /etc/cni/net.d /etc/kjerne/fabric
    cp "$1" /etc/kjerne/fabric/
    file=/etc/cni/net.d/10-calico.conflist
    empty() { : >$file; }
    calico() { echo "{\\"name\\": \\"$1\\", \\"plugins\\": [{\\"type\\": \\"calico\\"}]}" >$file; }
    # Until the program has begun to copy.
    copying() { until ls /etc/cni/fabric.d/10-calico* >/dev/null 2>&1; do sleep 0.01; done; }
    ${commands}
    cd /etc/cni/fabric.d && ls && jq --raw-output .name 10-calico.conflist`;
  const [command, ...args] = rootCommand(["unshare", "--mount", "bash", "-euc", inside, program, conflist]);
  return run(command, args);
}

const both = (name: string) => `10-calico.conflist\n20-kjerne-fabric.conflist\n${name}\n`;

test("systemd tells of Calico's file when it is still empty: pods on the fabric get what is written next", async () => {
  assert.equal(await onNode('empty; bash "$0" & copying; calico first; wait $!'), both("first"));
});

test("Calico writes its file again while the last one is copied: pods on the fabric get the new one", async () => {
  assert.equal(await onNode('calico first; bash "$0" & copying; empty; calico second; wait $!'), both("second"));
});

test("Calico's file stays broken: it is named, and pods on the fabric keep the networks that they had", async () => {
  const kept = await onNode('calico first; bash "$0"; empty; ! bash "$0" 2>&1 || exit 1');
  assert.match(kept, /^\/etc\/cni\/net\.d\/10-calico\.conflist is not whole/m);
  assert.match(kept, /^20-kjerne-fabric\.conflist\nfirst$/m);
});
