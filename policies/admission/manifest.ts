import type { Rule } from "../rule";
import { type AtAdmission, quoted } from "./at-admission";

const apiVersion = "admissionregistration.k8s.io/v1";

/**
 * What repairs a cluster is never refused: the API server's own objects, what kubelets mirror, and what the controllers of
 * kube-system make out of templates that were judged themselves.
 */
const notOfTheSystem = `request.userInfo.username != "system:apiserver"
  && !request.userInfo.groups.exists(g, g in ["system:nodes", "system:serviceaccounts:kube-system"])`;

/** Problems that are new: whoever changes something else of an object that has them already may do so. */
function added(lists: number): string {
  const found = (state: number) =>
    `(${Array.from({ length: lists }, (_, list) => `variables.found${list}[${state}]`).join(" + ")})`;
  return `${found(0)}.filter(p, variables.states.size() == 1 || !(p in ${found(1)}))`;
}

/**
 * A rule as the objects of an API server: the policy, and a binding by which it only tells (Warn, Audit). What is wrong with
 * an object stands in the message as the rule and its problems.
 */
export function admissionObjects(
  { id, title }: Pick<Rule, "id" | "title">,
  { resources, variables = {}, problems, wayOut }: AtAdmission,
): object[] {
  const metadata = { name: `kjerne-${id.toLowerCase()}` };
  const expressions = {
    states: "oldObject == null ? [dyn(object)] : [dyn(object), dyn(oldObject)]",
    ...variables,
    ...Object.fromEntries(problems.map((problem, list) => [`found${list}`, problem])),
    added: added(problems.length),
  };
  return [
    {
      apiVersion,
      kind: "ValidatingAdmissionPolicy",
      metadata,
      spec: {
        failurePolicy: "Fail",
        matchConstraints: {
          resourceRules: resources.map(({ groups, plurals }) => ({
            apiGroups: groups,
            apiVersions: ["*"],
            operations: ["CREATE", "UPDATE"],
            resources: plurals,
          })),
        },
        matchConditions: [{ name: "not-of-the-system", expression: notOfTheSystem }],
        variables: Object.entries(expressions).map(([name, expression]) => ({ name, expression })),
        validations: [
          {
            expression: "variables.added.size() == 0",
            message: `${id} ${title} ${wayOut}`,
            messageExpression: `${quoted(`${id} ${title} Here: `)} + variables.added.join("; ") + ${quoted(`. ${wayOut}`)}`,
            reason: "Forbidden",
          },
        ],
      },
    },
    {
      apiVersion,
      kind: "ValidatingAdmissionPolicyBinding",
      metadata,
      spec: {
        policyName: metadata.name,
        validationActions: ["Warn", "Audit"],
        matchResources: {
          namespaceSelector: {
            // The same that Pod Security leaves out: kube-proxy, Calico and the control plane own their nodes.
            matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "NotIn", values: ["kube-system"] }],
          },
        },
      },
    },
  ];
}
