import { anotherCluster, type SettingRow } from "./classes";

const admitted = "set on the Node, and one that leaves the settings is taken off; kubelet does not restart";
const volumes =
  "a directory and a PersistentVolume come or go, or another size is shown; one that a claim has does not go, and the `up` names the claim; files stay on the disk (operations.md)";
const reached = "how the machine is reached; its scripts run again and find nothing to do";

/** What a change of a machine's settings does: hypervisors and nodes, and how they are reached. */
export const machineRows: readonly SettingRow[] = [
  ["name", "refused", `machines, disks and files carry it: ${anotherCluster}`],
  ["site", "record", "plain inputs of nodes, which a preview shows"],
  ["ssh.privateKeyFile", "in place", `${reached}; its public key must be on every machine before`],
  [
    "ssh.hypervisorKeyFile",
    "in place",
    "how hypervisors are reached; their scripts run again and find nothing to do; its public key must be on each before",
  ],
  [
    "ssh.publicKeyFile",
    "in place",
    "authorized_keys of the user kjerne on machines that kjerne makes; other machines and hypervisors keep theirs",
  ],
  ["virtualisation", "rolling", "timeouts and probes of control planes and of Calico; for a lab only"],
  ["hypervisors[].name", "take out first", "its machines are replaced by those of the new name; the pool stays"],
  ["hypervisors[].address", "in place", reached],
  ["hypervisors[].user", "in place", reached],
  ["hypervisors[].hostKey", "in place", reached],
  ["hypervisors[].bridge", "next start", "the network card of each machine that lies there"],
  [
    "hypervisors[].prepare",
    "in place",
    "packages, services and the bridge that are missing come at once; what is there stays, and nothing is undone when it leaves the settings",
  ],
  [
    "hypervisors[].fabricBridge",
    "next start",
    "workers there have a second card, and its files and their label at once; until each has started anew its check fails, and pods that ask for the fabric don't start there",
  ],
  ["hypervisors[].imageDirectory", "new machines", "the image is built there anew; the old directory stays"],
  ["hypervisors[].pool.name", "take out first", "the hypervisor refuses to take away a pool in which disks lie"],
  ["hypervisors[].pool.path", "take out first", "the hypervisor refuses to take away a pool in which disks lie"],
  ["hypervisors[].pool.medium", "new machines", "whether disks are allocated beforehand; the preflight looks at once"],
  ["nodes[kvm].name", "replaces the machine", "a node of the old name leaves, and one of the new name joins"],
  ["nodes[kvm].role", "take out first", "it leaves with its machine, and joins as another one"],
  ["nodes[kvm].address", "replaces the machine", "certificates, etcd and routes have it; what its disks hold is lost"],
  ["nodes[kvm].taints", "in place", admitted],
  ["nodes[kvm].labels", "in place", admitted],
  ["nodes[kvm].volumes", "in place", volumes],
  ["nodes[kvm].hypervisor", "replaces the machine", "disks do not move: what they hold is lost"],
  ["nodes[kvm].cpus", "next start", "drain the node, and start the machine anew when it suits"],
  ["nodes[kvm].memoryMiB", "next start", "drain the node, and start the machine anew when it suits"],
  ["nodes[kvm].rootGiB", "replaces the machine", "disks do not grow: what they hold is lost"],
  [
    "nodes[kvm].etcdGiB",
    "replaces the machine",
    "a control plane, with its member of etcd; for a worker it means nothing",
  ],
  ["nodes[kvm].pinnedCpus", "next start", "drain the node, and start the machine anew when it suits"],
  ["nodes[existing].name", "take out first", "the machine calls itself otherwise, and refuses"],
  ["nodes[existing].role", "take out first", "the machine refuses: it has joined in the other role"],
  ["nodes[existing].address", "take out first", "the machine refuses an address that none of its interfaces has"],
  ["nodes[existing].taints", "in place", admitted],
  ["nodes[existing].labels", "in place", admitted],
  ["nodes[existing].volumes", "in place", volumes],
  [
    "nodes[existing].machine.address",
    "in place",
    `${reached}; another machine that answers there is looked at and joins anew`,
  ],
  ["nodes[existing].machine.port", "in place", reached],
  ["nodes[existing].machine.user", "in place", reached],
  [
    "nodes[existing].machine.hostKey",
    "in place",
    `${reached}; another machine that shows it is looked at and joins anew`,
  ],
  [
    "nodes[existing].machine.container",
    "rolling",
    "the first system container of a cluster, or the last, changes kubelets' configuration (failCgroupV1)",
  ],
  [
    "nodes[existing].machine.fabricInterface",
    "in place",
    "files of the node and its label; the first time containerd restarts, containers live on. Pods of the class `fabric` have another card once they start anew; take them off the node before its card goes",
  ],
  ["nodes[existing].machine.untestedRelease", "in place", "what the preflight accepts"],
];
