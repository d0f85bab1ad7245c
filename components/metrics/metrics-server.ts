import * as pulumi from "@pulumi/pulumi";
import { halfOfLife } from "../../node-config/half-of-life";
import { type KubernetesObject, KubernetesResource, slugOf } from "../kubernetes/object";
import { NodeScript } from "../machine/node-script";
import type { NodeMachine } from "../node/cluster-node";
import { access, apiServiceOf, certificateOf, deployment, serverName, service } from "./objects";

/** Its certificate serves for this long; an `up` in the second half of its life makes another. */
const days = 365;

export interface MetricsServerArgs {
  /** A control plane, which makes the certificate. */
  readonly through: NodeMachine;
  /** Of the cluster: another CA makes another certificate. */
  readonly caHash: pulumi.Input<string>;
  /** For objects in the cluster. */
  readonly inCluster: pulumi.CustomResourceOptions;
}

/** What `serving-certificate.sh` prints, each in base64. */
interface ServingCertificate {
  readonly certificate: string;
  readonly key: string;
  readonly authority: string;
}

/**
 * metrics-server: CPU and memory of nodes and pods, for `kubectl top` and autoscalers. It runs on a control plane, asks each
 * kubelet for a certificate of the cluster's CA, and shows one of its own to API servers. The image is in the supply.
 */
export class MetricsServer extends pulumi.ComponentResource {
  /** Changes whenever it does; known when it is Ready. */
  readonly done: pulumi.Output<string>;

  constructor(name: string, args: MetricsServerArgs, opts?: pulumi.ComponentResourceOptions) {
    const { through, caHash, inCluster } = args;
    super("kjerne:metrics:MetricsServer", name, {}, opts);
    const inside = pulumi.mergeOptions(inCluster, { parent: this });
    const register = (object: KubernetesObject, more: pulumi.CustomResourceOptions = {}) =>
      new KubernetesResource(`${name}-${slugOf(object)}`, object, pulumi.mergeOptions(inside, more));

    const made = new NodeScript(
      `${name}-certificate`,
      {
        connection: through.connection,
        script: "kubeadm/serving-certificate.sh",
        stdin: JSON.stringify({ name: serverName, days }),
        after: [caHash, halfOfLife(days, new Date())],
        secret: true,
      },
      { parent: this },
    );
    const printed = made.stdout.apply((text): ServingCertificate => JSON.parse(text));
    const data = pulumi.secret(printed.apply(({ certificate, key }) => ({ "tls.crt": certificate, "tls.key": key })));
    const needed = [...access, service, certificateOf(data)].map((object) => register(object));
    const server = register(deployment, { dependsOn: needed });
    const authority = pulumi.unsecret(printed.apply(({ authority }) => authority));
    const served = register(apiServiceOf(authority), { dependsOn: server });

    this.done = pulumi.all([server.id, served.id, authority]).apply((parts) => parts.join("\n"));
    this.registerOutputs({ done: this.done });
  }
}
