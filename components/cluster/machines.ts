import type * as pulumi from "@pulumi/pulumi";
import { type FabricFacts, isShared, secondCardOf } from "../../node-config/fabric";
import type { ClusterFacts } from "../../node-config/kubeadm";
import { modulesIn } from "../../node-config/modules";
import { nodeFiles } from "../../node-config/node-files";
import { imagesOf, machinePackages, nodePackages } from "../../node-config/packages";
import { Hypervisor } from "../hypervisor/hypervisor";
import { NodeImage } from "../image/node-image";
import type { Connection } from "../machine/connection";
import type { ClusterNode, NodeMachine } from "../node/cluster-node";
import { ExistingMachine } from "../node/existing-machine";
import { KvmNode } from "../node/kvm-node";
import { Refusal } from "../refusal/refusal";
import { demandsOf, doorFacts, fabricFacts, furtherPackages, labelsOf, requiredOf } from "./facts";
import type { ExistingNodeSpec } from "./machine-specs";
import { NodeBase, type PreparedNode } from "./node-base";
import { upgradeNodes } from "./upgrade-nodes";
import {
  type CompleteClusterArgs,
  type CompleteHypervisorSpec,
  type CompleteKvmNodeSpec,
  isExisting,
} from "./with-defaults";

/** A hypervisor that is ready for nodes. */
export interface Host {
  readonly hypervisor: Hypervisor;
  readonly image: NodeImage;
}

/** A machine that is ready for Kubernetes. */
export interface Member extends PreparedNode {
  readonly role: "control-plane" | "worker";
}

/** How each node is reached, by its name. */
export function connectionsOf(nodes: readonly { readonly node: NodeMachine }[]): Readonly<Record<string, Connection>> {
  return Object.fromEntries(nodes.map(({ node }) => [node.name, node.connection]));
}

/** Prepares every hypervisor and builds the node image on it. Name → hypervisor and image. */
export function prepareHosts(
  cluster: string,
  args: CompleteClusterArgs,
  parent: pulumi.Resource,
): ReadonlyMap<string, Host> {
  const { supply } = args;
  return new Map(args.hypervisors.map((spec) => [spec.name, prepareHost(spec)]));

  function prepareHost({ name, imageDirectory, ...connection }: CompleteHypervisorSpec): Host {
    const hypervisor = new Hypervisor(
      name,
      {
        ...connection,
        cluster,
        privateKey: args.ssh.hypervisorPrivateKey ?? args.ssh.privateKey,
        virtualisation: args.virtualisation,
        asked: demandsOf(args.nodes, name),
        packages: supply.packages,
        mtu: args.network.mtu,
        ...(args.network.fabric ? { fabricMtu: args.network.fabric.mtu } : {}),
        authorities: supply.authorities,
        ...requiredOf(args.virtualisation),
      },
      { parent },
    );
    const image = new NodeImage(
      `${name}-image`,
      {
        hypervisor,
        directory: imageDirectory,
        ...(supply.debian ? { debian: supply.debian } : {}),
        sources: supply.packages,
        packages: nodePackages(supply.index.packages, furtherPackages(args, "control-plane")),
        snapshot: supply.index.snapshot,
        images: supply.index.images,
        mirrors: supply.mirrors,
        authorities: supply.authorities,
      },
      { parent },
    );
    return { hypervisor, image };
  }
}

/**
 * Boots every node that kjerne makes, takes the machines that were there before, takes those in a running cluster to its
 * versions, and gives each what must be there before Kubernetes: kernel modules, container runtime, kernel settings.
 * Throws when a node names a hypervisor that is not among `hosts`.
 */
export function readyMembers(
  args: CompleteClusterArgs,
  facts: ClusterFacts,
  hosts: ReadonlyMap<string, Host>,
  parent: pulumi.Resource,
): Member[] {
  const { network, site, supply, ssh } = args;
  const machines = args.nodes.map((spec) => {
    const reached: NodeMachine = isExisting(spec) ? take(spec) : make(spec);
    const { name, address, connection, instanceId, machine, container, existing, boot, files, host } = reached;
    const { role, taints } = spec;
    const labels = labelsOf(args, spec);
    const asNumber = args.calico.racks.find(({ nodes }) => nodes.includes(spec.name))?.asNumber;
    const made = { name, address, connection, instanceId, machine, container, existing, boot, files, host };
    const node = { ...made, taints, labels, asNumber };
    return { role, node, fabric: fabricFacts(args, spec) };
  });
  const upgraded = upgradeNodes(args, facts, machines, parent);
  return machines.map(({ role, node, fabric }) => ({ role, node, base: configure(node, role, fabric) }));

  function take({ name, role, address, machine }: ExistingNodeSpec): ExistingMachine {
    const { mode } = args.kubernetes.proxy;
    const { fabric } = network;
    const modules = modulesIn(nodeFiles(facts, { name, address }, [], mode));
    return new ExistingMachine(
      name,
      {
        site,
        cluster: facts.name,
        role,
        address,
        machine,
        mtu: network.mtu,
        autodetection: args.calico.autodetection,
        ...(fabric ? { fabricMtu: fabric.mtu, fabricKind: fabric.kind } : {}),
        modules: fabric && machine.fabricInterface && isShared(fabric.kind) ? [...modules, fabric.kind] : modules,
        sources: supply.packages,
        packages: machinePackages(supply.index.packages, role, furtherPackages(args, role)),
        images: imagesOf(role, supply.index.images),
        mirrors: supply.mirrors,
        authorities: supply.authorities,
        ssh,
      },
      guarded(role),
    );
  }

  function make({
    hypervisor,
    name,
    role,
    etcdGiB,
    taints: _,
    labels: __,
    volumes: ___,
    ...size
  }: CompleteKvmNodeSpec): KvmNode {
    const host = hosts.get(hypervisor);
    if (!host) {
      throw new Refusal(`node ${name} lies on hypervisor ${hypervisor}; choose one of ${[...hosts.keys()].join(", ")}`);
    }
    const { gateway, nameservers, timeServers, mtu } = network;
    return new KvmNode(
      name,
      {
        ...size,
        ...(role === "control-plane" ? { etcdGiB } : {}),
        ...(network.fabric && secondCardOf({ role, hypervisor }, args.hypervisors)
          ? { fabricMtu: network.fabric.mtu }
          : {}),
        ...host,
        site,
        prefixLength: Number(network.nodeCidr.split("/")[1]),
        gateway,
        nameservers,
        timeServers,
        mtu,
        ssh,
      },
      guarded(role),
    );
  }

  function configure(node: ClusterNode, role: Member["role"], fabric: FabricFacts | undefined): NodeBase {
    const { proxy, sysctlProfiles, exclusiveCpus, hugePagesMiB } = args.kubernetes;
    const base = {
      facts,
      node,
      role,
      doors: doorFacts(args),
      mirrors: supply.mirrors,
      authorities: supply.authorities,
      proxyMode: proxy.mode,
      sysctlProfiles,
      fabric,
      ...(role === "worker" ? { worker: { ...(exclusiveCpus ? { exclusiveCpus } : {}), hugePagesMiB } } : {}),
    };
    return new NodeBase(`${node.name}-base`, base, { parent, dependsOn: upgraded });
  }

  /** The engine refuses to delete or replace a control plane, disks included. */
  function guarded(role: Member["role"]): pulumi.ComponentResourceOptions {
    return { parent, protect: role === "control-plane" && args.deletionProtection };
  }
}
