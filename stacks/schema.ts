import { z } from "zod";
import { admission } from "../components/cluster/admission-keys";
import { allowKeys } from "../components/cluster/allow-keys";
import { backup } from "../components/cluster/backup-keys";
import { calicoKeys, peerKeys } from "../components/cluster/calico-keys";
import {
  kubernetesKeys,
  mirrorKeys,
  networkKeys,
  otherNamespaces,
  packageKeys,
  supplyKeys,
  verificationKeys,
} from "../components/cluster/settings-keys";
import { undeniable } from "../node-config/values/denied-namespaces";
import { namespaceName } from "../node-config/values/names";
import { distinct, line, text } from "../node-config/values/rule";
import { isComplete, values } from "../node-config/values/shapes";
import { workload } from "../node-config/workload/questions";
import { hypervisor, node } from "./machine-schema";
import { company, country, residency } from "./residency-schema";

/**
 * The shape of `stacks/Pulumi.<environment>.yaml`: what an operator decides. One top-level key here is one `kjerne:` key
 * there. Keys that `Cluster` takes as well, and their defaults, stand in components/cluster/settings-keys.ts; machines are
 * in machine-schema.ts. `settings.schema.json` is the same for editors.
 */

/** Where the environment is and who controls it: plain facts that the policy packs judge. */
const site = z.strictObject({
  name: line,
  country,
  city: line,
  operator: company.describe("Who runs the machines, where that company sits, and where its ultimate owner sits."),
  supportCountries: distinct(country).min(1).describe("Countries from which staff with access work."),
  dataClass: line.describe(
    "Class of the data, such as internal or personal: one of those that policies/residency lists, or the operator's own, named with its parameter dataClasses.",
  ),
  nkomRegistration: line
    .optional()
    .describe(
      "Number or case of the data centre's registration with Nkom, Norway's communications authority; own-premises for a room that is not a data centre.",
    ),
});

const network = z.strictObject({
  ...networkKeys,
  calico: z.strictObject({
    ...calicoKeys,
    version: z.string(),
    manifest: line.describe(
      "Calico's calico.yaml of that version: an https:// address or a file; ~ is the home directory.",
    ),
    manifestSha256: z.string().regex(/^[0-9a-f]{64}$/, "is not a SHA-256 in hexadecimal (`sha256sum calico.yaml`)"),
    peers: z
      .array(z.strictObject({ ...peerKeys, authenticated: z.boolean().default(true) }))
      .default([])
      .describe(
        "Routers that learn the routes to pods by BGP. An authenticated one has a secret kjerne:bgpPasswords.<name>.",
      ),
  }),
});

const supply = z.strictObject({
  ...supplyKeys,
  packages: z
    .array(
      z
        .strictObject({
          ...packageKeys,
          signedByFile: line.describe("Its public key, as gpg --armor --export writes it."),
        })
        .check(({ value, issues }) => {
          const message = isComplete(value);
          if (message) issues.push({ code: "custom", path: ["components"], message, input: value });
        }),
    )
    .min(1)
    .describe("Signed apt repositories that hold Debian and Kubernetes."),
  index: line.describe("The file supply.json: packages with their versions, images with their digests."),
  imageMirrors: distinct(z.strictObject(mirrorKeys), ({ registry }) => registry)
    .min(1)
    .describe("For each upstream registry, the mirror that nodes pull its images from."),
  caFile: line
    .optional()
    .describe(
      "Certificates in PEM of the authorities that signed those of packages and imageMirrors, where these are a company's own.",
    ),
});

const namespacePolicy = z.strictObject({
  namespace: text(namespaceName, undeniable),
  allow: z
    .array(z.strictObject(allowKeys))
    .default([])
    .describe("Connections that pass, each from a client to ports of a server; either may be in another namespace."),
});

export const schema = z.strictObject({
  /**
   * The cluster's name, apart from the stack's: machines, disks and files carry it, so it never changes. Of a cluster
   * that was made before this setting, it is the name that the stack had then.
   */
  name: z
    .string(
      "is missing: name the cluster, once and for all; for one that runs already it is the name that its stack had when it was made",
    )
    .pipe(values.hostName),
  site,
  ssh: z.strictObject({
    privateKeyFile: line.describe("Of SSH, without a passphrase; ~ is the home directory."),
    hypervisorKeyFile: line
      .optional()
      .describe(
        "A key of its own for hypervisors, like privateKeyFile, so that neither opens the other's machines. Left out: privateKeyFile for all.",
      ),
    publicKeyFile: line.describe("Public keys that may log in, one a line, that of privateKeyFile among them."),
  }),
  virtualisation: z
    .enum(["kvm", "emulated"])
    .default("kvm")
    .describe("emulated allows processors that QEMU emulates in software, with longer timeouts. Never for production."),
  hypervisors: z.array(hypervisor).default([]),
  nodes: z.array(node).min(1),
  workload: workload.optional(),
  network,
  kubernetes: z.strictObject(kubernetesKeys),
  supply,
  otherNamespaces,
  admission: admission
    .optional()
    .describe("API servers judge objects by the rules of the policy packs, whoever makes them. Left out: they do not."),
  backup: backup
    .extend({
      caFile: line
        .optional()
        .describe(
          "Certificates in PEM of the authorities that signed the store's, where these are a company's own: no other is trusted for it. Left out: the system's.",
        ),
    })
    .optional()
    .describe("Encrypted backups of etcd with the cluster's keys. Left out: none."),
  verification: z.strictObject(verificationKeys).prefault({}),
  defaultDeny: z.array(namespacePolicy).default([]),
  /**
   * Whether the engine refuses to delete or replace control planes with their disks and the key of all Secrets. To do it
   * on purpose, set false and run `pulumi up` first.
   */
  deletionProtection: z.boolean().default(true),
  residency,
});

export type Settings = z.infer<typeof schema>;
