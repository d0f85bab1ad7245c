/** How a rule is said in CEL, the language in which an API server judges objects (ValidatingAdmissionPolicy). */
export interface AtAdmission {
  /** Which objects are judged: API groups, and resources in the plural. */
  readonly resources: readonly { readonly groups: readonly string[]; readonly plurals: readonly string[] }[];
  /**
   * Names of expressions, each read by those after it as `variables.<name>`. There are always `states`, the object as it
   * shall be and, if it is changed, as it was; `onPods` adds `pods`. @default - none
   */
  readonly variables?: Readonly<Record<string, string>>;
  /** Each gives, for each of `states` or `pods`, a list of texts: what is wrong there. */
  readonly problems: readonly string[];
  /** What to do about it, as a whole sentence. */
  readonly wayOut: string;
  /** What of the rule only the pack judges, and why, as a whole sentence. @default - nothing */
  readonly notHere?: string;
}

/** A text as CEL has it. */
export const quoted = (text: string): string => JSON.stringify(text);
/** A list of texts as CEL has it. */
export const listOf = (texts: Iterable<string>): string => `[${[...texts].map(quoted).join(", ")}]`;

/** Every kind that has a pod or a template of one. A custom resource is judged by the pods that its operator makes. */
export const withPods: AtAdmission["resources"] = [
  { groups: [""], plurals: ["pods", "pods/ephemeralcontainers", "podtemplates", "replicationcontrollers"] },
  { groups: ["apps"], plurals: ["daemonsets", "deployments", "replicasets", "statefulsets"] },
  { groups: ["batch"], plurals: ["jobs", "cronjobs"] },
];

/** The pod of each state, with its containers in one list, and each place that can have a security context. */
export const onPods: Readonly<Record<string, string>> = {
  templates: `variables.states.map(o,
  o.?spec.?jobTemplate.?spec.?template.or(o.?spec.?template).or(o.?template).orValue(o))`,
  pods: `variables.templates.map(t, {
  "annotations": dyn(t.?metadata.?annotations.orValue({})),
  "spec": dyn(t.spec),
  "containers": dyn(t.spec.?initContainers.orValue([]) + t.spec.?containers.orValue([])
    + t.spec.?ephemeralContainers.orValue([]))})`,
};
