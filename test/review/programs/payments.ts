import * as k8s from "@pulumi/kubernetes";
import { getStack, type Output } from "@pulumi/pulumi";

/** Adds to oslo a namespace without network policies, and a pod whose only fault is that its image is from Docker Hub. */
export function payments(kubeconfig: Output<string>): void {
  if (getStack() !== "oslo") return;
  const provider = new k8s.Provider("payments", { kubeconfig, clusterIdentifier: "oslo-payments" });
  const namespaceLabels = { "pod-security.kubernetes.io/enforce": "restricted" };
  new k8s.core.v1.Namespace("payments", { metadata: { name: "payments", labels: namespaceLabels } }, { provider });

  const labels = { app: "cache" };
  const image = `docker.io/library/redis@sha256:${"7".repeat(64)}`;
  const container = {
    name: "cache",
    image,
    resources: { limits: { memory: "64Mi" } },
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      seccompProfile: { type: "RuntimeDefault" },
    },
  };
  const spec = { automountServiceAccountToken: false, containers: [container] };
  new k8s.apps.v1.Deployment(
    "cache",
    {
      metadata: { name: "cache", namespace: "production", labels },
      spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
    },
    { provider },
  );
}
