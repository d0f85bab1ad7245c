import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { renderEncryption } from "../../node-config/encryption";
import { asRoot } from "../../tools/run";
import { encryptionKey, type PlayedControlPlane, startControlPlane } from "./backup/control-plane";
import { makeIdentity, makeStore } from "./backup/store";

const store = makeStore();
const rclone = "rclone --config /etc/kjerne/backup/rclone.conf";
let operator: Awaited<ReturnType<typeof makeIdentity>>;
let lost: PlayedControlPlane;
let fresh: PlayedControlPlane;
let ca: string;
let name: string;
let revision: number;

const restore = (machine: PlayedControlPlane, from: string, pinned = ca, identity = operator.identity) =>
  machine.sh(`kjerne-restore restore ${from} ${pinned}`, identity);
const backupOf = async (machine: PlayedControlPlane) => {
  await machine.sh("kjerne-backup now");
  return (await machine.status()).newest.name as string;
};

before(async () => {
  operator = await makeIdentity();
  lost = await startControlPlane(store, { recipients: [operator.recipient] });
  await lost.startEtcd();
  ca = await lost.ca();
  await lost.etcdctl("put /registry/configmaps/default/kept 'before the fire'");
  name = await backupOf(lost);
  revision = JSON.parse(await lost.etcdctl("get x --write-out json")).header.revision;
  await lost.etcdctl("put /registry/configmaps/default/late 'after the backup'");
  fresh = await startControlPlane(store, { recipients: [operator.recipient] });
});
after(async () => {
  for (const machine of [lost, fresh]) await machine?.stop();
  await asRoot("rm", "--recursive", "--force", store);
});

/** What lies where a restore would put something, by path. */
const places = () =>
  fresh.sh("find /var/lib/etcd /var/lib/kjerne /etc/kubernetes -type f -exec sha256sum {} + | sort --key 2");

/** Nothing on the fresh machine is another after it was refused. */
async function refused(why: RegExp, ...asked: [from: string, pinned?: string, identity?: string]) {
  const found = await places();
  await assert.rejects(restore(fresh, ...asked), why);
  assert.equal(await places(), found);
}

test("a drill on the running cluster says what could be restored, and changes nothing", async () => {
  const said = await lost.sh(`kjerne-restore rehearse ${name} ${ca}`, operator.identity);
  assert.match(said, new RegExp(`can be restored; nothing was changed\\. .* on cp1: revision ${revision}, 1 keys`));
  assert.equal(JSON.parse(await lost.sh("cat /var/lib/kjerne/rehearsed.json")).backup, name);
  assert.match(await lost.etcdctl("get /registry/configmaps/default/late"), /after the backup/);
  assert.equal(await lost.sh("ls /var/lib/etcd"), "member");
});

test("a machine that has a cluster's data is refused", async () => {
  await assert.rejects(
    restore(lost, name),
    /has data of a cluster \(\/var\/lib\/etcd\/member, .*\); restore onto a fresh/,
  );
  assert.match(await lost.etcdctl("get /registry/configmaps/default/late"), /after the backup/);
});

test("an older backup under a newer one's name, a renamed one and a damaged one are refused", async () => {
  const newer = await backupOf(lost);
  await fresh.sh(`${rclone} copyto store:${name} store:${newer}`);
  await refused(
    /holds something else than was written under this name \(sha256 [0-9a-f]{64}\): it was damaged, or/,
    newer,
  );
  const renamed = name.replace(/\d{8}T/, "20991231T");
  await fresh.sh(`${rclone} copyto store:${name} /run/${renamed}`);
  await refused(
    /calls itself oslo\.\d{8}T\d{6}Z\.cp1, and lies under the name oslo\.20991231T.*somebody renamed it/,
    `/run/${renamed}`,
  );
  await refused(/is not named as backups are/, "/etc/hostname");
});

test("what somebody else encrypted to the same recipient is refused, whatever certificate is in it", async () => {
  const others = makeStore();
  const other = await startControlPlane(others, { recipients: [operator.recipient] });
  try {
    await other.startEtcd();
    await other.etcdctl("put /registry/configmaps/default/kept theirs");
    await backupOf(other);
    const [foreign] = await other.stored();
    await other.sh(`${rclone} copyto store:${foreign} /mnt/backup/${foreign}`);
    const directory = `${others}/directory`;
    await asRoot("cp", `${directory}/${foreign}`, `${store}/directory`);
    await refused(
      /is of a cluster whose CA is sha256:[0-9a-f]{64}, and not of the one with sha256:/,
      `/mnt/backup/${foreign}`,
    );
    // The CA's certificate is public: with it, and without its key, nobody can sign.
    await other.put("run.crt", await lost.sh("cat /etc/kubernetes/pki/ca.crt"));
    await asRoot("cp", `${other.directory}/run.crt`, `${other.directory}/etc/kubernetes/pki/ca.crt`);
    const forged = await backupOf(other);
    await other.sh(`${rclone} copyto store:${forged} /mnt/backup/${forged}`);
    await asRoot("cp", `${directory}/${forged}`, `${store}/directory`);
    await refused(/the cluster's CA did not sign it/, `/mnt/backup/${forged}`);
  } finally {
    await other.stop();
    await asRoot("rm", "--recursive", "--force", others);
  }
});

test("an archive with a path that leads elsewhere is refused before anything is written there", async () => {
  const [, time, node] = name.split(".");
  await fresh.sh(
    `cd /run; echo x >evil; tar --create --absolute-names --transform 's#evil#../../../etc/kubernetes/evil#' evil | age --recipient ${operator.recipient} >/run/evil.age
    digest=$(sha256sum /run/evil.age); mv /run/evil.age /run/oslo.${time}.${node}.\${digest:0:32}.${"0".repeat(32)}.tar.age`,
  );
  const evil = await fresh.sh(`ls /run/oslo.*.${"0".repeat(32)}.tar.age`);
  await refused(/it holds '\.\.\/\.\.\/\.\.\/etc\/kubernetes\/evil', which no backup has/, evil);
});

test("the wrong identity, another version of Kubernetes and another key of the same name are refused", async () => {
  await refused(
    /age can't decrypt it with the identity on stdin: .*no identity matched/,
    name,
    ca,
    (await makeIdentity()).identity,
  );
  const config = await fresh.sh("cat /etc/kubernetes/kjerne/kubeadm.yaml");
  fresh.put("etc/kubernetes/kjerne/kubeadm.yaml", config.replace("v1.36.3", "v1.35.4"));
  await refused(/is of Kubernetes 1\.36\.3, and the settings say 1\.35\.4; set kubernetes\.version to 1\.36\.3/, name);
  fresh.put("etc/kubernetes/kjerne/kubeadm.yaml", config);
  fresh.put("etc/kubernetes/kjerne/encryption.yaml", renderEncryption([encryptionKey(1, "z")]));
  await refused(/has another key1 than the backup, whose Secrets it can't read; take the file away/, name);
});

test("a fresh machine has data and keys of the day, and etcd goes on where nobody has seen it", async () => {
  fresh.put("etc/kubernetes/kjerne/encryption.yaml", renderEncryption([encryptionKey(2)]));
  assert.match(
    await restore(fresh, name),
    /is on this machine; go on with pulumi up\. It was taken \d h \d+ min ago on cp1/,
  );
  assert.equal(
    JSON.parse(await fresh.sh("cat /var/lib/kjerne/rehearsed.json")).backup,
    name,
    "a restore is a drill too",
  );
  const keys = await fresh.sh("cat /etc/kubernetes/kjerne/encryption.yaml");
  assert.ok(keys.indexOf(encryptionKey(2).secret) < keys.indexOf(encryptionKey(1).secret), keys);
  assert.ok(keys.includes(encryptionKey(1).secret));
  const [before, now] = await Promise.all(
    [lost, fresh].map((one) => one.sh("sha256sum /etc/kubernetes/pki/{sa,ca,etcd/ca}.key")),
  );
  assert.equal(now, before);
  assert.equal(
    await fresh.sh("ls /var/lib/etcd; grep -rl AGE-SECRET /var/lib /etc/kubernetes /etc/kjerne /run || true"),
    "member",
  );
  await fresh.startEtcd();
  assert.match(await fresh.etcdctl("get /registry/configmaps/default/kept"), /before the fire/);
  assert.equal(await fresh.etcdctl("get /registry/configmaps/default/late"), "");
  const { header } = JSON.parse(await fresh.etcdctl("get x --write-out json"));
  assert.ok(header.revision > revision + 999_999_999, `${header.revision}`);
  await assert.rejects(restore(fresh, name), /says that a backup is on this machine already/);
});
