import type { BackupFacts } from "../../node-config/backup";
import { defaults } from "../../node-config/defaults";
import type { ProxyFacts } from "../../node-config/kubeadm";
import { imagesInUse } from "../../node-config/load-balancers";
import { choose, dedicates } from "../../node-config/workload/choice";
import type { Workload } from "../../node-config/workload/questions";
import type { Pool } from "../hypervisor/hypervisor";
import { calicoVersion } from "../network/calico-manifest";
import type { CalicoSpec } from "./calico-spec";
import type {
  AdmissionSpec,
  BackupSpec,
  ClusterArgs,
  KubernetesSpec,
  NetworkSpec,
  UpgradeSpec,
  VerificationSpec,
} from "./cluster-args";
import type { FabricSpec } from "./fabric-spec";
import type { ExistingNodeSpec, HypervisorSpec, KvmNodeSpec, NodeSpec } from "./machine-specs";

export type CompleteHypervisorSpec = Required<Omit<HypervisorSpec, "pool" | "fabricBridge">> &
  Pick<HypervisorSpec, "fabricBridge"> & { readonly pool: Pool };

export type CompleteKvmNodeSpec = KvmNodeSpec & Required<Pick<KvmNodeSpec, "rootGiB" | "etcdGiB">>;
export type CompleteNodeSpec = CompleteKvmNodeSpec | ExistingNodeSpec;

/** Whether the node's machine was there before; otherwise kjerne makes it on a hypervisor. */
export function isExisting(node: NodeSpec): node is ExistingNodeSpec {
  return "machine" in node;
}

/** Whether its kernel, clock and kernel settings outside net.* are those of the host that it shares. */
export function isContainer(node: CompleteNodeSpec): boolean {
  return isExisting(node) && node.machine.container === true;
}

type CompleteKubernetesSpec = Required<Omit<KubernetesSpec, "endpoint" | "proxy" | "exclusiveCpus" | "upgrade">> & {
  readonly exclusiveCpus?: Required<NonNullable<KubernetesSpec["exclusiveCpus"]>>;
  readonly endpoint: Required<KubernetesSpec["endpoint"]>;
  readonly proxy: Omit<ProxyFacts, "featureGates">;
  readonly upgrade: Required<UpgradeSpec>;
};

/** `ClusterArgs` in which everything that was left out has its default. */
export interface CompleteClusterArgs extends Required<Omit<ClusterArgs, "workload" | "backup" | "admission">> {
  readonly workload?: Workload;
  readonly admission?: Required<AdmissionSpec>;
  readonly backup?: BackupFacts & Pick<BackupSpec, "credentials">;
  readonly hypervisors: readonly CompleteHypervisorSpec[];
  readonly nodes: readonly CompleteNodeSpec[];
  readonly network: Required<Omit<NetworkSpec, "fabric">> & { readonly fabric?: Required<FabricSpec> };
  readonly verification: VerificationSpec & Required<Pick<VerificationSpec, "landmarks">>;
  readonly calico: Required<Omit<CalicoSpec, "encapsulation">> & Pick<CalicoSpec, "encapsulation">;
  readonly kubernetes: CompleteKubernetesSpec;
}

const { region: _, prefix: __, ...backupDefaults } = defaults.backup;

export function withDefaults(args: ClusterArgs): CompleteClusterArgs {
  const {
    virtualisation = "kvm",
    defaultDeny = [],
    admission,
    backup,
    verification,
    deletionProtection = true,
    hypervisors = [],
    nodes,
    network: { fabric, ...nodeNetwork },
    supply: { index, ...supply },
    calico,
    kubernetes,
    ...others
  } = args;
  const {
    user,
    imageDirectory,
    prepare,
    rootGiB,
    etcdGiB,
    mtu,
    fabricMtu,
    fabricKind,
    fabricMultus,
    podCidr,
    serviceCidr,
  } = defaults;
  const {
    blockSize,
    asNumber,
    meshPassword,
    apiPort,
    endpointBy,
    sysctlProfiles,
    encryptionKey,
    slowEtcdDisk,
    operators,
  } = defaults;
  const autodetection: string = nodes.some(isExisting) ? defaults.autodetectionOfAny : defaults.autodetection;
  return {
    ...others,
    supply: {
      ...supply,
      index: {
        ...index,
        images: imagesInUse(index.images, nodeNetwork.loadBalancerCidrs, calicoVersion(calico.manifest) ?? ""),
      },
    },
    virtualisation,
    defaultDeny,
    ...(admission ? { admission: filled({ exceptions: [] }, admission) } : {}),
    ...(backup
      ? { backup: { ...filled(backupDefaults, backup), keep: filled(defaults.backup.keep, backup.keep) } }
      : {}),
    verification: filled({ landmarks: [] }, verification),
    deletionProtection,
    // By name: the order in which somebody lists them is no change.
    hypervisors: byName(hypervisors).map(({ pool, ...spec }) => ({
      ...filled({ user, imageDirectory, prepare }, spec),
      pool: filled(defaults.pool, pool),
    })),
    nodes: byName(nodes).map((spec) => (isExisting(spec) ? spec : filled({ rootGiB, etcdGiB }, spec))),
    network: {
      ...filled(
        { timeServers: [], mtu, podCidr, serviceCidr, loadBalancerCidrs: [], operators: [], openToPods: [] },
        nodeNetwork,
      ),
      ...(fabric ? { fabric: filled({ mtu: fabricMtu, kind: fabricKind, multus: fabricMultus }, fabric) } : {}),
    },
    calico: filled({ autodetection, blockSize, asNumber, meshPassword, reflectors: [], racks: [], peers: [] }, calico),
    kubernetes: {
      ...filled(
        { sysctlProfiles, hugePagesMiB: 0, encryptionKey, metricsServer: false, slowEtcdDisk, operators },
        inProfile(kubernetes, args.workload),
      ),
      endpoint: filled({ port: apiPort, by: endpointBy }, kubernetes.endpoint),
      // As rule NET-09 wants it.
      proxy: filled(
        { ...defaults.proxy, strictArp: (nodeNetwork.loadBalancerCidrs ?? []).length > 0 },
        kubernetes.proxy,
      ),
      upgrade: filled(defaults.upgrade, kubernetes.upgrade),
    },
  };
}

/** What the workload's profile turns on, beside what is said. */
function inProfile(
  { exclusiveCpus, ...kubernetes }: KubernetesSpec,
  workload: Workload | undefined,
): Omit<KubernetesSpec, "exclusiveCpus"> & Pick<CompleteKubernetesSpec, "exclusiveCpus"> {
  const isDedicated = workload !== undefined && dedicates(choose(workload).profile);
  const { sysctlProfiles = defaults.sysctlProfiles } = kubernetes;
  return {
    ...kubernetes,
    ...(isDedicated ? { sysctlProfiles: [...new Set([...sysctlProfiles, "low-latency" as const])] } : {}),
    ...(isDedicated || exclusiveCpus ? { exclusiveCpus: filled(defaults.exclusiveCpus, exclusiveCpus) } : {}),
  };
}

function byName<T extends { readonly name: string }>(list: readonly T[]): T[] {
  return [...list].sort((a, b) => (a.name < b.name ? -1 : 1));
}

type Filled<Defaults, Given> = Omit<Given, keyof Defaults> & {
  readonly [Key in keyof Defaults]: Key extends keyof Given ? Exclude<Given[Key], undefined> : Defaults[Key];
};

/** `given` with a default for each key that is missing or undefined, in the order of the defaults. */
function filled<Defaults extends object, Given extends object>(
  defaults: Defaults,
  given: Given | undefined,
): Filled<Defaults, Given> {
  const said = Object.entries(given ?? {}).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(said) } as Filled<Defaults, Given>;
}
