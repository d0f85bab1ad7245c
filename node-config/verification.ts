import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type FileSet, file, merge, readTree } from "./file-set";

/** What control planes need that verify by themselves, beside what each node has. */
export const verifierPackages = ["nodejs"];
/** What each node needs whose login may be root's own. */
export const lookPackages = ["sudo"];

/** Where Debian's prometheus-node-exporter reads metrics of others. */
const metrics = "/var/lib/prometheus/node-exporter/kjerne-verification.prom";
const library = "/usr/local/lib/kjerne";
const facts = "/etc/kjerne/verification";

/**
 * What lets the verification on control planes look at a node by ssh: a login whose only key runs one program, from the
 * addresses of control planes.
 *
 * @param publicKey As in `ssh-ed25519 AAAA…`.
 * @param controlPlanes Their addresses.
 */
export function lookFiles(publicKey: string, controlPlanes: readonly string[]): FileSet {
  const { [sudoers]: rule, ...tree } = readTree("look");
  const from = [...controlPlanes].sort().join(",");
  const command = String.raw`sudo -n /usr/local/sbin/kjerne-look \"$SSH_ORIGINAL_COMMAND\"`;
  return merge(
    tree,
    file(sudoers, rule?.content ?? "", "0440"),
    file("/var/lib/kjerne-look/.ssh/authorized_keys", `restrict,from="${from}",command="${command}" ${publicKey}\n`),
    ...looking.map((path) =>
      file(`${library}/look/${path}`, path.endsWith(".sh") ? `${shared}\n${text(path)}` : text(path)),
    ),
  );
}

const sudoers = "/etc/sudoers.d/kjerne-look";
const shared = text("verify/reading.sh");
/** What nodes run themselves, as kjerne-look calls it. */
const looking = [
  ...["verify/observe.sh", "verify/full-packets.py"],
  ...["report/watch.sh", "report/processor.py", "report/round-trips.py", "report/etcd.sh"],
];

export interface VerifierFacts {
  /** The control plane that gets the files. */
  readonly self: string;
  readonly nodes: readonly {
    readonly name: string;
    readonly address: string;
    readonly port: number;
    readonly hostKey: string;
  }[];
  /** What the running cluster must look like, as the verification takes it. */
  readonly wanted: object;
  readonly everyMinutes: number;
  /** Of the metrics: the stack's name. */
  readonly stack: string;
  /** The program that verifies, for Node.js. */
  readonly program: string;
  /** In the form of OpenSSH; a secret. */
  readonly privateKey: string;
}

/** What a control plane gets that verifies the cluster by a timer. */
export function verifierFiles({ nodes, program, privateKey, ...settings }: VerifierFacts): FileSet {
  const entry = ({ name, address, port }: VerifierFacts["nodes"][number]) =>
    `Host ${name}\n  HostName ${address}\n  Port ${port}\n  HostKeyAlias ${name}\n`;
  return merge(
    readTree("verifier"),
    file(`${library}/components/watch/on-node.js`, program),
    ...scripts.map((path) => file(`${library}/node-config/${path}`, text(path))),
    file(`${facts}/settings.json`, `${JSON.stringify({ ...settings, metrics }, null, 1)}\n`),
    file(`${facts}/nodes`, nodes.map(entry).join("\n")),
    file(`${facts}/known_hosts`, nodes.map(({ name, hostKey }) => `${name} ${hostKey.trim()}\n`).join("")),
    file(`${facts}/key`, privateKey, "0600"),
  );
}

/** Those that the program runs where it is, from where it looks for them. */
const scripts = [
  ...looking,
  ...["verify/reading.sh", "verify/observe-cluster.sh", "verify/probe.sh", "verify/connect.sh"],
];

function text(path: string): string {
  return readFileSync(join(__dirname, path), "utf8");
}
