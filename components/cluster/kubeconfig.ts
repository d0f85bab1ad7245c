import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { parseDocument } from "yaml";
import type { ClusterFacts } from "../../node-config/kubeadm";

/** The same kubeconfig with the API server at its address: the name is known on nodes only, the certificate has both. */
export function reachableAt(endpoint: ClusterFacts["endpoint"], kubeconfig: string): string {
  const document = parseDocument(kubeconfig);
  document.setIn(["clusters", 0, "cluster", "server"], `https://${endpoint.address}:${endpoint.port}`);
  return document.toString({ lineWidth: 0 });
}

/**
 * Provider for what lives inside the cluster. It stays the same one when the kubeconfig changes: otherwise everything in
 * the cluster would be replaced with it.
 */
export function clusterProvider(
  name: string,
  kubeconfig: pulumi.Input<string>,
  opts?: pulumi.ResourceOptions,
): k8s.Provider {
  return new k8s.Provider(
    name,
    {
      kubeconfig,
      clusterIdentifier: name,
      // A run that was cut off after the API server took an object and before the state was written goes on.
      upsertExistingObjects: true,
      // Seconds for an answer. Its schema takes an emulated API server longer than the provider's 32 when it is busy.
      kubeClientSettings: { timeout: 300 },
    },
    opts,
  );
}
