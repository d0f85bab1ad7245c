import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { halfOfLife } from "../../node-config/half-of-life";
import type { ClusterFacts } from "../../node-config/kubeadm";
import { NodeScript } from "../machine/node-script";
import type { ClusterNode } from "../node/cluster-node";
import type { OperatorSpec } from "./cluster-args";
import { reachableAt } from "./kubeconfig";

/** A certificate serves for this long; an `up` in the second half of its life makes another. */
const days = 30;

export interface OperatorArgs {
  readonly facts: ClusterFacts;
  readonly operator: OperatorSpec;
  /** A control plane, which makes the certificate. */
  readonly through: ClusterNode;
  /** Of the cluster: another CA makes another certificate. */
  readonly caHash: pulumi.Input<string>;
  /** For objects in the cluster. */
  readonly inCluster: pulumi.CustomResourceOptions;
}

/**
 * A person with a certificate and a name of their own, under which the audit log has what they do. Kubernetes can't revoke
 * a certificate, so it carries no right: what its user may do is one binding, and goes with it at once.
 */
export class Operator extends pulumi.ComponentResource {
  /** A secret; for 15 to 30 days. */
  readonly kubeconfig: pulumi.Output<string>;

  constructor(name: string, args: OperatorArgs, opts?: pulumi.ComponentResourceOptions) {
    const { facts, operator, through, caHash, inCluster } = args;
    super("kjerne:cluster:Operator", name, { ...operator }, opts);
    const user = userOf(operator);
    const { stdout } = new NodeScript(
      `${name}-certificate`,
      {
        connection: through.connection,
        script: "kubeadm/operator.sh",
        stdin: JSON.stringify({ user, hours: days * 24 }),
        after: [caHash, halfOfLife(days, new Date())],
        secret: true,
      },
      { parent: this },
    );
    new k8s.rbac.v1.ClusterRoleBinding(
      `${name}-binding`,
      bindingOf(operator),
      pulumi.mergeOptions(inCluster, { parent: this }),
    );
    this.kubeconfig = pulumi.secret(stdout.apply((text) => reachableAt(facts.endpoint, JSON.parse(text).kubeconfig)));
    this.registerOutputs({ kubeconfig: this.kubeconfig });
  }
}

/** Another number is another user: what an older certificate says no binding names any more. */
function userOf({ name, certificate = 1 }: OperatorSpec): string {
  return `kjerne:operator:${name}:${certificate}`;
}

/** The binding that gives an operator their rights. Its role can't be changed, so another role has another binding. */
export function bindingOf(operator: OperatorSpec) {
  return {
    metadata: { name: `kjerne:operator:${operator.name}:${operator.clusterRole}` },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: operator.clusterRole },
    subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: userOf(operator) }],
  };
}
