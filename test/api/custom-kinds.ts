/** Kinds that operators bring, as far as an API server needs to know them: with whatever fields somebody writes. */

const kind = (group: string, version: string, name: string, plural: string, scope: "Namespaced" | "Cluster") => ({
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: {
    name: `${plural}.${group}`,
    // Without it an API server reserves groups of Kubernetes' own.
    annotations: { "api-approved.kubernetes.io": "unapproved, for a test" },
  },
  spec: {
    ...{ group, scope, names: { kind: name, plural, singular: name.toLowerCase(), listKind: `${name}List` } },
    versions: [
      {
        ...{ name: version, served: true, storage: true },
        schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
      },
    ],
  },
});

export const customKinds: readonly object[] = [
  kind("gateway.networking.k8s.io", "v1", "Gateway", "gateways", "Namespaced"),
  kind("gateway.networking.k8s.io", "v1", "HTTPRoute", "httproutes", "Namespaced"),
  kind("policy.networking.k8s.io", "v1alpha1", "AdminNetworkPolicy", "adminnetworkpolicies", "Cluster"),
  kind("policy.networking.k8s.io", "v1alpha1", "ClusterNetworkPolicy", "clusternetworkpolicies", "Cluster"),
  kind("operator.tigera.io", "v1", "Installation", "installations", "Cluster"),
  kind("acme.example", "v1", "Farm", "farms", "Namespaced"),
];
