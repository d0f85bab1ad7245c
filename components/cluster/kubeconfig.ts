import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { parseDocument } from "yaml";
import { goYaml } from "../../node-config/go-yaml";
import type { ClusterFacts } from "../../node-config/kubeadm";

/**
 * The same kubeconfig with the endpoint's address as its server: only nodes resolve the name, and the certificate has
 * both.
 */
export function reachableAt(endpoint: ClusterFacts["endpoint"], kubeconfig: string): string {
  const document = parseDocument(kubeconfig, goYaml);
  document.setIn(["clusters", 0, "cluster", "server"], `https://${endpoint.address}:${endpoint.port}`);
  return document.toString({ lineWidth: 0 });
}

/**
 * Provider for objects inside the cluster. `clusterIdentifier` keeps it the same when the kubeconfig changes; otherwise
 * Pulumi would replace every object in the cluster together with it.
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
      // Lets a run continue that was interrupted after the API server created an object and before Pulumi wrote its
      // state.
      upsertExistingObjects: true,
      // Seconds. A busy emulated API server needs more than the provider's 32 for its OpenAPI schema.
      kubeClientSettings: { timeout: 300 },
    },
    opts,
  );
}
