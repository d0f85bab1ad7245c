import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { type BackupFacts, backupFiles, storeFile } from "../../../node-config/backup";
import { renderEncryption } from "../../../node-config/encryption";
import { renderInit } from "../../../node-config/kubeadm";
import { versions } from "../../../node-config/versions";
import { untilSucceeds } from "../../../tools/lab/until";
import { asRoot, rootCommand, run } from "../../../tools/run";
import { buildGoModule } from "../../../tools/supply/go-module";
import { etcd, kubernetes, releaseOf, s3Store } from "../../../tools/supply/recipes/modules";
import { facts } from "../../unit/cluster-samples";
import { credentials } from "./store";

/** Key of Secrets by number: a different one for each. */
export const encryptionKey = (number: number, letter = String(number)) => ({
  name: `key${number}`,
  secret: Buffer.from(letter.repeat(32)).toString("base64"),
});

/** Its own /etc/kubernetes, /var/lib and network; a store of S3 and a directory of others, which outlive the machine. */
const start = `
  read -r pid _ </proc/self/stat
  mount -t proc none /proc
  hostname cp1
  ip link set lo up
  ip address add 10.20.0.11/32 dev lo
  mount -t tmpfs none /run
  for directory in etc/kubernetes etc/kjerne var/lib/etcd var/lib/kjerne usr/local/sbin; do
    mkdir -p "$0/$directory" "/$directory"
    mount --bind "$0/$directory" "/$directory"
  done
  mount -t tmpfs -o size=300m none /var/lib/etcd
  mount -t tmpfs none /mnt
  mkdir /mnt/backup
  mount --bind "$1/directory" /mnt/backup
  ROOT_ACCESS_KEY="$2" ROOT_SECRET_KEY="$3" versitygw --quiet --port 127.0.0.1:7070 posix --sidecar "$1/about" "$1/s3" >"$0/s3.log" 2>&1 &
  echo "$pid"
  wait`;

/** crictl as far as backups call it: etcd's container is its process here. ctr: an image is a directory. */
const crictl = `#!/bin/bash
case $1 in
  ps) pgrep -x etcd | head -n 1 ;;
  exec) shift 2; exec "$@" ;;
esac`;
const ctr = `#!/bin/bash
case $4 in
  mount) mkdir -p "$6/usr/local/bin"; cp "$(command -v etcdutl)" "$6/usr/local/bin" ;;
  unmount) rm -r "$6/usr" ;;
esac`;

export type PlayedControlPlane = Awaited<ReturnType<typeof startControlPlane>>;

/** rclone as it is, but for what a test has put into /run: a word of a command at which it hangs, or that gives other bytes. */
const rclone = `#!/bin/bash
for word in "$@"; do
  if [[ -e /run/hangs-at-$word ]]; then sleep 1000 & wait; exit 1; fi
  if [[ -e /run/lies-at-$word ]]; then echo something else; exit; fi
done
exec /usr/bin/rclone "$@"
`;

/** A control plane's machine, with real etcd, age, rclone and kubeadm, and an S3 server that it reaches; no API server. */
export async function startControlPlane(store: string, backup: Partial<BackupFacts> & Pick<BackupFacts, "recipients">) {
  const directory = mkdtempSync(join(tmpdir(), "kjerne-backup-"));
  const programs = [
    await buildGoModule(etcd(releaseOf(versions.default).etcd), () => {}),
    await buildGoModule(kubernetes(versions.default), () => {}),
    await buildGoModule(s3Store, (line) => console.error(line)),
  ];
  const put = (path: string, content: string, mode: string | number = "0644") => {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), content, { mode: typeof mode === "string" ? Number.parseInt(mode, 8) : mode });
  };
  put("bin/crictl", crictl, 0o755);
  put("bin/ctr", ctr, 0o755);
  put("bin/rclone", rclone, 0o755);
  put("etc/kubernetes/kjerne/kubeadm.yaml", renderInit(facts, { name: "cp1", address: "10.20.0.11" }));
  put("etc/kubernetes/kjerne/encryption.yaml", renderEncryption([encryptionKey(1)]));
  const place = { s3: { endpoint: "http://127.0.0.1:7070", bucket: "etcd", region: "us-east-1", prefix: "oslo" } };
  const kept: BackupFacts = { to: place, everyMinutes: 60, keep: { count: 2, days: 7 }, ...backup };
  configure(kept);

  const env = { PATH: [join(directory, "bin"), ...programs, process.env.PATH].join(":"), LC_ALL: "C" };
  const isolated = ["--mount", "--net", "--uts", "--pid", "--fork", "--kill-child", "bash", "-euc", start] as const;
  const { accessKeyId, secretAccessKey } = credentials;
  const [program, ...args] = rootCommand(["unshare", ...isolated, directory, store, accessKeyId, secretAccessKey]);
  const machine = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, ...env } });
  const [pid] = (await once(createInterface(machine.stdout), "line")) as [string];
  const enter = ["nsenter", "--target", pid, "--mount", "--net", "--uts", "--pid"] as const;
  const inside = (argv: readonly string[], input?: string) => {
    // As a machine's own services are started: with no variable of whoever runs this test.
    const variables = Object.entries(env).map((one) => one.join("="));
    const [program, ...args] = rootCommand([...enter, "env", "--ignore-environment", ...variables, ...argv]);
    return run(program, args, { input });
  };
  const sh = async (commands: string, input?: string) =>
    (await inside(["bash", "--norc", "-euo", "pipefail", "-c", commands], input)).trim();
  await untilSucceeds("the S3 server", 30, () => sh("exec 3<>/dev/tcp/127.0.0.1/7070"));

  return {
    directory,
    /** Runs commands of bash there, and gives what they print. */
    sh,
    put,
    configure,
    kept,
    /** Makes a cluster's keys, starts etcd and waits until it answers. */
    async startEtcd() {
      await sh(
        "[[ -e /etc/kubernetes/pki/ca.key ]] && [[ -e /etc/kubernetes/pki/etcd/server.crt ]] || kubeadm init phase certs all --config /etc/kubernetes/kjerne/kubeadm.yaml >/dev/null",
      );
      await sh(
        `${member("cp1", 2379, "cp1=https://10.20.0.11:2380", "/var/lib/etcd")} >/run/etcd.log 2>&1 & mkdir -p /etc/kubernetes/manifests; touch /etc/kubernetes/manifests/etcd.yaml`,
      );
      await untilSucceeds("etcd", 30, () => etcdctl("endpoint health"));
    },
    etcdctl,
    /** A second member beside this one: it leads when asked to, and leaves. */
    async addMember() {
      const peer = "https://10.20.0.11:2480";
      const said = await etcdctl(`member add cp2 --peer-urls ${peer}`);
      const id = /Member +(\w+) added/.exec(said)?.[1];
      const both = `cp1=https://10.20.0.11:2380,cp2=${peer} --initial-cluster-state existing`;
      await sh(`${member("cp2", 2479, both, "/run/etcd2")} >/run/etcd2.log 2>&1 &`);
      await untilSucceeds("the second member", 60, () => etcdctl("endpoint health --cluster"));
      return {
        lead: () => etcdctl(`move-leader ${id}`),
        leave: async () => {
          const [leader] = (await etcdctl("member list")).split("\n").filter((line) => line.includes(" cp1,"));
          await etcdctl(
            `move-leader ${leader?.split(",")[0]} --endpoints https://127.0.0.1:2479,https://127.0.0.1:2379`,
          );
          // etcd lets no member go until its members have been connected for five seconds.
          await untilSucceeds("etcd to let the second member go", 60, () => etcdctl(`member remove ${id}`));
        },
      };
    },
    /** `sha256:…` of the CA's public key. */
    ca: () =>
      sh(
        "openssl x509 -in /etc/kubernetes/pki/ca.crt -noout -pubkey | openssl pkey -pubin -outform DER | sha256sum | sed 's/ .*//; s/^/sha256:/'",
      ),
    /** Puts a file into the store that a control plane named at another time, or the same name with another mark. */
    async putBackup(hoursAgo: number, { cluster = "oslo", marked = true } = {}) {
      const time = new Date(Date.now() - hoursAgo * 3_600_000).toISOString().replace(/[-:]|\.\d+/g, "");
      const python = `import sys; sys.path.append("/usr/local/sbin"); import kjerne_backup_store as store; print(store.name_of("${cluster}", "${time}", "cp2", "${"0".repeat(32)}"))`;
      const named = await sh(`python3 -B -c '${python}'`);
      const name = marked ? named : named.replace(/[0-9a-f]{32}\.tar/, `${"f".repeat(32)}.tar`);
      await sh(`rclone --config /etc/kjerne/backup/rclone.conf rcat store:${name}`, "a backup of that time");
      return name;
    },
    /** Names of everything in the store, and the prefix of the S3 one. */
    stored: async () =>
      (await sh("rclone --config /etc/kjerne/backup/rclone.conf lsf store:")).split("\n").filter(Boolean).sort(),
    status: async () => JSON.parse(await sh("cat /var/lib/kjerne/backup.json")),
    async stop() {
      await asRoot("kill", "-KILL", pid).catch(() => {});
      if (machine.exitCode === null && machine.signalCode === null) await once(machine, "exit");
      await asRoot("rm", "--recursive", "--force", directory);
    },
  };

  /** The command of an etcd whose ports begin at this one. */
  function member(name: string, port: number, cluster: string, data: string): string {
    const pki = "/etc/kubernetes/pki/etcd";
    const [client, peer] = [`https://127.0.0.1:${port}`, `https://10.20.0.11:${port + 1}`];
    return `setsid etcd --name ${name} --data-dir ${data} --initial-cluster ${cluster} \
      --listen-client-urls ${client} --advertise-client-urls ${client} --listen-peer-urls ${peer} --initial-advertise-peer-urls ${peer} \
      --client-cert-auth --trusted-ca-file ${pki}/ca.crt --cert-file ${pki}/server.crt --key-file ${pki}/server.key \
      --peer-client-cert-auth --peer-trusted-ca-file ${pki}/ca.crt --peer-cert-file ${pki}/peer.crt --peer-key-file ${pki}/peer.key`;
  }

  /** Writes the files that a control plane gets for these backups. */
  function configure(wanted: BackupFacts) {
    for (const files of [backupFiles("oslo", wanted), storeFile(wanted.to, credentials)])
      for (const [path, { content, mode }] of Object.entries(files)) put(path, content, mode);
  }

  function etcdctl(command: string) {
    const pki = "/etc/kubernetes/pki/etcd";
    return sh(
      `etcdctl --endpoints https://127.0.0.1:2379 --cacert ${pki}/ca.crt --cert ${pki}/healthcheck-client.crt --key ${pki}/healthcheck-client.key ${command}`,
    );
  }
}
