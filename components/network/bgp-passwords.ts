import * as pulumi from "@pulumi/pulumi";
import { bgpPassword } from "../../node-config/values/certificates";
import type { KubernetesObject } from "../kubernetes/object";
import { Refusal } from "../refusal/refusal";

interface Router {
  readonly name: string;
}

const namespace = "kube-system";

/** RBAC by which calico-node reads these Secrets and no other. */
export function passwords(
  secrets: readonly { readonly name: string; readonly password: pulumi.Output<string | undefined> }[],
): KubernetesObject[] {
  const name = "kjerne-bgp-passwords";
  const rbac = "rbac.authorization.k8s.io";
  return [
    ...secrets.map(({ name, password }) => ({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name, namespace },
      stringData: { password: pulumi.secret(password) },
    })),
    {
      apiVersion: `${rbac}/v1`,
      kind: "Role",
      metadata: { name, namespace },
      rules: [
        {
          apiGroups: [""],
          resources: ["secrets"],
          resourceNames: secrets.map(({ name }) => name),
          verbs: ["get", "list", "watch"],
        },
      ],
    },
    {
      apiVersion: `${rbac}/v1`,
      kind: "RoleBinding",
      metadata: { name, namespace },
      roleRef: { apiGroup: rbac, kind: "Role", name },
      subjects: [{ kind: "ServiceAccount", name: "calico-node", namespace }],
    },
  ];
}

/** Throws for a password that BIRD or TCP-MD5 can't take, without repeating it. */
export const usable =
  ({ name }: Router) =>
  (password: string | undefined) => {
    const problem = password === undefined ? undefined : bgpPassword(password);
    if (problem)
      throw new Refusal(`the password of router ${name} ${problem}; choose another one, and set it on the router too`);
    return password;
  };

export function secretName(router: Router): string {
  return `kjerne-bgp-${router.name}`;
}
