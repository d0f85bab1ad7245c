import type { KubernetesObject } from "../kubernetes/object";

const apiVersion = "admissionregistration.k8s.io/v1";

/**
 * An admission policy for pods that ask for the fabric, and the binding that has API servers refuse by it.
 *
 * @param rules Of its `spec`: what it reads and what it allows.
 */
export function fabricAdmission(
  name: string,
  operations: readonly ("CREATE" | "UPDATE")[],
  rules: object,
): readonly [policy: KubernetesObject, binding: KubernetesObject] {
  const resourceRules = [{ apiGroups: [""], apiVersions: ["v1"], operations, resources: ["pods"] }];
  return [
    {
      apiVersion,
      kind: "ValidatingAdmissionPolicy",
      metadata: { name },
      spec: { failurePolicy: "Fail", matchConstraints: { resourceRules }, ...rules },
    },
    {
      apiVersion,
      kind: "ValidatingAdmissionPolicyBinding",
      metadata: { name },
      spec: { policyName: name, validationActions: ["Deny"] },
    },
  ];
}

/** Whether a pod is in one of these namespaces, as an expression of such a policy. */
export const isIn = (namespaces: readonly string[]) =>
  `request.namespace in [${namespaces.map((namespace) => `'${namespace}'`).join(", ")}]`;
