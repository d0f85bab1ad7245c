import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { encryptionFacts } from "../../node-config/encryption";
import { type ClusterFacts, type NodeFacts, renderInit } from "../../node-config/kubeadm";
import { controlPlaneFiles } from "../../node-config/node-files";
import { commandsAfterWriting } from "../../node-config/restarts";
import { NodeFiles } from "../machine/node-files";
import { NodeScript } from "../machine/node-script";
import { type ClusterNode, factsOf } from "../node/cluster-node";
import { EncryptionAtRest } from "./encryption-at-rest";
import { Join } from "./join";
import { reachableAt } from "./kubeconfig";

export interface ControlPlaneArgs {
  readonly facts: ClusterFacts;
  /** Control planes, the first of which starts the cluster. */
  readonly nodes: readonly [ClusterNode, ...ClusterNode[]];
  /** Every node that may be part of the cluster, control planes too: no other gets a kubelet serving certificate. */
  readonly declared: readonly Pick<NodeFacts, "name" | "address">[];
  /** Digests of what must be on the nodes before; another digest runs the scripts again. */
  readonly after: readonly pulumi.Input<string>[];
}

/** What `init.sh` prints on the first control plane. */
interface Initialised {
  readonly kubeconfig: string;
  readonly caHash: string;
}

/**
 * The control plane: kubeadm init on the first node, then the others one by one. Without kube-proxy and network: these
 * are components of their own.
 *
 * Secrets are encrypted in etcd, requests are audited, kubelets show certificates of the cluster's CA. A change of the
 * configuration reaches running control planes, one after the other; another Kubernetes version is refused, since that
 * is an upgrade. A control plane that is no longer named leaves etcd and the cluster; the first one has to stay.
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
  /** Changes whenever the control plane's files change; known when every control plane is in the cluster. */
  readonly done: pulumi.Output<string>;

  constructor(name: string, args: ControlPlaneArgs, opts?: pulumi.ComponentResourceOptions) {
    const { facts, declared } = args;
    const [first, ...others] = args.nodes;
    const nodes = args.nodes.map((node) => node.name);
    super("kjerne:cluster:ControlPlane", name, { ...facts, nodes, encryptionAtRest: encryptionFacts() }, opts);
    const parent = this;

    const encryption = new EncryptionAtRest(name, this);
    const prepared = args.nodes.map(prepare);
    const cluster = initialise();
    this.kubeconfig = pulumi.secret(cluster.apply(({ kubeconfig }) => reachableAt(facts.endpoint, kubeconfig)));
    this.caHash = pulumi.unsecret(cluster.apply(({ caHash }) => caHash));
    const joined = joinOthers(this.caHash).done;
    this.done = pulumi.all([joined, ...prepared]).apply((texts) => texts.join("\n"));
    this.registerOutputs({ kubeconfig: this.kubeconfig, caHash: this.caHash });

    function prepare(node: ClusterNode): pulumi.Output<string> {
      const files = controlPlaneFiles(facts, renderInit(facts, factsOf(node)), declared);
      const written = new NodeFiles(
        `${node.name}-control-plane`,
        { connection: node.connection, files, onChange: commandsAfterWriting(files) },
        { parent },
      );
      return pulumi.interpolate`${written.digest} ${encryption.writeOn(node)} ${node.instanceId}`;
    }

    function initialise(): pulumi.Output<Initialised> {
      const init = new NodeScript(
        `${first.name}-init`,
        {
          connection: first.connection,
          script: "kubeadm/init.sh",
          after: [...prepared.slice(0, 1), ...args.after],
          secret: true,
        },
        { parent },
      );
      return init.stdout.apply((text) => JSON.parse(text) as Initialised);
    }

    /** Created even without further control planes, because it also removes nodes that are no longer listed. */
    function joinOthers(caHash: pulumi.Output<string>): Join {
      const certificates = others.length > 0 ? { certificateKey: certificateKey() } : {};
      const after = [...prepared.slice(1), ...args.after];
      return new Join(
        `${name}-join`,
        { facts, through: first, nodes: others, caHash, ...certificates, after },
        { parent },
      );
    }

    /** kubeadm wants 32 bytes in hexadecimal. */
    function certificateKey(): pulumi.Output<string> {
      const seed = new random.RandomPassword(`${name}-certificate-key`, { length: 32 }, { parent });
      return seed.result.apply((text) => createHash("sha256").update(text).digest("hex"));
    }
  }
}
