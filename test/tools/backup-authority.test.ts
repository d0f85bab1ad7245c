import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { untilSucceeds } from "../../tools/lab/until";
import { asRoot } from "../../tools/run";
import { type PlayedControlPlane, startControlPlane } from "./backup/control-plane";
import { credentials, makeIdentity, makeStore } from "./backup/store";

/** An S3 server whose certificate an authority signed that the system does not know, and another authority. */
const serve = (store: string) => `
  cd /run
  ec="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
  for name in company other; do
    openssl req -x509 $ec -subj "/CN=$name" -days 2 -keyout $name.key -out $name.pem
  done
  openssl req $ec -subj /CN=store -keyout store.key -out store.csr
  echo subjectAltName=IP:127.0.0.1 >names
  openssl x509 -req -in store.csr -CA company.pem -CAkey company.key -CAcreateserial -days 2 -extfile names -out store.pem
  export ROOT_ACCESS_KEY=${credentials.accessKeyId} ROOT_SECRET_KEY=${credentials.secretAccessKey}
  versitygw --quiet --port 127.0.0.1:7443 --cert /run/store.pem --key /run/store.key posix --sidecar ${store}/about ${store}/s3 >s3.log 2>&1 &`;

const store = makeStore();
let cp: PlayedControlPlane;

before(async () => {
  const { recipient } = await makeIdentity();
  cp = await startControlPlane(store, { recipients: [recipient] });
  // It would ask a store that it does not trust for a minute and a half.
  cp.put("bin/rclone", '#!/bin/bash\nexec /usr/bin/rclone "$@" --low-level-retries 1\n', 0o755);
  await cp.startEtcd();
  await cp.etcdctl("put /registry/configmaps/default/kept 'before the fire'");
  await cp.sh(`exec 2>/dev/null; ${serve(store)}`);
  await untilSucceeds("the S3 server with TLS", 30, () => cp.sh("exec 3<>/dev/tcp/127.0.0.1/7443"));
});
after(async () => {
  await cp?.stop();
  await asRoot("rm", "--recursive", "--force", store);
});

/** Takes a backup with these authorities in the settings, and gives the name of the newest. */
async function backUp(authorities?: string): Promise<string> {
  const s3 = { endpoint: "https://127.0.0.1:7443", bucket: "etcd", region: "us-east-1", prefix: "oslo" };
  await cp.sh("rm -f /etc/kjerne/backup/authorities.pem");
  cp.configure({ ...cp.kept, to: { s3 }, ...(authorities ? { authorities } : {}) });
  await cp.sh("kjerne-backup now");
  return (await cp.status()).newest.name;
}

const unknown = /certificate signed by unknown authority\. Name a file with .* in kjerne:backup, caFile/;

test("a store whose certificate the company's own authority signed takes backups, and they are read back from it", async () => {
  const name = await backUp(await cp.sh("cat /run/company.pem"));
  assert.ok((await cp.sh(`ls ${store}/s3/etcd/oslo`)).split("\n").includes(name));
});

test("an authority that nobody named is refused, with the setting; nothing is sent, and the report has it", async () => {
  const before = await cp.sh(`ls ${store}/s3/etcd/oslo`);
  await assert.rejects(backUp(), unknown);
  assert.match((await cp.status()).problem, unknown);
  assert.equal(await cp.sh(`ls ${store}/s3/etcd/oslo`), before);
});

test("the system's authorities count where none is named, and where one is, that one alone", async () => {
  await cp.sh("mount --bind /run/company.pem /etc/ssl/certs/ca-certificates.crt");
  try {
    assert.match(await backUp(), /^oslo\./);
    await assert.rejects(backUp(await cp.sh("cat /run/other.pem")), unknown);
  } finally {
    await cp.sh("umount /etc/ssl/certs/ca-certificates.crt");
  }
});

test("nothing else on the machine trusts the authority: it is no file of the system's", async () => {
  await backUp(await cp.sh("cat /run/company.pem"));
  const ask = "curl --silent --show-error --output /dev/null https://127.0.0.1:7443";
  await assert.rejects(cp.sh(ask), /certificate/);
  await cp.sh(`${ask} --cacert /etc/kjerne/backup/authorities.pem`);
});
