import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { asRoot, run } from "../../tools/run";
import { makeStore, type PlayedControlPlane, startControlPlane } from "./backup/control-plane";

/** An identity of age with its recipient. */
async function makeIdentity() {
  const identity = await run("age-keygen", []);
  return { identity, recipient: /public key: (age1\w+)/.exec(identity)?.[1] as string };
}

const store = makeStore();
let operator: Awaited<ReturnType<typeof makeIdentity>>;
let cp: PlayedControlPlane;
let ca: string;

before(async () => {
  operator = await makeIdentity();
  cp = await startControlPlane(store, { recipients: [operator.recipient] });
  await cp.startEtcd();
  ca = await cp.sh(
    "openssl x509 -in /etc/kubernetes/pki/ca.crt -noout -pubkey | openssl pkey -pubin -outform DER | sha256sum | sed 's/ .*//; s/^/sha256:/'",
  );
  await cp.etcdctl("put /registry/configmaps/default/kept 'before the fire'");
});
after(async () => {
  await cp?.stop();
  await asRoot("rm", "--recursive", "--force", store);
});

test("a backup that is due lies encrypted in an S3 store, and comes back onto a fresh machine", async () => {
  await cp.sh("kjerne-backup");
  const [name, ...others] = await cp.stored();
  assert.match(name ?? "", /^oslo\.\d{8}T\d{6}Z\.cp1\.[0-9a-f]{32}\.[0-9a-f]{32}\.tar\.age$/);
  assert.deepEqual(others, []);
  assert.equal((await cp.status()).newest.name, name);
  const held = await cp.sh(`rclone --config /etc/kjerne/backup/rclone.conf cat --count 21 store:${name}`);
  assert.equal(held, "age-encryption.org/v1");

  const fresh = await startControlPlane(store, { recipients: [operator.recipient] });
  try {
    const said = await fresh.sh(`kjerne-restore restore ${name} ${ca}`, operator.identity);
    assert.match(said, /is on this machine; go on with pulumi up\. It was taken 0 h \d min ago on cp1: revision \d+/);
    await fresh.startEtcd();
    assert.match(await fresh.etcdctl("get /registry/configmaps/default/kept --print-value-only"), /before the fire/);
  } finally {
    await fresh.stop();
  }
});
