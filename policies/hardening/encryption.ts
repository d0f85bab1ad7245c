import { type ConfigDocument, documentsIn, hasDocument } from "../kubernetes/documents";
import { at, entriesAt, itemsAt, judged } from "../reading";
import { type Finding, type Resource, type Rule, unknown, type Value } from "../rule";
import { argumentOf, notSeen } from "./kubeadm";
import type { Hardening } from "./parameters";

const controlPlane = "kjerne:cluster:ControlPlane";
const document = "EncryptionConfiguration";
const argument = "encryption-provider-config";

/** Whoever gets hold of etcd's disk or of a backup must not be able to read Secrets. */
export const encryptionAtRest: Rule<Hardening> = {
  id: "SEC-06",
  name: "encryption-at-rest",
  title: "Secrets are encrypted before they reach etcd, and plain text is never the first choice.",
  basis: [
    {
      kind: "law",
      text: "Personal data is protected according to its risk, encryption among the measures named (GDPR Art. 32(1)(a)).",
      link: "https://eur-lex.europa.eu/eli/reg/2016/679/oj",
      date: "2016-04-27",
    },
    {
      kind: "guidance",
      text: "CIS Kubernetes Benchmark 1.2.27 and 1.2.28.",
      link: "https://kubernetes.io/docs/tasks/administer-cluster/encrypt-data/",
      date: "2026-11-20",
    },
  ],
  reviewBy: "2027-05-01",
  severity: "critical",
  reads: [
    `ClusterConfiguration: apiServer.extraArgs --${argument}`,
    `${document}: resources[].resources, resources[].providers`,
    `${controlPlane}: encryptionAtRest`,
  ],
  scope: "together",
  appliesTo: (resource) => resource.type === controlPlane || hasDocument(resource, "ClusterConfiguration", document),
  check(resources) {
    const clusters = documentsIn(resources, "ClusterConfiguration");
    const written = documentsIn(resources, document).map(fromDocument);
    const stated = resources.map(fromComponent).filter(({ resources }) => resources !== undefined);
    const encryptions = [...written, ...stated];
    const [first] = resources;
    return [
      ...clusters.map(judgeArgument),
      ...encryptions.flatMap(judgeEncryption),
      ...(encryptions.length === 0 && first ? [notSeen(first.urn, document)] : []),
    ];
  },
};

/** The list `resources` of an EncryptionConfiguration, which a file holds or a component states. */
interface Encryption {
  readonly urn: string;
  readonly field: string;
  readonly resources: Value | undefined;
}

function judgeArgument({ urn, property, content }: ConfigDocument): Finding {
  const value = argumentOf(content, "apiServer.extraArgs", argument);
  return judged(urn, `${property}: ClusterConfiguration apiServer.extraArgs, --${argument}`, value, {
    allows: (path) => typeof path === "string" && path !== "",
    allowed: `the path of an ${document} on the machine`,
    reason: "Secrets lie in etcd, on its disk and in its backups as everyone can read them.",
    wayOut: `Carry an ${document} to every control plane and name it.`,
  });
}

const fromDocument = ({ urn, property, content }: ConfigDocument): Encryption => ({
  urn,
  field: `${property}: ${document} resources`,
  resources: at(content, "resources"),
});

/** The file is unknown in a preview, since its key is made during the update. A component states it without the key. */
const fromComponent = ({ urn, properties }: Resource): Encryption => ({
  urn,
  field: "encryptionAtRest",
  resources: at(properties, "encryptionAtRest"),
});

/** Kubernetes goes by the first entry that names Secrets, and writes with the first provider in it. */
function judgeEncryption({ urn, field, resources }: Encryption): Finding[] {
  const entries = itemsAt({ resources }, "resources").map(({ item }) => item);
  const entry = entries.find(
    (item) => item === unknown || names(item).some((name) => namesOfSecrets.includes(name as string)),
  );
  const provider = itemsAt(entry, "providers")[0]?.item;
  const [writer] = entriesAt({ provider }, "provider");
  return [
    judged(urn, `${field} (secrets, first provider)`, writer?.name || writer?.value, {
      allows: (name) => ["secretbox", "aesgcm", "kms"].includes(name as string),
      allowed: "secretbox, aesgcm or kms",
      reason:
        "The first provider writes: identity writes plain text, aescbc is weak to tampering, and none is the same as identity.",
      wayOut: "Put secretbox first and identity last, so that what was written before can be read.",
    }),
  ];
}

const namesOfSecrets = ["secrets", "*.", "*.*"];
const names = (entry: Value) => itemsAt(entry, "resources").map(({ item }) => item);
