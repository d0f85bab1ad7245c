/** A pod without privileges on worker1, as the strictest of Kubernetes' pod security standards wants it. */
export function restrictedPod(name: string, image: string, command: string): object {
  const securityContext = {
    runAsNonRoot: true,
    runAsUser: 65534,
    allowPrivilegeEscalation: false,
    capabilities: { drop: ["ALL"] },
    seccompProfile: { type: "RuntimeDefault" },
  };
  const containers = [{ name, image, args: [command], securityContext }];
  return { apiVersion: "v1", kind: "Pod", metadata: { name }, spec: { nodeName: "worker1", containers } };
}
