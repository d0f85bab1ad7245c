import { unknownValue } from "./described";
import { audit, encryption, init, join, kubelet, packed, secretsAside, settings } from "./hardening-files";
import { container, object, workload } from "./objects";
import type { Described } from "./programs/resources";
import { type Wrong, wrong } from "./refusals";

/** A well-formed public key that belongs to nobody. */
export const hostKey = `ssh-ed25519 ${Buffer.concat([
  Buffer.from([0, 0, 0, 11]),
  Buffer.from("ssh-ed25519"),
  Buffer.from([0, 0, 0, 32]),
  Buffer.alloc(32, 7),
]).toString("base64")}`;
const rsaKey = `ssh-rsa ${Buffer.from("\0\0\0\x07ssh-rsa").toString("base64")}`;

/** A command over SSH that pins the machine's host key. */
export function command(name: string, properties: object, more: Partial<Described> = {}): Described {
  const connection = { host: "10.20.0.31", user: "kjerne", hostKey };
  return { type: "command:remote:Command", name, properties: { connection, create: "true", ...properties }, ...more };
}

const pinned = { pinned: "docker.io/library/pinned:1.2", digest: `sha256:${"1".repeat(64)}` };
const enforce = (level: string) => ({ metadata: { labels: { "pod-security.kubernetes.io/enforce": level } } });
const namespace = (name: string, more: { metadata: object } = enforce("restricted")): Described => ({
  ...{ type: "kubernetes:core/v1:Namespace", name },
  properties: { metadata: { name, ...more.metadata } },
});
const role = (name: string, rule: object) =>
  object("rbac.authorization.k8s.io/v1:ClusterRole", name, { rules: [rule] });

/** A program that keeps to every rule of the hardening pack and gives each something to judge. */
export const hardened: readonly Described[] = [
  {
    type: "kjerne:cluster:Cluster",
    name: "cluster",
    properties: { sshHostKeys: { algorithm: "ssh-ed25519", readFrom: "the hypervisor" } },
  },
  { type: "kjerne:node:NodeScript", name: "script", properties: { commandLine: "bash ready.sh" }, parent: "cluster" },
  command("late", { connection: unknownValue, create: unknownValue }, { parent: "script" }),
  { type: "kjerne:hypervisor:Hypervisor", name: "hv1", properties: { hostKey } },
  { type: "kjerne:node:ExistingMachine", name: "rented", properties: { machine: { hostKey } } },
  command("files", {
    stdin: packed({ "/etc/kubeadm.yaml": settings, "/etc/audit.yaml": audit(secretsAside) }),
    environment: { LANG: "C", TOKEN_FILE: "/run/token" },
    triggers: ["1", unknownValue],
  }),
  command("key", { stdin: encryption("{ secretbox: { keys: [] } }") }),
  command("join", { stdin: join(`token: a.b, caCertHashes: ["sha256:${"0".repeat(64)}"]`) }),
  command(
    "init",
    { create: "bash", stdin: "kubeadm init\n", logging: "none", addPreviousOutputInEnv: false },
    { additionalSecretOutputs: ["stdout", "stderr"] },
  ),
  { type: "command:local:Command", name: "here", properties: { create: "make report" } },
  namespace("shop"),
  role("reader", { apiGroups: ["*"], resources: ["pods"], verbs: ["get", "list"] }),
  { type: "kjerne:image:NodeImage", name: "image", properties: { images: { [pinned.pinned]: pinned.digest } } },
  workload("shop", "shop", container()),
  workload(
    "preloaded",
    "shop",
    container({ image: "pinned:1.2", securityContext: { capabilities: { add: ["CHOWN"] } } }),
  ),
  workload(
    "calico-node",
    "kube-system",
    { hostPID: true, ...container({ securityContext: { privileged: true } }) },
    "DaemonSet",
  ),
];

const secret = "hunter2hunter2";
const binding = (name: string) =>
  object("rbac.authorization.k8s.io/v1:ClusterRoleBinding", name, { roleRef: { name: "cluster-admin" } });
const pod = (name: string, spec: object, context: object = {}) =>
  workload(name, "shop", { ...container({ securityContext: context }), ...spec });

/** Resources that violate rules, added to that program all at once. */
export const careless: readonly Wrong[] = [
  wrong(
    "ssh-host-key",
    /connection\.hostKey: not allowed.*console/s,
    command("unpinned", { connection: { host: "x" } }),
  ),
  wrong("ssh-host-key", /connection\.hostKey: not allowed/, command("rsa", { connection: { hostKey: rsaKey } })),
  wrong("ssh-host-key", /hostKey: not allowed/, command("cut", { connection: { hostKey: hostKey.slice(0, 60) } })),
  wrong("ssh-host-key", /proxy\.hostKey/, command("bastion", { connection: { hostKey, proxy: { host: "b" } } })),
  wrong("ssh-host-key", /connection\.password/, command("password", { connection: { hostKey, password: secret } })),
  wrong("ssh-host-key", /hostKey: not allowed/, {
    type: "command:remote:CopyToRemote",
    name: "copy",
    properties: { connection: {} },
  }),
  wrong("ssh-host-key", /hostKey: not allowed/, { type: "kjerne:hypervisor:Hypervisor", name: "hv2", properties: {} }),
  wrong("ssh-host-key", /machine\.hostKey: not allowed.*console/s, {
    ...{ type: "acme:machines:RentedServer", name: "rsa-server" },
    properties: { address: "10.20.0.41", machine: { hostKey: rsaKey } },
  }),
  wrong("foreseen-commands", /connection: unverifiable.*SEC-01 judges/s, command("dark", { connection: unknownValue })),
  wrong("foreseen-commands", /create: unverifiable/, command("unsaid", { create: unknownValue })),
  wrong(
    "command-secrets",
    /create: not allowed.*on stdin/s,
    command("token", { create: "join --token abcdef.0123456789abcdef" }),
  ),
  wrong("command-secrets", /delete: not allowed/, command("undo", { delete: `PASSWORD=${secret} undo` })),
  wrong("command-secrets", /environment\.DB_PASSWORD/, command("env", { environment: { DB_PASSWORD: secret } })),
  wrong("command-secrets", /environment\.URL/, command("url", { environment: { URL: `https://me:${secret}@host/` } })),
  wrong("command-secrets", /triggers\[0\]/, command("trigger", { triggers: ["-----BEGIN OPENSSH PRIVATE KEY-----"] })),
  wrong("command-secrets", /create: not allowed/, {
    ...{ type: "command:local:Command", name: "curl" },
    properties: { create: `curl -H 'Authorization: Bearer ${secret}'` },
  }),
  wrong("credential-output", /logging: is not set/, command("loud", { create: "cat /etc/kubernetes/admin.conf" })),
  wrong(
    "join-credentials",
    /bootstrapTokens\[0\]\.ttl: is not set.*24 hours/s,
    command("day", { stdin: init("skipPhases: []") }),
  ),
  wrong("join-credentials", /ttl: is 0s/, command("ever", { stdin: init("bootstrapTokens: [{ ttl: 0s }]") })),
  wrong("join-credentials", /caCertHashes: not allowed/, command("anyone", { stdin: join("token: a.b") })),
  wrong(
    "encryption-at-rest",
    /first provider\): is identity/,
    command("plain", { stdin: encryption("{ identity: {} }") }),
  ),
  wrong("encryption-at-rest", /is aescbc/, command("aescbc", { stdin: encryption("{ aescbc: {} }") })),
  wrong("audit-log", /rules \(secrets\): not allowed/, command("told", { stdin: audit("  - { level: Request }\n") })),
  wrong("kubeadm-settings", /seccompDefault: is not set.*CIS 4\.2\.14/s, command("kubelet", { stdin: kubelet("") })),
  wrong("kubeadm-settings", /KubeletConfiguration .*unverifiable/, command("broken", { stdin: kubelet("a: [") })),
  wrong("pod-security", /enforce"\]: is not set/, namespace("open", { metadata: {} })),
  wrong("pod-security", /is privileged.*allowed: baseline or restricted/, namespace("wide", enforce("privileged"))),
  wrong("wide-roles", /rules\[0\]\.verbs\[0\]: is \*/, role("anything", { resources: ["pods"], verbs: ["*"] })),
  wrong("wide-roles", /rules\[0\]\.resources\[0\]: is \*/, role("all", { resources: ["*"], verbs: ["get"] })),
  wrong("wide-roles", /roleRef\.name: is cluster-admin/, binding("everyone")),
  wrong("privileged-pods", /privileged: is true/, pod("root", {}, { privileged: true })),
  wrong("privileged-pods", /hostPID: is true/, pod("watcher", { hostPID: true })),
  wrong("privileged-pods", /volumes\[0\]\.hostPath/, pod("reader", { volumes: [{ hostPath: { path: "/" } }] })),
  wrong(
    "privileged-pods",
    /capabilities\.add\[0\]: is SYS_ADMIN/,
    pod("admin", {}, { capabilities: { add: ["SYS_ADMIN"] } }),
  ),
  wrong(
    "privileged-pods",
    /seccompProfile\.type: is Unconfined/,
    pod("free", {}, { seccompProfile: { type: "Unconfined" } }),
  ),
  wrong(
    "image-digest",
    /image: is nginx:1\.27.*has the registry decides/s,
    workload("tagged", "shop", container({ image: "nginx:1.27" })),
  ),
  wrong(
    "image-digest",
    /image: is pinned:1\.2/,
    workload("pulled", "shop", container({ image: "pinned:1.2", imagePullPolicy: "Always" })),
  ),
  wrong(
    "object-secrets",
    /env\[0\]\.value: not allowed.*secretKeyRef/s,
    workload("told", "shop", container({ env: [{ name: "DB_PASSWORD", value: secret }] })),
  ),
  wrong("opaque-objects", /unverifiable.*not seen here/s, {
    type: "kubernetes:helm.sh/v3:Release",
    name: "chart",
    properties: {},
  }),
];

/** Texts that no message may hold. */
export const secrets: readonly string[] = [secret, "abcdef.0123456789abcdef", "OPENSSH PRIVATE KEY"];
