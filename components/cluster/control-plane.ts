import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { announcedEndpointFiles } from "../../node-config/announced-endpoint";
import { encryptionFacts } from "../../node-config/encryption";
import { merge } from "../../node-config/file-set";
import { type ClusterFacts, renderInit } from "../../node-config/kubeadm";
import { controlPlaneFiles } from "../../node-config/node-files";
import { commandsAfterWriting } from "../../node-config/restarts";
import { vrrpFiles } from "../../node-config/vrrp";
import { type FileSets, NodeFiles } from "../machine/node-files";
import { type ClusterNode, factsOf } from "../node/cluster-node";
import { Refusal } from "../refusal/refusal";
import { admission } from "./admission";
import { EncryptionAtRest } from "./encryption-at-rest";
import { type Initialised, startOrJoin } from "./first-control-plane";
import { hasPrograms } from "./has-programs";
import { Join } from "./join";
import { reachableAt } from "./kubeconfig";
import type { PreparedNode } from "./node-base";
import { sameCluster } from "./same-cluster";

export interface ControlPlaneArgs {
  readonly facts: ClusterFacts;
  /** Control planes. The one whose name sorts first starts the cluster, once: their order here means nothing. */
  readonly nodes: readonly PreparedNode[];
  /** Number of the key that encrypts Secrets and ConfigMaps in etcd: see `KubernetesSpec`. @default 1 */
  readonly encryptionKey?: number;
  /** Whether the engine refuses to delete the keys that encrypt etcd. @default true */
  readonly deletionProtection?: boolean;
}

/**
 * The control plane: kubeadm init on the first node, then the others one by one. Without kube-proxy and network: these
 * are components of their own.
 *
 * Secrets are encrypted in etcd, requests are audited, kubelets show certificates of the cluster's CA. A change of the
 * configuration reaches running control planes, one after the other; another Kubernetes version is refused, since that
 * is an upgrade. A control plane that is no longer named leaves etcd and the cluster, whichever it is, and one that was made
 * anew joins the others. Whichever has a cluster is never reset.
 */
export class ControlPlane extends pulumi.ComponentResource {
  /**
   * For operators: a secret, client certificate `kjerne-operator` of the group kubeadm:cluster-admins, valid for a
   * year. A change of the control plane's configuration makes another one in its last 90 days, and so does replacing
   * `<first control plane>-init`. The server is the endpoint's address, not its name, which only nodes know.
   */
  readonly kubeconfig: pulumi.Output<string>;
  /** `sha256:…` of the cluster CA's public key: what a joining node pins. */
  readonly caHash: pulumi.Output<string>;
  /**
   * What is deleted only when the cluster is: with several control planes this one, else the machine of the only one. Give
   * it as `deletedWith` to whatever is undone by way of the API.
   */
  readonly goesWithCluster: pulumi.Resource;
  /** Changes whenever the control plane's files change; known when every control plane is in the cluster. */
  readonly done: pulumi.Output<string>;
  /** What was written on each control plane, by its name, for `MachineState`. */
  readonly sets: Readonly<Record<string, FileSets>>;

  constructor(name: string, args: ControlPlaneArgs, opts?: pulumi.ComponentResourceOptions) {
    const { facts } = args;
    const [first, ...others] = startingFirst(args.nodes);
    const nodes = args.nodes.map(({ node }) => node.name);
    super("kjerne:cluster:ControlPlane", name, { ...facts, nodes, encryptionAtRest: encryptionFacts() }, opts);
    const parent = this;

    this.goesWithCluster = others.length > 0 ? this : first.node.machine;
    const ordered = [first, ...others] as const;
    const written = ordered.map(writeFiles);
    const encryption = encrypt();
    const setsAt = (at: number) => [written, encryption.files].map((files) => files[at]?.sets);
    this.sets = Object.fromEntries(ordered.map(({ node }, at) => [node.name, Object.assign({}, ...setsAt(at))]));
    const prepared = Object.fromEntries(ordered.map(({ node }, at) => [node.name, digestOf(node, at)]));
    const certificateKey = others.length > 0 ? makeCertificateKey() : undefined;
    const cluster = sameCluster(name, { initialised: startFirst(), first: first.node.name }, parent);
    this.kubeconfig = pulumi.secret(cluster.apply(({ kubeconfig }) => reachableAt(facts.endpoint, kubeconfig)));
    this.caHash = pulumi.unsecret(cluster.apply(({ caHash }) => caHash));
    const joined = joinOthers(this.caHash);
    const admitted = admitFirst(joined);
    this.done = pulumi.all([joined.done, admitted, ...Object.values(prepared)]).apply((texts) => texts.join("\n"));
    this.registerOutputs({ kubeconfig: this.kubeconfig, caHash: this.caHash });

    function writeFiles({ node, base, tried }: PreparedNode): NodeFiles {
      const { address: endpoint, by } = facts.endpoint;
      const controlPlanes = args.nodes.map(({ node: { address } }) => address);
      const files = merge(
        controlPlaneFiles(facts, renderInit(facts, factsOf(node))),
        by === "vrrp" ? vrrpFiles({ endpoint, address: node.address, controlPlanes }) : {},
        by === "bgp" ? announcedEndpointFiles(endpoint) : {},
      );
      return new NodeFiles(
        `${node.name}-control-plane`,
        {
          connection: node.connection,
          files,
          onChange: commandsAfterWriting(files),
          ...(by === "vrrp" ? { before: hasPrograms(keepalived) } : {}),
        },
        { parent, dependsOn: tried ? [base, tried] : base },
      );
    }

    function encrypt(): EncryptionAtRest {
      const { encryptionKey: key = 1, deletionProtection: protect = true } = args;
      const nodes = [first.node, ...others.map(({ node }) => node)] as const;
      return new EncryptionAtRest(name, { nodes, key, protect, prepared: written }, parent);
    }

    /** Of everything on one control plane that comes before kubeadm. */
    function digestOf({ instanceId }: ClusterNode, at: number): pulumi.Output<string> {
      const digests = [written, encryption.files].flatMap((files) =>
        files.slice(at, at + 1).map(({ digest }) => pulumi.unsecret(digest)),
      );
      return pulumi.all([...digests, instanceId]).apply((texts) => texts.join(" "));
    }

    /** It may restart the API server, and so may a change of the key on the other control planes. */
    function startFirst(): pulumi.Output<Initialised> {
      const dependsOn = (args.encryptionKey ?? 1) > 1 ? [...encryption.files] : [];
      const after = prepared[first.node.name] ?? "";
      return startOrJoin({ facts, first, others, certificateKey, after }, { parent, dependsOn });
    }

    function joinOthers(caHash: pulumi.Output<string>): Join {
      return new Join(
        `${name}-join`,
        {
          facts,
          through: first.node,
          nodes: others,
          caHash,
          after: prepared,
          goesWithCluster: parent.goesWithCluster,
          ...(certificateKey && { certificateKey }),
        },
        { parent },
      );
    }

    /** By another one, where there is one: it has to let this one go before its machine is replaced or taken out. */
    function admitFirst(joined: Join): pulumi.Output<string> {
      const { node, missing = pulumi.output("") } = first;
      const [through = node] = others.map((other) => other.node);
      const nothing = { token: "", certificates: "" };
      const { caHash, goesWithCluster } = parent;
      const after = [caHash, joined.done, missing];
      return admission(
        { through, node, role: "control-plane", ...nothing, after },
        { parent, formerParent: joined, goesWithCluster },
      ).stdout;
    }

    /** kubeadm wants 32 bytes in hexadecimal. */
    function makeCertificateKey(): pulumi.Output<string> {
      const seed = new random.RandomPassword(`${name}-certificate-key`, { length: 32 }, { parent });
      return seed.result.apply((text) => createHash("sha256").update(text).digest("hex"));
    }
  }
}

/** Sorted by name, the one that starts the cluster first. */
export function startingFirst<T extends { readonly node: { readonly name: string } }>(
  controlPlanes: readonly T[],
): readonly [T, ...T[]] {
  const [first, ...others] = [...controlPlanes].sort((a, b) => (a.node.name < b.node.name ? -1 : 1));
  if (!first) throw new Refusal("there is no control plane; give one of the nodes the role control-plane");
  return [first, ...others];
}

const keepalived = { programs: ["keepalived"], for: "by: vrrp of kubernetes.endpoint", otherwise: "set by: yours" };
