/** The package `kjerne`: every component, each usable alone in your own Pulumi program. Nothing else is public. */

export type { BackupFacts, BackupPlace, StoreCredentials } from "../node-config/backup";
export type { FabricFacts } from "../node-config/fabric";
export type { FileSet, NodeFile } from "../node-config/file-set";
export type { ClusterFacts, NodeFacts } from "../node-config/kubeadm";
export type { Mirror } from "../node-config/node-files";
export type { PackageSource } from "../node-config/package-source";
export { machinePackages, nodePackages } from "../node-config/packages";
export type { SysctlProfileName } from "../node-config/sysctl";
export type { Taint } from "../node-config/taints";
export type { VolumeSpec } from "../node-config/volumes";
export { Cluster } from "./cluster/cluster";
export type * from "./cluster/cluster-args";
export { ControlPlane, type ControlPlaneArgs } from "./cluster/control-plane";
export { EtcdBackup, type EtcdBackupArgs } from "./cluster/etcd-backup";
export type { FabricSpec } from "./cluster/fabric-spec";
export { clusterProvider } from "./cluster/kubeconfig";
export type * from "./cluster/machine-specs";
export { NodeBase, type NodeBaseArgs } from "./cluster/node-base";
export { Workers, type WorkersArgs } from "./cluster/workers";
export { type Drift, MachineState, type MachineStateArgs } from "./drift/machine-state";
export { Hypervisor, type HypervisorArgs, type Pool, type Preflight } from "./hypervisor/hypervisor";
export { NodeImage, type NodeImageArgs } from "./image/node-image";
export type { Connection } from "./machine/connection";
export { type FileSets, NodeFiles, type NodeFilesArgs } from "./machine/node-files";
export { NodeScript, type NodeScriptArgs } from "./machine/node-script";
export { Measurement, type MeasurementArgs } from "./measure/measurement";
export type { Report as Measured } from "./measure/schema";
export { MetricsServer, type MetricsServerArgs } from "./metrics/metrics-server";
export type { BgpFacts, BgpPeer } from "./network/bgp-resources";
export { CalicoBgp, type CalicoBgpArgs } from "./network/calico-bgp";
export type { CalicoFacts } from "./network/calico-manifest";
export { Fabric, type FabricArgs, fabricObjects } from "./network/fabric";
export { FabricAttachments, type FabricAttachmentsArgs, fabricAttachmentObjects } from "./network/fabric-attachments";
export { KubeProxy, type KubeProxyArgs } from "./network/kube-proxy";
export { LoadBalancerAddresses, type LoadBalancerAddressesArgs } from "./network/load-balancer-addresses";
export { readManifest } from "./network/manifest-source";
export type { ClusterNode, NodeMachine } from "./node/cluster-node";
export { ExistingMachine, type ExistingMachineArgs, type MachineSpec } from "./node/existing-machine";
export { KvmNode, type KvmNodeArgs } from "./node/kvm-node";
export { SysctlProfile, type SysctlProfileArgs } from "./node/sysctl-profile";
export { Residency, type ResidencyArgs } from "./residency/residency";
export {
  type AdmissionException,
  AdmissionPolicies,
  type AdmissionPoliciesArgs,
  admissionPolicies,
} from "./security/admission-policies";
export type * from "./security/allow";
export {
  ClusterDefaultDeny,
  type ClusterDefaultDenyArgs,
  clusterDefaultDenyPolicy,
} from "./security/cluster-default-deny";
export { DefaultDeny, type DefaultDenyArgs, defaultDenyPolicies } from "./security/default-deny";
export { LocalVolumes, type LocalVolumesArgs } from "./storage/local-volumes";
export { NetworkTrial, type NetworkTrialArgs } from "./trial/network-trial";
export { KubeProxyMove, type KubeProxyMoveArgs } from "./upgrade/kube-proxy-move";
export { Upgrade, type UpgradeArgs } from "./upgrade/upgrade";
export type { Check, Report } from "./verify/report";
export { Verification, type VerificationArgs } from "./verify/verification";
export type { Wanted } from "./verify/wanted";
