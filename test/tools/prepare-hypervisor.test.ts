import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { textOf } from "../../components/machine/program-text";
import { until } from "../../tools/lab/until";
import { type FreshHypervisors, startHypervisors } from "./fresh-hypervisors";
import { cutting, trap } from "./power-cut";

const prepare = "hypervisor/prepare.sh";
const confirm = "hypervisor/confirm-bridge.sh";
/** Names of a lab's native nodes, and who keeps their network. */
const machines = { worker1: "networkd", worker2: "ifupdown" } as const;

/** What a bridge changes on a machine, without what cards give themselves after a while. */
const network = `ip -4 -brief address | awk '{ sub("@if[0-9]+", "", $1); $1 = $1 } 1'; ip route; bridge link show | cut -d : -f 2- | grep -o '.* master [^ ]*' || true
find /etc /usr/local /var/lib/kjerne -type f -not -name '*.json' | LC_ALL=C sort | xargs sha256sum
systemctl list-units --all --plain --no-legend 'kjerne-bridge*' | awk '{print $1}'`;

describe("a fresh Debian that becomes a hypervisor", { concurrency: false }, () => {
  let all: FreshHypervisors;
  const names = Object.keys(machines) as (keyof typeof machines)[];
  const asFound: Record<string, string> = {};
  before(async () => {
    all = await startHypervisors(`test-${process.pid}-fresh`, machines);
  });
  after(() => all.stop());

  /** The script without ssh, as in a session from the given port; optionally killed before its nth change. */
  const inSession = (name: string, port: number, script: string, before: readonly string[] = []) =>
    all.inside(
      name,
      `cat >/run/input <<'INPUT'\n${all.input(name, {})}\nINPUT\ncat >/run/script <<'SCRIPT'\n${textOf(script)}\nSCRIPT
      export SSH_CONNECTION='10.77.0.1 ${port} ${all.addressOf(name)} 22'
      ${before.map((word) => `'${word}'`).join(" ")} bash -c "$(</run/script)" ${script} create </run/input`,
    );
  const isBack = async (name: string) => assert.equal(await all.inside(name, network), asFound[name], name);
  const hasBridge = async (name: string) => {
    assert.match(await all.ssh(name, "ip -brief address"), new RegExp(`^br0 .* ${all.addressOf(name)}/24`, "m"));
    assert.match(await all.ssh(name, "ip route"), /^default via .* dev br0/m);
    assert.match(await all.inside(name, "bridge link show"), / eth0.* master br0 state forwarding/);
    const macs = await all.inside(name, "cat /sys/class/net/br0/address /sys/class/net/eth0/address");
    assert.equal(new Set(macs.trim().split("\n")).size, 1);
  };

  test("what is missing comes from the machine's own sources, and what is there stays, a bridge too", async () => {
    for (const name of names) {
      await all.inside(name, "ip link add other0 type bridge");
      const before = await all.inside(name, "dpkg-query --show; ip -brief address show dev eth0");
      const lists = await all.inside(name, "find /var/lib/apt/lists /var/cache/apt -type f | sort");
      await assert.rejects(all.ssh(name, "command -v jq"));
      await all.run(name, prepare, { bridge: "other0" });
      await all.run(name, confirm, { bridge: "other0" });
      assert.match(await all.ssh(name, "echo '{\"a\": 1}' | jq .a"), /^1$/m);
      const now = await all.inside(name, "dpkg-query --show; ip -brief address show dev eth0");
      assert.deepEqual(
        now
          .split("\n")
          .filter((line) => !before.includes(line))
          .map((line) => line.split("\t")[0]),
        ["jq", "libjq1:amd64", "libonig5:amd64"],
      );
      assert.deepEqual(
        before.split("\n").filter((line) => !now.includes(line)),
        [],
      );
      assert.equal(await all.inside(name, "find /var/lib/apt/lists /var/cache/apt -type f | sort"), lists);
      assert.match(
        await all.inside(name, "systemctl is-active libvirtd; systemctl is-enabled libvirtd"),
        /^active\nenabled$/m,
      );
      await all.inside(name, "ip link delete other0");
      asFound[name] = await all.inside(name, network);
    }
  });

  test("everything that stands in the way is told at once, and nothing is changed", async () => {
    // A package that apt would remove for one that is missing.
    await all.inside(
      "worker1",
      `mkdir -p /root/old/DEBIAN
      printf '%s\n' 'Package: old' 'Version: 1' 'Architecture: all' 'Maintainer: me <a@b.c>' 'Description: old' 'Conflicts: chrony' >/root/old/DEBIAN/control
      dpkg-deb --build /root/old /root/old.deb && dpkg -i /root/old.deb
      cp /etc/os-release /run/os-release && sed -i s/VERSION_ID=.*/VERSION_ID=11/ /run/os-release
      mount --bind /run/os-release /etc/os-release
      mkdir -p /run/NetworkManager/devices
      printf '[device]\\nmanaged=true\\n' >/run/NetworkManager/devices/$(</sys/class/net/eth0/ifindex)`,
    );
    const before = await all.inside("worker1", `${network}; dpkg-query --show`);
    await assert.rejects(all.run("worker1", prepare, { commands: ["chrony: chronyd"] }), (error: Error) => {
      assert.match(error.message, /hypervisor worker1 is not prepared, and nothing was changed; 3 reason\(s\)/);
      assert.match(error.message, /this is debian 11, and kjerne prepares Debian 12 and 13 alone/);
      assert.match(error.message, /apt would remove old to install chrony; install them by hand if these may go/);
      assert.match(error.message, /bridge br0: NetworkManager has eth0; nmcli connection add/);
      return true;
    });
    await all.inside("worker1", "umount /etc/os-release; dpkg --purge old; rm -r /run/NetworkManager");
    assert.equal(await all.inside("worker1", `${network}; dpkg-query --show`), before.replace("old\t1\n", ""));
    await assert.rejects(
      all.run("worker1", prepare, { commands: ["no-such-package: no-such-command"] }),
      /apt can't install no-such-package from \/etc\/apt: E: Unable to locate package no-such-package/,
    );
    await isBack("worker1");
  });

  // Beside one another: each waits for a minute to pass.
  describe("a bridge", { concurrency: true }, () => {
    for (const name of names) {
      describe(`with ${machines[name]}`, { concurrency: false }, () => {
        test("a bridge that nobody confirms is taken away within about a minute, and everything is as it was", async () => {
          await all.run(name, prepare);
          await hasBridge(name);
          await until(
            "the network to be as it was",
            90,
            async () => (await all.inside(name, network)) === asFound[name],
          );
          await all.ssh(name, "true");
        });

        test("a machine that restarts before somebody confirms comes up as it was before", async () => {
          await all.run(name, prepare);
          await all.reboot(name);
          await isBack(name);
        });

        test("killed before any of its changes, it is undone by itself, and done by the next run", async () => {
          const changing = [
            "rm",
            "mkdir",
            "chmod",
            "python3*pathlib",
            "systemctl daemon-reload",
            "systemctl enable",
            "sync",
            "mv",
          ];
          const pattern = [...changing, "systemd-run", "ifdown", "ifup", "networkctl", "xargs", "touch"].map(
            (word) => `${word}*`,
          );
          await all.inside(name, `cat >/run/trap <<'TRAP'\n${trap}\nTRAP`);
          const cut = async (at: number) => {
            await all.inside(name, ": >/run/cut-log");
            const words = cutting("/run/trap", "/run/cut-log", pattern.join("|"), at);
            return inSession(name, 1000 + at, prepare, words).then(
              () => false,
              () => true,
            );
          };
          const undo = () =>
            all.inside(
              name,
              "if [[ -e /etc/systemd/system/kjerne-bridge-undo.service ]]; then systemctl start kjerne-bridge-undo; fi; rm -rf /var/lib/kjerne/prepare /var/lib/kjerne/bridge.new",
            );
          let at = 1;
          for (; await cut(at); at++) {
            const where = (await all.inside(name, "cat /run/cut-log")).trim().split("\n").at(-1);
            // What the timer does.
            await undo();
            assert.equal(await all.inside(name, network), asFound[name], `undone after a cut before ${where}`);
            assert.ok(await cut(at));
            await inSession(name, 1, prepare);
            await hasBridge(name);
            await undo();
            assert.equal(await all.inside(name, network), asFound[name], `done again after a cut before ${where}`);
          }
          assert.ok(at > 10, `${at} cuts`);
          await undo();
          await isBack(name);
        });

        test("only another ssh session confirms a bridge; two runs at once make one, which lasts over a restart", async () => {
          await inSession(name, 1, prepare);
          await assert.rejects(inSession(name, 1, confirm), { stdout: /this is the ssh session that made the bridge/ });
          await all.inside(name, "systemctl start kjerne-bridge-undo");
          await assert.rejects(all.run(name, confirm), /it is tried again now: run this again within 10 minutes/);
          await all.inside(name, "systemctl start kjerne-bridge-undo");
          await isBack(name);
          await Promise.all([all.run(name, prepare), all.run(name, prepare)]);
          await all.run(name, confirm);
          await all.run(name, prepare);
          assert.doesNotMatch(await all.inside(name, network), /kjerne-bridge/);
          await hasBridge(name);
          await all.reboot(name);
          await hasBridge(name);
        });
      });
    }
  });
});
