import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { nodePackages } from "../../node-config/packages";
import { Hypervisor } from "../hypervisor/hypervisor";
import { NodeImage } from "../image/node-image";
import { CalicoBgp } from "../network/calico-bgp";
import { KubeProxy } from "../network/kube-proxy";
import type { ClusterNode } from "../node/cluster-node";
import { KvmNode } from "../node/kvm-node";
import { SysctlProfile } from "../node/sysctl-profile";
import { DefaultDeny } from "../security/default-deny";
import { podSecurity } from "../security/pod-security";
import type { MainInput } from "../verify/main";
import type { Report } from "../verify/report";
import { Verification } from "../verify/verification";
import type { ClusterArgs, DeniedNamespace, HypervisorSpec, NodeSpec } from "./cluster-args";
import { ControlPlane } from "./control-plane";
import { apiOf, calicoFacts, clusterFacts, demandsOf, requiredOf, sshHostKeys, wantedOf } from "./facts";
import { clusterProvider } from "./kubeconfig";
import { NodeBase } from "./node-base";
import { Workers } from "./workers";

/**
 * A Kubernetes cluster on virtual machines of one's own: it reads as it is built. What holds of the site and its operator
 * stands on every node as plain facts.
 */
export class Cluster extends pulumi.ComponentResource {
  /** For operators; a secret. */
  readonly kubeconfig: pulumi.Output<string>;
  /** Name → address. */
  readonly nodeAddresses: Readonly<Record<string, string>>;
  /** What was seen on the running cluster after the last change. */
  readonly report: pulumi.Output<Report>;
  /** What it takes to look again without a deployment; a secret. */
  readonly verification: pulumi.Output<MainInput>;

  constructor(name: string, args: ClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    const { site, network, calico, kubernetes, supply } = args;
    super("kjerne:cluster:Cluster", name, { site, sshHostKeys }, opts);
    const facts = clusterFacts(name, args);
    const parent = this;

    const hypervisors = args.hypervisors.map(prepareHypervisor);
    const images = hypervisors.map(buildImage);
    const machines = args.nodes.map(bootMachine);
    const nodes = machines.map(asClusterNode);
    const configured = nodes.map(configureNode);

    const controlPlanes = ofRole("control-plane", nodes) as [ClusterNode, ...ClusterNode[]];
    const controlPlane = startControlPlane();
    const workers = joinWorkers();
    const proxy = balanceServices();
    // What lives in the cluster goes with its first control plane, without asking an API that is going too.
    const [{ machine: deletedWith }] = ofRole("control-plane", machines) as [KvmNode];
    const provider = clusterProvider(`${name}-api`, controlPlane.kubeconfig, { parent });
    const inCluster = { provider, deletedWith, parent };
    const pods = connectPods();
    const denied = args.defaultDeny.map(denyByDefault);
    const verification = verifyAll();

    this.kubeconfig = controlPlane.kubeconfig;
    this.nodeAddresses = Object.fromEntries(args.nodes.map((node) => [node.name, node.address]));
    this.report = verification.report;
    this.verification = verification.input;
    this.registerOutputs({ nodeAddresses: this.nodeAddresses, report: this.report });

    function prepareHypervisor({ imageDirectory: _, ...spec }: HypervisorSpec): Hypervisor {
      const { name, ...connection } = spec;
      return new Hypervisor(
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
    }

    function buildImage(hypervisor: Hypervisor, index: number): NodeImage {
      return new NodeImage(
        `${hypervisor.name}-image`,
        {
          hypervisor,
          directory: args.hypervisors[index]?.imageDirectory,
          sources: supply.packages,
          packages: nodePackages(supply.index.packages),
          images: supply.index.images,
          mirrors: supply.mirrors,
        },
        { parent },
      );
    }

    function bootMachine(node: NodeSpec): KvmNode {
      const at = args.hypervisors.findIndex((hypervisor) => hypervisor.name === node.hypervisor);
      const { hypervisor: _, name, role, etcdGiB, taints: __, ...machine } = node;
      return new KvmNode(
        name,
        {
          ...machine,
          ...(role === "control-plane" ? { etcdGiB } : {}),
          hypervisor: hypervisors[at] as Hypervisor,
          image: images[at] as NodeImage,
          site,
          prefixLength: Number(network.nodeCidr.split("/")[1]),
          gateway: network.gateway,
          nameservers: network.nameservers,
          timeServers: network.timeServers,
          mtu: network.mtu,
          ssh: args.ssh,
        },
        { parent },
      );
    }

    function asClusterNode(machine: KvmNode, index: number): ClusterNode {
      const { name, address, connection, instanceId } = machine;
      return { name, address, connection, instanceId, taints: args.nodes[index]?.taints };
    }

    /** Kernel modules, container runtime and kernel settings: what must be there before Kubernetes. */
    function configureNode(node: ClusterNode): pulumi.Output<string> {
      const base = new NodeBase(`${node.name}-base`, { facts, node, mirrors: supply.mirrors }, { parent });
      const profiles = { connection: node.connection, profiles: kubernetes.sysctlProfiles };
      const sysctl = new SysctlProfile(`${node.name}-sysctl`, profiles, { parent });
      return pulumi.interpolate`${base.digest} ${sysctl.digest}`;
    }

    function startControlPlane(): ControlPlane {
      return new ControlPlane(
        `${name}-control-plane`,
        { facts, nodes: controlPlanes, declared: args.nodes, after: ofRole("control-plane", configured) },
        { parent },
      );
    }

    function joinWorkers(): Workers {
      const [through] = controlPlanes;
      return new Workers(
        `${name}-workers`,
        { facts, controlPlane, through, nodes: ofRole("worker", nodes), after: ofRole("worker", configured) },
        { parent },
      );
    }

    function balanceServices(): KubeProxy {
      const [node] = controlPlanes;
      return new KubeProxy(
        `${name}-kube-proxy`,
        { facts, node, proxy: kubernetes.proxy, after: [controlPlane.caHash] },
        { parent },
      );
    }

    function connectPods(): CalicoBgp {
      const { manifest, asNumber, peers } = calico;
      return new CalicoBgp(
        `${name}-calico`,
        { manifest, calico: calicoFacts(args, facts.pace), bgp: { asNumber }, peers },
        { ...inCluster, dependsOn: proxy },
      );
    }

    function denyByDefault({ name: namespace, allow }: DeniedNamespace): DefaultDeny {
      const made = new k8s.core.v1.Namespace(
        `${name}-${namespace}`,
        { metadata: { name: namespace, labels: podSecurity } },
        { ...inCluster, dependsOn: pods },
      );
      return new DefaultDeny(
        `${name}-${namespace}-default-deny`,
        { namespaces: [namespace], allow, api: apiOf(args) },
        { ...inCluster, dependsOn: made },
      );
    }

    function verifyAll(): Verification {
      return new Verification(
        `${name}-verification`,
        {
          wanted: wantedOf(args),
          connections: Object.fromEntries(nodes.map((node) => [node.name, node.connection])),
          after: [...configured, controlPlane.done, proxy.done, workers.done, pods.ready],
          ...(facts.pace === "emulated" ? { settleSeconds: 1800 } : {}),
        },
        { parent, dependsOn: denied },
      );
    }

    /** Of a list that runs in parallel to `args.nodes`, the part of one role. */
    function ofRole<Item>(role: NodeSpec["role"], items: readonly Item[]): Item[] {
      return items.filter((_, index) => args.nodes[index]?.role === role);
    }
  }
}
