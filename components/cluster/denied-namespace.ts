import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { DefaultDeny } from "../security/default-deny";
import { type DeniedNamespace, openingsOf } from "../security/openings";
import { podSecurity } from "../security/pod-security";
import { apiOf } from "./facts";
import type { CompleteClusterArgs } from "./with-defaults";

/**
 * A namespace of the settings under default deny. It outlives its policies and its line in the settings: workloads of others
 * may be in it.
 */
export function denyNamespace(
  cluster: string,
  args: CompleteClusterArgs,
  { name: namespace }: DeniedNamespace,
  inCluster: pulumi.CustomResourceOptions,
): DefaultDeny {
  const allow = openingsOf(namespace, args.defaultDeny);
  const labels = { ...podSecurity, "kjerne.io/cluster": cluster };
  const made = new k8s.core.v1.Namespace(
    `${cluster}-${namespace}`,
    { metadata: { name: namespace, labels } },
    { ...inCluster, retainOnDelete: true },
  );
  return new DefaultDeny(
    `${cluster}-${namespace}-default-deny`,
    { namespaces: [namespace], allow, api: apiOf(args) },
    { ...inCluster, dependsOn: made },
  );
}
