import type { Described } from "./programs/resources";
import { changed, inDays, inOslo, kubeconfigOf } from "./residency-programs";

const american = { name: "Example Inc.", country: "US", parentCountry: "US" };
const elsewhere = (host: string) => [{ host, country: "US", operator: american }];

/** One violation for each rule: kind and name of a resource, path of a field, its new value, the message about it. */
export const forbidden: Readonly<Record<string, readonly [string, string, string, unknown, RegExp]>> = {
  "node-location": [
    "KvmNode",
    "cp1",
    "site.country",
    "DE",
    /KvmNode cp1, site\.country: is DE, not allowed; allowed: NO/,
  ],
  "declared-machines": [
    "Command",
    "look",
    "connection.host",
    "203.0.113.9",
    /connection\.host: is 203\.0\.113\.9, not allowed; allowed: 10\.20\.0\.31\. Nobody says where it is/,
  ],
  "data-class": ["KvmNode", "cp1", "site.dataClass", "Hemmelig", /site\.dataClass: is Hemmelig/],
  "volume-location": ["StorageClass", "local", "provisioner", "ebs.csi.aws.com", /provisioner: is ebs\.csi\.aws\.com/],
  "backup-location": ["Backup", "etcd", "country", "DE", /Backup etcd, country: is DE.*Choose a store/],
  "key-custody": ["Backup", "etcd", "encryptedBeforeTransfer", false, /Whoever runs the store could read it/],
  "backup-elsewhere": ["Backup", "etcd", "city", "Oslo", /would take the nodes and every copy/],
  "state-backend": [
    "State",
    "state",
    "backend",
    "https://api.pulumi.com",
    /It is Pulumi Cloud, run by Pulumi Corporation in the US/,
  ],
  "state-secrets": ["State", "state", "secretsProvider", "awskms://alias/x", /is awskms.*Amazon holds the key/],
  "log-location": ["Endpoints", "logs", "hosts", elsewhere("logs.example.com"), /hosts\[0\]\.country: is US/],
  "name-servers": [
    "KvmNode",
    "cp1",
    "nameservers[0]",
    "8.8.8.8",
    /nameservers\[0\]: is 8\.8\.8\.8.*allowed: 10\.20\.0\.2\. It is Google/,
  ],
  "image-registry": [
    "Deployment",
    "shop",
    "spec.template.spec.containers[0].image",
    "nginx:1.27",
    /is docker\.io\/library\/nginx.*Docker Hub/,
  ],
  "package-source": [
    "NodeImage",
    "hv1-image",
    "sources[0].uri",
    "https://apt.example.com",
    /sources\[0\]\.uri: is apt\.example\.com.*Nobody recorded where it is/,
  ],
  "certificate-authority": [
    "ClusterIssuer",
    "inside",
    "spec.acme.server",
    "https://acme-v02.api.letsencrypt.org/directory",
    /Let's Encrypt/,
  ],
  discovery: [
    "Endpoints",
    "discovery",
    "hosts",
    elsewhere("discovery.etcd.io"),
    /hosts\[0\]\.host: is discovery\.etcd\.io/,
  ],
  "time-servers": ["KvmNode", "cp1", "timeServers[0]", "time.google.com", /timeServers\[0\]: is time\.google\.com/],
  "telemetry-location": [
    "Endpoints",
    "telemetry",
    "hosts",
    elsewhere("usage.example.com"),
    /operator\.parentCountry: is US/,
  ],
  "telemetry-off": [
    "FelixConfiguration",
    "default",
    "spec.usageReportingEnabled",
    true,
    /usageReportingEnabled: is true.*allowed: false/,
  ],
  "operator-jurisdiction": [
    "KvmNode",
    "cp1",
    "site.operator.parentCountry",
    "US",
    /site\.operator\.parentCountry: is US/,
  ],
  "support-access": ["KvmNode", "cp1", "site.supportCountries[0]", "IN", /site\.supportCountries\[0\]: is IN/],
  "transfer-basis": [
    "State",
    "state",
    "key.country",
    "US",
    /State state, key\.country: is US, not allowed.*nobody recorded on what ground/,
  ],
  "data-centre-registration": [
    "KvmNode",
    "cp2",
    "site.nkomRegistration",
    undefined,
    /KvmNode cp2, site\.nkomRegistration: unverifiable; allowed: the number.*It is missing/,
  ],
  "known-kinds": [
    "List",
    "limits",
    "items[0].kind",
    "BackupStorageLocation",
    /List limits, items\[0\]\.type: is policy\/BackupStorageLocation, unverifiable.*nobody has judged where/,
  ],
  "taken-backups": [
    "EtcdBackup",
    "oslo-backup",
    "store",
    "file:///mnt/backup",
    /EtcdBackup oslo-backup, store: is a directory, not allowed; allowed: .*Nobody says where that is/,
  ],
  "declared-clusters": [
    "kubernetes",
    "cluster",
    "kubeconfig",
    kubeconfigOf("eks.us-east-1.example.com"),
    /\(cluster main, server\): is eks\.us-east-1\.example\.com, not allowed.*Nobody says where that cluster is/,
  ],
  "named-hosts": [
    "Endpoints",
    "behind",
    "subsets[0].addresses[0].ip",
    "1.1.1.1",
    /addresses\[0\]\.ip: is 1\.1\.1\.1, not allowed. It is Cloudflare/,
  ],
  "called-hosts": [
    "Command",
    "look",
    "create",
    "curl https://files.example.com",
    /create: curl: is files\.example\.com, unverifiable/,
  ],
  "nsm-data-centre": ["Attestation", "nsm-factor-1", "until", inDays(-1), /It ended on/],
  "nsm-staff": ["Attestation", "nsm-factor-2", "until", inDays(800), /is too far ahead/],
  "nsm-preparedness": ["Attestation", "nsm-factor-3", "by", "", /by: unverifiable/],
  "nsm-ownership": ["Attestation", "nsm-factor-4", "statement", "", /statement: unverifiable/],
  "nsm-trust": ["Attestation", "nsm-factor-5", "until", "soon", /It is not a day/],
  "nsm-tenants": ["Attestation", "nsm-factor-6", "until", inDays(-400), /It ended on/],
};

/** All violations in one program, so that the engine runs once. */
export const everythingForbidden: readonly Described[] = Object.values(forbidden).reduce(
  (program, [type, name, path, value]) => changed(program, type, name, path, value),
  [...inOslo],
);
