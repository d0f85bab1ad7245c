import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { textOf } from "../../components/machine/program-text";
import { shellQuote } from "../../components/machine/shell";
import { registryFiles } from "../../node-config/node-files";
import { makeMachine } from "./played-machine";

const machine = makeMachine();
after(() => machine.remove());

const input = (cluster: string, name = "worker1") =>
  JSON.stringify({
    cluster,
    name,
    packages: ["kubelet=1.36.3-1", "containerd=2.3.7-1"],
    held: ["kubelet"],
    sources: "Types: deb\n",
    images: { "registry.k8s.io/pause:3.10": "sha256:1" },
    authorities: "",
    registries: registryFiles("", [{ registry: "registry.k8s.io", mirror: "http://10.20.0.3:5000" }]),
    places: ["/etc/kubernetes", "/var/lib/kubelet"],
  });

/**
 * Runs bash commands on a machine of their own. There: `adopt`, `release`, each with the name of a cluster, and `found`.
 * `renamed` is worker2 of oslo, where else it is worker1.
 */
function on(commands: string): string {
  const call = (name: string) =>
    `${name}() { setsid -w bash -c ${shellQuote(textOf(`machine/${name}.sh`))} ${name} <<<"\${inputs[$1]}"; }`;
  const inputs = ["oslo", "bergen"].map((cluster) => `[${cluster}]='${input(cluster)}'`);
  inputs.push(`[renamed]='${input("oslo", "worker2")}'`);
  const { status, stdout, stderr } = spawnSync(
    "unshare",
    machine.argv(`
    declare -A inputs=(${inputs.join(" ")})
    ${call("adopt")}
    ${call("release")}
    ${readFileSync(join(__dirname, "programs/played-life.sh"), "utf8")}
    ${commands}`),
    { encoding: "utf8" },
  );
  assert.equal(status, 0, stderr);
  return stdout;
}

test("a machine that is released is as it was found", () => {
  const stdout = on('before=$(found); adopt oslo; live; release oslo; diff <(echo "$before") <(found) && echo same');
  assert.match(stdout, /^{"instanceId":"[-0-9a-f]{36}"}\nreleased; what stays: kernel modules[^\n]*\nsame\n$/);
});

test("containerd starts with each boot of a node, also where its package leaves the unit disabled", () => {
  assert.match(on("adopt oslo; cat /state/enabled"), /\ncontainerd\n$/);
});

test("adopt.sh that is killed at any step and run again ends as if nothing had happened", () => {
  const stdout = on(`
    before=$(found)
    for ((stop = 1; stop < 100; stop++)); do
      reset
      if STOP_AT=$stop adopt oslo &>/dev/null; then break; fi
      killed=$(tail -n 1 /state/log)
      adopt oslo >/dev/null || echo "not adopted after $killed"
      live
      release oslo >/dev/null || echo "not released after $killed"
      diff <(echo "$before") <(found) || echo "not as found after $killed"
    done
    echo "$((stop - 1)) steps"`);
  assert.match(stdout, /^\d\d steps\n$/);
});

test("release.sh that is killed at any step and run again ends as if nothing had happened", () => {
  const stdout = on(`
    before=$(found)
    adopt oslo >/dev/null; live
    keep
    for ((stop = 1; stop < 100; stop++)); do
      reset; again
      if STOP_AT=$stop release oslo &>/dev/null; then break; fi
      killed=$(tail -n 1 /state/log)
      release oslo >/dev/null || echo "not released after $killed"
      diff <(echo "$before") <(found) || echo "not as found after $killed"
    done
    echo "$((stop - 1)) steps"`);
  assert.match(stdout, /^\d\d steps\n$/);
});

test("a machine of which only the cluster's name was written down is let go, and no package is purged", () => {
  const stdout = on(`
    before=$(found)
    mkdir -p /var/lib/kjerne/machine; echo oslo >/var/lib/kjerne/machine/cluster
    release oslo; diff <(echo "$before") <(found) && echo same; grep dpkg /state/log || true`);
  assert.equal(stdout, "nothing had changed on this machine yet\nsame\n");
});

test("a node is not taken under another name, and stays what it is", () => {
  const stdout = on(`adopt oslo >/dev/null; live; before=$(found)
    adopt renamed 2>&1 || echo refused; diff <(echo "$before") <(found) && echo same`);
  assert.match(
    stdout,
    /^this machine is worker1 of oslo, not worker2; take it out of the cluster first\nrefused\nsame\n$/,
  );
});

test("another cluster neither takes a machine nor releases it", () => {
  const stdout = on(`
    adopt oslo >/dev/null; live; before=$(found)
    adopt bergen 2>&1 && echo taken
    release bergen
    diff <(echo "$before") <(found) && echo same`);
  assert.equal(
    stdout,
    "this machine is a node of oslo, not of bergen; remove it there first\nthis machine is no node of bergen; nothing to release\nsame\n",
  );
});

test("of two clusters that take a machine at once, one gets it; of two that release it, one does", () => {
  const stdout = on(`
    before=$(found)
    adopt oslo >/state/oslo 2>&1 & adopt bergen >/state/bergen 2>&1 & wait
    grep -l instanceId /state/oslo /state/bergen | wc -l
    owner=$(</var/lib/kjerne/machine/cluster); live
    release "$owner" >/state/one & first=$!
    release "$owner" >/state/two & second=$!
    wait "$first" && wait "$second" && echo both ended well
    grep -l '^released' /state/one /state/two | wc -l
    diff <(echo "$before") <(found) && echo same`);
  assert.equal(stdout, "1\nboth ended well\n1\nsame\n");
});

test("what can't be put back is named, with the reason, and everything else is put back", () => {
  const stdout = on("adopt oslo >/dev/null; live; touch /state/stuck; release oslo");
  for (const stays of [
    /interface cali1: cali1 is stuck/,
    /rules of iptables-nft that are Calico's or kube-proxy's: iptables-nft-restore is stuck/,
    /nft table ip kube-proxy: nft is stuck/,
    /ipset cali40all: ipset is stuck/,
    /kernel setting net\.ipv4\.ip_forward = 1, which was 0: sysctl is stuck/,
  ]) {
    assert.match(stdout, stays);
  }
  assert.match(stdout, /^released; what stays: /);
});
