import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { untilSucceeds } from "../../tools/lab/until";
import { asRoot } from "../../tools/run";
import { type PlayedControlPlane, startControlPlane } from "./backup/control-plane";
import { credentials, makeIdentity, makeStore } from "./backup/store";

const store = makeStore();
let cp: PlayedControlPlane;

before(async () => {
  const { recipient } = await makeIdentity();
  cp = await startControlPlane(store, { recipients: [recipient] });
  await cp.startEtcd();
  await cp.etcdctl("put /registry/configmaps/default/kept 'before the fire'");
});
after(async () => {
  await cp?.stop();
  await asRoot("rm", "--recursive", "--force", store);
});
afterEach(async () => {
  await cp.sh("rm -rf /run/hangs-at-* /run/lies-at-*");
  cp.configure(cp.kept);
  await cp.sh("rclone --config /etc/kjerne/backup/rclone.conf delete store:");
});

const whole = /^oslo\.\d{8}T\d{6}Z\.cp1\.[0-9a-f]{32}\.[0-9a-f]{32}\.tar\.age$/;

test("the first backup is taken at once, lies encrypted in an S3 store, and the next one is not due", async () => {
  await cp.sh("kjerne-backup");
  const [name, ...others] = await cp.stored();
  assert.match(name ?? "", whole);
  assert.deepEqual(others, []);
  assert.equal((await cp.status()).newest.name, name);
  const held = await cp.sh(`rclone --config /etc/kjerne/backup/rclone.conf cat store:${name}`);
  assert.match(held, /^age-encryption\.org\/v1\n/);
  assert.doesNotMatch(held, /before the fire|BEGIN/);
  await cp.sh("kjerne-backup");
  assert.deepEqual(await cp.stored(), [name]);
  assert.equal(await cp.sh("ls /var/lib/etcd"), "member", "nothing in clear is left");
});

test("the leader takes one when a period is over, another member half a period later, where nobody did", async () => {
  const taken = async () => (await cp.stored()).filter((name) => whole.test(name)).length;
  await cp.putBackup(0.9);
  await cp.sh("kjerne-backup");
  assert.equal(await taken(), 0, "not due");
  const other = await cp.addMember();
  try {
    await cp.putBackup(0.98);
    await other.lead();
    await cp.sh("rclone --config /etc/kjerne/backup/rclone.conf delete store:");
    await cp.putBackup(1.2);
    await cp.sh("kjerne-backup");
    assert.equal(await taken(), 0, "the leader's turn");
    await cp.sh("rclone --config /etc/kjerne/backup/rclone.conf delete store:");
    await cp.putBackup(1.6);
    await cp.sh("kjerne-backup");
    assert.equal(await taken(), 1);
  } finally {
    await other.leave();
  }
  await cp.sh("rclone --config /etc/kjerne/backup/rclone.conf delete store:");
  await cp.putBackup(1.01);
  await cp.sh("kjerne-backup");
  assert.equal(await taken(), 1, "it leads again");
});

test("older ones go when enough newer ones are there and they are too old; what others put there stays", async () => {
  const [kept, , gone] = [await cp.putBackup(8 * 24), await cp.putBackup(2 * 24), await cp.putBackup(9 * 24)];
  const foreign = [await cp.putBackup(99 * 24, { marked: false }), await cp.putBackup(99 * 24, { cluster: "bergen" })];
  await cp.sh(
    "touch '/run/$(touch hostile)'; rclone --config /etc/kjerne/backup/rclone.conf copy /run/*hostile* store:",
  );
  await cp.sh("kjerne-backup now");
  const left = await cp.stored();
  assert.ok(!left.includes(gone) && !left.includes(kept), left.join("\n"));
  assert.equal(left.filter((name) => name.startsWith("oslo.") && !foreign.includes(name)).length, 2);
  for (const name of [...foreign, "$(touch hostile)"]) assert.ok(left.includes(name), left.join("\n"));
});

test("one that a clock in the future named neither keeps the next from being taken nor pushes older ones out", async () => {
  const ahead = await cp.putBackup(-24 * 365);
  const older = [await cp.putBackup(30 * 24), await cp.putBackup(31 * 24)];
  await cp.sh("kjerne-backup");
  const left = await cp.stored();
  assert.equal(left.filter((name) => whole.test(name)).length, 1);
  assert.ok(left.includes(ahead) && left.includes(older[0] as string) && !left.includes(older[1] as string));
  assert.deepEqual((await cp.status()).ahead, [ahead]);
});

for (const step of ["rcat", "cat", "moveto"]) {
  test(`killed at ${step}, the next run clears up and takes one; no second one runs beside it`, async () => {
    await cp.sh(`touch /run/hangs-at-${step}`);
    const hanging = cp.sh("kjerne-backup now").catch(() => "killed");
    await untilSucceeds("rclone to hang", 60, () => cp.sh("pgrep -x sleep"));
    await assert.rejects(cp.sh("kjerne-backup"), /another kjerne-backup runs on this control plane/);
    const seen = await cp.sh(
      "for process in $(pgrep -f 'sbin/kjerne-backup|bin/rclone|^age'); do tr '\\0' '\\n' </proc/$process/cmdline; tr '\\0' '\\n' </proc/$process/environ; done",
    );
    assert.match(seen, /rclone\.conf/);
    assert.ok(!seen.includes(credentials.secretAccessKey), "where others could read it");
    await cp.sh(
      "rm /run/hangs-at-*; pkill -KILL -f [s]bin/kjerne-backup; pkill -KILL -f [b]in/rclone || true; pkill -KILL -x sleep || true",
    );
    assert.equal(await hanging, "killed");
    await cp.sh("kjerne-backup now");
    const left = await cp.stored();
    assert.ok(left.length === 1 && whole.test(left[0] as string), left.join("\n"));
    assert.equal(await cp.sh("ls /var/lib/etcd"), "member");
  });
}

test("what the store gives back otherwise than it was sent is no backup, and older ones stay", async () => {
  const older = [await cp.putBackup(30 * 24), await cp.putBackup(31 * 24), await cp.putBackup(32 * 24)];
  await cp.sh("touch /run/lies-at-cat");
  await assert.rejects(cp.sh("kjerne-backup"), /what the store holds is not what was sent: sha256 .* It is not kept/);
  const left = await cp.stored();
  for (const name of older) assert.ok(left.includes(name));
  assert.equal(left.filter((name) => whole.test(name)).length, 0);
  assert.match((await cp.status()).problem, /not what was sent/);
});

test("a disk without room for a snapshot is refused before anything is taken", async () => {
  await cp.sh("fallocate --length 120M /var/lib/etcd/full");
  await assert.rejects(cp.sh("kjerne-backup"), /\/var\/lib\/etcd has \d+ MiB free, and a snapshot needs \d+ MiB/);
  await cp.sh("rm /var/lib/etcd/full");
  assert.deepEqual(await cp.stored(), []);
});

test("a directory takes backups where a file system is mounted; one on the machine's own disk is refused", async () => {
  cp.configure({ ...cp.kept, to: { directory: "/mnt/backup" } });
  await cp.sh("kjerne-backup");
  const [name] = await cp.stored();
  assert.match(name ?? "", whole);
  await cp.sh("mkdir -p /srv/unmounted; rm -f /mnt/backup/oslo.*");
  for (const [directory, why] of [
    ["/srv/unmounted", /own disk; mount the file/],
    ["/srv/none", /does not exist; mount/],
  ] as const) {
    cp.configure({ ...cp.kept, to: { directory } });
    await assert.rejects(cp.sh("kjerne-backup"), why);
  }
});

test("a full store says so, and the backups in it stay", async () => {
  await cp.sh("mkdir -p /mnt/small; mount -t tmpfs -o size=64k none /mnt/small");
  cp.configure({ ...cp.kept, to: { directory: "/mnt/small" } });
  const older = await cp.putBackup(30 * 24);
  await assert.rejects(cp.sh("kjerne-backup"), /no backup of etcd was taken: .*too big for remaining disk space/);
  assert.ok((await cp.stored()).includes(older));
});
