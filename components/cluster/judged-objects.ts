import * as pulumi from "@pulumi/pulumi";
import { imagesOf } from "../../node-config/packages";
import { type AdmissionException, AdmissionPolicies, type AdmissionPoliciesArgs } from "../security/admission-policies";
import { defaultDenyPolicies } from "../security/default-deny";
import { openingsOf } from "../security/openings";
import { openNamespace } from "../verify/wanted";
import { apiOf } from "./facts";
import type { CompleteClusterArgs } from "./with-defaults";

/** The API server's judgement of objects, where the settings ask for it. */
export function judgeObjects(
  name: string,
  args: CompleteClusterArgs,
  opts: pulumi.ComponentResourceOptions,
): AdmissionPolicies[] {
  if (!args.admission) return [];
  for (const { rule, kind, name: object, until } of ended(args.admission.exceptions))
    pulumi.log.warn(`admission: the exception from ${rule} for ${kind} ${object} ended on ${until} and holds no more`);
  return [new AdmissionPolicies(`${name}-admission`, admissionOf(args, args.admission), opts)];
}

type Admission = NonNullable<CompleteClusterArgs["admission"]>;

const today = () => new Date().toISOString().slice(0, 10);
const ended = (exceptions: Admission["exceptions"]) => exceptions.filter(({ until }) => until < today());

export function admissionOf(args: CompleteClusterArgs, { action, exceptions }: Admission): AdmissionPoliciesArgs {
  const given = exceptions
    .filter((one) => !ended(exceptions).includes(one))
    .map(({ rule, kind, namespace, name }) => ({ rule, kind, ...(namespace ? { namespace } : {}), name }));
  return {
    action,
    exceptions: [...given, ...askedFor(args)],
    // Of the verification's own image the packs judge whether it has a digest.
    images: [...new Set([...Object.keys(imagesOf("worker", args.supply.index.images)), args.kubernetes.probeImage])],
    ...(args.otherNamespaces === "closed" ? { podSecurity: "baseline" } : {}),
    ...(args.calico.encapsulation ? { without: ["NET-01"] } : {}),
  };
}

/** What the settings themselves ask for, and the verification and kubeadm need: the policy packs judge that before it is made. */
function askedFor(args: CompleteClusterArgs): AdmissionException[] {
  const { calico, defaultDeny } = args;
  return [
    ...calico.peers
      .filter(({ password }) => password === undefined)
      .map(({ name }) => ({ rule: "NET-02", kind: "BGPPeer", name })),
    ...defaultDeny.flatMap(({ name: namespace }) => {
      const allow = openingsOf(namespace, defaultDeny);
      const { allows } = defaultDenyPolicies({ namespaces: [namespace], allow, api: apiOf(args) });
      return allows
        .filter(({ spec }) => JSON.stringify(spec).includes('"ipBlock"') && "egress" in spec)
        .map(({ metadata: { name } }) => ({ rule: "NET-05", kind: "NetworkPolicy", namespace, name }));
    }),
    { rule: "NET-05", kind: "NetworkPolicy", namespace: openNamespace, name: "allow-all" },
    // kubeadm makes both whenever they are not there: administrators, and what a node reads before it has joined.
    { rule: "SEC-10", kind: "ClusterRoleBinding", name: "kubeadm:cluster-admins" },
    {
      ...{ rule: "SEC-10", kind: "RoleBinding" },
      ...{ namespace: "kube-public", name: "kubeadm:bootstrap-signer-clusterinfo" },
    },
  ];
}
