import { nameOf, namespaceOf } from "../kubernetes/objects";
import { hasPods, type Pod, podsIn } from "../kubernetes/pods";
import { at, isProperties, judged } from "../reading";
import { type Finding, type Rule, unknown, type Value } from "../rule";
import type { Network } from "./parameters";

/** By which pods ask Multus for further interfaces. */
const annotation = "k8s.v1.cni.cncf.io/networks";

/** Whoever gives a pod a second interface answers for what no policy holds there. */
export const secondInterfaces: Rule<Network> = {
  id: "NET-11",
  name: "second-interfaces",
  title: "No pod asks for a second interface, but those that a list names.",
  basis: [
    {
      kind: "technical",
      text: "NetworkPolicies select pods by their address on the pod network; what a pod sends by another interface passes unseen.",
      link: "https://kubernetes.io/docs/concepts/services-networking/network-policies/#what-you-can-t-do-with-network-policies-at-least-not-yet",
      date: "2026-11-27",
    },
  ],
  reviewBy: "2027-11-01",
  severity: "high",
  reads: ["pods: runtimeClassName", `pods: metadata.annotations[${annotation}]`],
  scope: "each",
  appliesTo: hasPods,
  check: (resources, parameters) =>
    podsIn(resources).flatMap((pod) => [judgeClass(pod, parameters), judgeAnnotation(pod, parameters)]),
};

function judgeClass({ owner, prefix, spec }: Pod, parameters: Network): Finding {
  const { fabricClasses } = parameters;
  return judged(owner.urn, `${prefix}runtimeClassName`, at(spec, "runtimeClassName"), {
    allows: (name) => !fabricClasses.includes(name as string) || isListed(owner, parameters),
    allowed: `none of ${fabricClasses.join(", ")}, or a workload of the list secondInterfaces`,
    reason: "The pod has an interface on the fabric, where no network policy holds it.",
    wayOut: wayOut("Leave runtimeClassName out"),
  });
}

function judgeAnnotation(pod: Pod, parameters: Network): Finding {
  const { owner, prefix } = pod;
  const metadata = prefix.replace(/spec\.$/, "metadata.");
  const annotations = at(owner.content, `${metadata.slice(owner.prefix.length)}annotations`);
  return judged(owner.urn, `${metadata}annotations[${annotation}]`, networksIn(annotations), {
    allows: (networks) => networks === undefined || isListed(owner, parameters),
    allowed: "none, or a workload of the list secondInterfaces",
    reason: "Multus gives the pod further interfaces, where no network policy holds it.",
    wayOut: wayOut("Leave the annotation out"),
  });
}

function networksIn(annotations: Value | undefined): Value | undefined {
  if (annotations === undefined) return undefined;
  return isProperties(annotations) ? (annotations[annotation] ?? undefined) : unknown;
}

function isListed(owner: Pod["owner"], { secondInterfaces }: Network): boolean {
  return secondInterfaces.some(
    ({ namespace, kind, name }) => namespace === namespaceOf(owner) && kind === owner.kind && name === nameOf(owner),
  );
}

const wayOut = (first: string) =>
  `${first}, or add the workload with the reason to secondInterfaces in policies/network/parameters.<stack>.json.`;
