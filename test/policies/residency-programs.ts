import type { Described } from "./programs/resources";

/** A program that keeps to every rule of the residency pack and gives each something to judge. */
export const inOslo: readonly Described[] = build("NO", "eksempel.no", "Trondheim");

/** The same program in another country of the EEA. */
export const inStockholm: readonly Described[] = build("SE", "exempel.se", "Malmö");

function build(country: string, domain: string, elsewhere: string): Described[] {
  const operator = { name: "Eksempel Drift", country, parentCountry: country };
  const asked = (host: string, more: object = {}) => [{ host, country, operator, ...more }];
  const record = (kind: string, name: string, properties: object): Described => ({
    type: `kjerne:residency:${kind}`,
    name,
    properties: { ...properties },
  });
  const attestation = (about: string) =>
    record("Attestation", about, {
      statement: "Seen and on file.",
      by: "Head of security, Eksempel",
      until: inDays(90),
    });
  const site = { country, city: "Oslo", operator, supportCountries: [country], dataClass: "personal" };
  const image = `mirror.${domain}/shop@sha256:${"0".repeat(64)}`;
  return [
    {
      type: "kjerne:node:KvmNode",
      name: "cp1",
      properties: {
        site: { ...site, nkomRegistration: "example-1" },
        address: "10.20.0.31",
        nameservers: ["10.20.0.2"],
        timeServers: [`ntp.${domain}`],
      },
    },
    { type: "kjerne:node:KvmNode", name: "cp2", properties: { site: { ...site, nkomRegistration: "own-premises" } } },
    {
      type: "command:remote:Command",
      name: "look",
      properties: { connection: { host: "10.20.0.31" }, create: "ssh kjerne@10.20.0.31 uptime" },
    },
    { type: "pulumi:providers:kubernetes", name: "cluster", properties: { kubeconfig: kubeconfigOf("10.20.0.31") } },
    {
      type: "kjerne:image:NodeImage",
      name: "hv1-image",
      properties: {
        sources: [{ uri: `https://mirror.${domain}/apt` }],
        images: { "registry.k8s.io/pause:3.10": "sha256:0" },
        mirrors: [{ registry: "registry.k8s.io", mirror: `https://mirror.${domain}:5000` }],
      },
    },
    record("Backup", "etcd", {
      store: `s3://etcd?endpoint=backup.${domain}`,
      country,
      city: elsewhere,
      operator,
      key: { custodian: "Eksempel", country },
      encryptedBeforeTransfer: true,
    }),
    {
      type: "kjerne:cluster:EtcdBackup",
      name: "oslo-backup",
      properties: { store: `s3://etcd?endpoint=backup.${domain}`, recipients: ["age1abc"] },
    },
    record("State", "state", {
      backend: `s3://state?endpoint=s3.${domain}`,
      country,
      operator,
      secretsProvider: "passphrase",
      key: { custodian: "Eksempel", country },
    }),
    record("Endpoints", "registry", { hosts: asked(`mirror.${domain}`, { serves: ["registry.k8s.io"] }) }),
    record("Endpoints", "packages", { hosts: asked(`mirror.${domain}`) }),
    record("Endpoints", "time", { hosts: asked(`ntp.${domain}`) }),
    record("Endpoints", "dns", { hosts: asked("10.20.0.2") }),
    record("Endpoints", "acme", { hosts: asked(`ca.${domain}`) }),
    ...["telemetry", "discovery", "logs"].map((use) => record("Endpoints", use, { hosts: [] })),
    ...["operator", "support", ...[1, 2, 3, 4, 5, 6].map((n) => `nsm-factor-${n}`)].map(attestation),
    {
      type: "kubernetes:apps/v1:Deployment",
      name: "shop",
      properties: {
        metadata: { name: "shop", namespace: "production" },
        spec: { template: { spec: { containers: [{ name: "shop", image }] } } },
      },
    },
    {
      type: "kubernetes:storage.k8s.io/v1:StorageClass",
      name: "local",
      properties: { metadata: { name: "local" }, provisioner: "rancher.io/local-path" },
    },
    {
      type: "kubernetes:core/v1:Endpoints",
      name: "behind",
      properties: { subsets: [{ addresses: [{ ip: "10.20.0.31" }] }] },
    },
    {
      type: "kubernetes:core/v1:List",
      name: "limits",
      properties: { items: [{ apiVersion: "policy/v1", kind: "PodDisruptionBudget" }] },
    },
    {
      type: "kubernetes:cert-manager.io/v1:ClusterIssuer",
      name: "inside",
      properties: { spec: { acme: { server: `https://ca.${domain}/acme` } } },
    },
    {
      type: "kubernetes:crd.projectcalico.org/v1:FelixConfiguration",
      name: "default",
      properties: { spec: { usageReportingEnabled: false } },
    },
  ];
}

/** A kubeconfig whose context leads to a cluster with this address. */
export function kubeconfigOf(host: string, more: { readonly cluster?: object; readonly user?: object } = {}): string {
  return JSON.stringify({
    ...{ apiVersion: "v1", kind: "Config", "current-context": "main" },
    clusters: [{ name: "main", cluster: { server: `https://${host}:6443`, ...more.cluster } }],
    contexts: [{ name: "main", context: { cluster: "main", user: "admin" } }],
    users: [{ name: "admin", user: { token: "not-a-real-one", ...more.user } }],
  });
}

/** The date some days from today: `2027-03-31`. */
export function inDays(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
}

/** A copy of the program with one property of one resource changed, or removed if the value is undefined. */
export function changed(
  program: readonly Described[],
  type: string,
  name: string,
  path: string,
  value: unknown,
): Described[] {
  // Not structuredClone, which keeps shared objects shared: the change would show in several resources.
  const copy = JSON.parse(JSON.stringify(program)) as Described[];
  const resource = copy.find((candidate) => candidate.type.endsWith(`:${type}`) && candidate.name === name);
  if (!resource) throw new Error(`no ${type} ${name} in the program`);
  const steps = path.split(/[.[\]]/).filter(Boolean);
  const last = steps.pop() as string;
  const holder = steps.reduce(
    (at, step) => at[step] as Record<string, unknown>,
    resource.properties as Record<string, unknown>,
  );
  if (Array.isArray(holder) && value === undefined) holder.splice(Number(last), 1);
  else if (value === undefined) delete holder[last];
  else holder[last] = value;
  return copy;
}
