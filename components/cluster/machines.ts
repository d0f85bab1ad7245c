import * as pulumi from "@pulumi/pulumi";
import type { ClusterFacts } from "../../node-config/kubeadm";
import { nodePackages } from "../../node-config/packages";
import { Hypervisor } from "../hypervisor/hypervisor";
import { NodeImage } from "../image/node-image";
import type { ClusterNode } from "../node/cluster-node";
import { KvmNode } from "../node/kvm-node";
import { SysctlProfile } from "../node/sysctl-profile";
import { demandsOf, requiredOf } from "./facts";
import { NodeBase } from "./node-base";
import type { CompleteClusterArgs, CompleteHypervisorSpec, CompleteNodeSpec } from "./with-defaults";

/** A hypervisor that is ready for nodes. */
export interface Host {
  readonly hypervisor: Hypervisor;
  readonly image: NodeImage;
}

/** A machine that is ready for Kubernetes. */
export interface Member {
  readonly role: "control-plane" | "worker";
  readonly node: ClusterNode;
  /** Digest of what was written to it: changes whenever its files or kernel settings change. */
  readonly configured: pulumi.Output<string>;
  /** What objects in the cluster are `deletedWith`. */
  readonly machine: pulumi.Resource;
}

/** Prepares every hypervisor and builds the node image on it. Name → hypervisor and image. */
export function prepareHosts(args: CompleteClusterArgs, parent: pulumi.Resource): ReadonlyMap<string, Host> {
  const { supply } = args;
  return new Map(args.hypervisors.map((spec) => [spec.name, prepareHost(spec)]));

  function prepareHost({ name, imageDirectory, ...connection }: CompleteHypervisorSpec): Host {
    const hypervisor = new Hypervisor(
      name,
      {
        ...connection,
        privateKey: args.ssh.privateKey,
        virtualisation: args.virtualisation,
        asked: demandsOf(args.nodes, name),
        packages: supply.packages,
        ...requiredOf(args.virtualisation),
      },
      { parent },
    );
    const image = new NodeImage(
      `${name}-image`,
      {
        hypervisor,
        directory: imageDirectory,
        sources: supply.packages,
        packages: nodePackages(supply.index.packages),
        images: supply.index.images,
        mirrors: supply.mirrors,
      },
      { parent },
    );
    return { hypervisor, image };
  }
}

/**
 * Boots every node and gives it what must be there before Kubernetes: kernel modules, container runtime, kernel
 * settings. Throws when a node names a hypervisor that is not among `hosts`.
 */
export function bootMembers(
  args: CompleteClusterArgs,
  facts: ClusterFacts,
  hosts: ReadonlyMap<string, Host>,
  parent: pulumi.Resource,
): Member[] {
  const { network, site, supply, ssh } = args;
  return args.nodes.map((spec) => {
    const machine = boot(spec);
    const { name, address, connection, instanceId } = machine;
    const node = { name, address, connection, instanceId, taints: spec.taints };
    return { role: spec.role, node, configured: configure(node), machine: machine.machine };
  });

  function boot({ hypervisor, name, role, etcdGiB, taints: _, ...size }: CompleteNodeSpec): KvmNode {
    const host = hosts.get(hypervisor);
    if (!host) {
      throw new Error(`node ${name} lies on hypervisor ${hypervisor}; choose one of ${[...hosts.keys()].join(", ")}`);
    }
    const { gateway, nameservers, timeServers, mtu } = network;
    return new KvmNode(
      name,
      {
        ...size,
        ...(role === "control-plane" ? { etcdGiB } : {}),
        ...host,
        site,
        prefixLength: Number(network.nodeCidr.split("/")[1]),
        gateway,
        nameservers,
        timeServers,
        mtu,
        ssh,
      },
      { parent },
    );
  }

  function configure(node: ClusterNode): pulumi.Output<string> {
    const base = new NodeBase(`${node.name}-base`, { facts, node, mirrors: supply.mirrors }, { parent });
    const profiles = { connection: node.connection, profiles: args.kubernetes.sysctlProfiles };
    const sysctl = new SysctlProfile(`${node.name}-sysctl`, profiles, { parent });
    return pulumi.interpolate`${base.digest} ${sysctl.digest}`;
  }
}
