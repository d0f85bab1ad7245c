import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { parseAllDocuments } from "yaml";
import { type KubernetesObject, KubernetesResource, slugOf } from "../kubernetes/object";

/** One object that a rule does not judge. */
export interface AdmissionException {
  /** Id of a rule that API servers judge by, such as `NET-06`. */
  readonly rule: string;
  /** Kind of the object, such as `DaemonSet`. Pods that a workload makes go with it. */
  readonly kind: string;
  /** @default - none: the kind is one of the whole cluster */
  readonly namespace?: string;
  readonly name: string;
}

export interface AdmissionPoliciesArgs {
  /** `deny`: the API server refuses. `warn`: it takes the object, and tells whoever asks, and its audit log. */
  readonly action: "deny" | "warn";
  /** @default - none */
  readonly exceptions?: readonly AdmissionException[];
  /** Images, by name and tag, that every node has beforehand under a digest that was reviewed. @default - none */
  readonly images?: readonly string[];
  /** Level of Pod Security in a namespace that has no label of its own. @default - none: each needs a label */
  readonly podSecurity?: "baseline" | "restricted";
  /** Rules that are left out, since the cluster itself is made otherwise. @default - none */
  readonly without?: readonly string[];
}

/**
 * The rules of the policy packs that speak of objects, judged by the API server itself: kubectl, Helm and operators meet
 * them too. What was there before stays, and may be changed in what breaks no rule. kube-system is left out.
 *
 * Give the cluster as `provider`. Where these go, nothing else does.
 */
export class AdmissionPolicies extends pulumi.ComponentResource {
  constructor(name: string, args: AdmissionPoliciesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kjerne:security:AdmissionPolicies", name, { ...args }, opts);
    for (const { policy, binding } of admissionPolicies(args)) {
      const register = (object: KubernetesObject, dependsOn: pulumi.CustomResourceOptions["dependsOn"]) =>
        new KubernetesResource(`${name}-${slugOf(object)}`, object, { parent: this, dependsOn });
      register(binding, register(policy, opts?.dependsOn));
    }
    this.registerOutputs({});
  }
}

const folder = join(__dirname, "../../node-config/admission");

/** Rules that API servers judge by. */
export const admissionRules: readonly string[] = readdirSync(folder)
  .map((file) => file.replace(/\.yaml$/, "").toUpperCase())
  .sort();

/** The objects alone, to apply them by other means. */
export function admissionPolicies(
  args: AdmissionPoliciesArgs,
): { policy: KubernetesObject; binding: KubernetesObject }[] {
  const { action, without = [] } = args;
  return admissionRules
    .filter((rule) => !without.includes(rule))
    .map((rule) => {
      const text = readFileSync(join(folder, `${rule.toLowerCase()}.yaml`), "utf8");
      const [policy, binding] = parseAllDocuments(text).map((document) => document.toJS()) as [Policy, Binding];
      const validationActions = action === "deny" ? ["Deny"] : binding.spec.validationActions;
      return {
        policy: { ...policy, spec: filledIn(policy.spec, rule, args) },
        binding: { ...binding, spec: { ...binding.spec, validationActions } },
      };
    });
}

interface Expression {
  readonly name: string;
  readonly expression: string;
}
interface PolicySpec {
  readonly matchConditions: readonly Expression[];
  readonly variables: readonly Expression[];
}
type Policy = KubernetesObject & { readonly spec: PolicySpec };
type Binding = KubernetesObject & { readonly spec: { readonly validationActions: readonly string[] } };

function filledIn(spec: PolicySpec, rule: string, args: AdmissionPoliciesArgs): PolicySpec {
  const { exceptions = [], images = [], podSecurity } = args;
  const known: Readonly<Record<string, string>> = {
    ...(images.length > 0 ? { onEveryNode: JSON.stringify(images.flatMap(spellings).sort()) } : {}),
    ...(podSecurity ? { clusterLevel: JSON.stringify(podSecurity) } : {}),
  };
  const excepted = exceptions
    .filter((one) => one.rule === rule)
    .map(({ kind, namespace = "", name }) => `${kind}/${namespace}/${name}`)
    .sort();
  return {
    ...spec,
    matchConditions: [
      ...spec.matchConditions,
      ...(rule === "SEC-10" ? [notAnOperators] : []),
      ...(excepted.length > 0 ? [notExcepted(excepted)] : []),
    ],
    variables: spec.variables.map(({ name, expression }) => ({ name, expression: known[name] ?? expression })),
  };
}

/** Whoever `Operator` makes a certificate for stands in the settings, with the role: the packs judge it there. */
const notAnOperators: Expression = {
  name: "not-an-operators",
  expression: `!(object.kind == "ClusterRoleBinding" && object.metadata.name.startsWith("kjerne:operator:")
  && object.?subjects.orValue([]).all(s, s.kind == "User" && s.name.startsWith("kjerne:operator:")))`,
};

const notExcepted = (excepted: readonly string[]): Expression => ({
  name: "not-excepted",
  expression: `!(object.kind + "/" + object.metadata.?namespace.orValue("") + "/" + object.metadata.name in ${JSON.stringify(excepted)})`,
});

/** As containerd reads names: `docker.io/library/nginx:1` is what `nginx:1` means. */
function spellings(image: string): string[] {
  const short = image.replace(/^docker\.io\/(library\/)?/, "");
  return short === image ? [image] : [image, short];
}
