import { type Called, callsOf } from "../commands/calls";
import { type ConfigDocument, documentsIn, hasDocument } from "../kubernetes/documents";
import { at, itemsAt, judged } from "../reading";
import { type Finding, type Rule, unknown, type Value } from "../rule";
import { joinsAnybody, makesEndlessToken } from "./called-secrets";
import { type Setting, settings } from "./cis-settings";
import type { Hardening } from "./parameters";

const controlPlane = "kjerne:cluster:ControlPlane";
const kinds = [...new Set(settings.map(({ kind }) => kind))];

/** Settings of the CIS benchmark that kubeadm's configuration can hold. */
export const kubeadmSettings: Rule<Hardening> = {
  id: "SEC-08",
  name: "kubeadm-settings",
  title: "API server, controllers, kubelets and kube-proxy are set up as the CIS Kubernetes Benchmark says.",
  basis: [
    {
      kind: "guidance",
      text: "CIS Kubernetes Benchmark 1.12, what kubeadm can set of it.",
      link: "https://www.cisecurity.org/benchmark/kubernetes",
      date: "2026-11-20",
    },
  ],
  reviewBy: "2027-05-01",
  severity: "high",
  reads: ["ClusterConfiguration, KubeletConfiguration and KubeProxyConfiguration in commands and ConfigMaps"],
  scope: "together",
  appliesTo: (resource) => resource.type === controlPlane || hasDocument(resource, ...kinds),
  check(resources) {
    const documents = documentsIn(resources, ...kinds);
    const missing = resources.filter(
      ({ type }) =>
        type === controlPlane && !kinds.slice(0, 2).every((kind) => documents.some((found) => found.kind === kind)),
    );
    return [
      ...missing.map(({ urn }) => notSeen(urn, "ClusterConfiguration and KubeletConfiguration")),
      ...documents.flatMap((document) =>
        settings.filter(({ kind }) => kind === document.kind).map((setting) => judgeSetting(document, setting)),
      ),
    ];
  },
};

/** Limits for how long a bootstrap token lets nodes join, and has a joining node check which cluster it joins. */
export const joinCredentials: Rule<Hardening> = {
  id: "SEC-05",
  name: "join-credentials",
  title: "Tokens that let nodes in end soon, and a node that joins pins the cluster's CA.",
  basis: [
    {
      kind: "guidance",
      text: "A bootstrap token makes anyone who has it a node of the cluster; kubeadm's lives for 24 hours.",
      link: "https://kubernetes.io/docs/reference/setup-tools/kubeadm/kubeadm-token/",
      date: "2026-11-20",
    },
  ],
  reviewBy: "2027-11-01",
  severity: "high",
  reads: [
    "InitConfiguration: bootstrapTokens[].ttl",
    "JoinConfiguration: discovery.bootstrapToken.caCertHashes, unsafeSkipCAVerification",
    "commands: kubeadm join, kubeadm token create",
  ],
  scope: "each",
  appliesTo: (resource) =>
    hasDocument(resource, "InitConfiguration", "JoinConfiguration") ||
    callsOf(resource).some((call) => joinsAnybody(call) || makesEndlessToken(call)),
  check: (resources, { tokenMinutes }) => [
    ...resources.flatMap(callsOf).flatMap(judgeCall),
    ...documentsIn(resources, "InitConfiguration").flatMap((document) => judgeLifetimes(document, tokenMinutes)),
    ...documentsIn(resources, "JoinConfiguration").flatMap(judgeDiscovery),
  ],
};

function judgeCall(call: Called): Finding[] {
  const { urn, field } = call;
  const violated = (what: string, allowed: string, reason: string, wayOut: string): Finding[] => [
    { urn, field: `${field}: ${what}`, state: "violated", allowed, reason, wayOut },
  ];
  if (joinsAnybody(call))
    return violated(
      "kubeadm join",
      "--discovery-token-ca-cert-hash, or a file that pins the CA",
      "The node would join whoever answers, and hand over what it is given.",
      "Give the hash that the first control plane prints, and leave out what skips the check.",
    );
  return makesEndlessToken(call)
    ? violated(
        "kubeadm token create --ttl",
        "a token that ends",
        "0s is for ever.",
        "Give it the time that joining takes.",
      )
    : [];
}

export function notSeen(urn: string, what: string): Finding {
  const wayOut = `Carry ${what} to the machines in a command's stdin or in a file of CopyToRemote, in YAML.`;
  return { urn, field: "", state: "unverifiable", reason: `No ${what} was found in this program.`, wayOut };
}

function judgeSetting({ urn, property, content }: ConfigDocument, setting: Setting): Finding {
  const { path, argument, allows, allowed, cis } = setting;
  const value = argument === undefined ? at(content, path) : argumentOf(content, path, argument);
  const name = argument === undefined ? path : `${path}, --${argument}`;
  return judged(urn, `${property}: ${setting.kind} ${name}`, value, {
    allows,
    allowed,
    wayOut: `Set it in kubeadm's configuration${cis ? ` (CIS ${cis})` : ""}.`,
  });
}

/**
 * Value of a command-line argument: kubeadm's v1beta4 has a list of names and values, v1beta3 a map. If it is listed
 * twice, the last entry counts.
 */
export function argumentOf(cluster: Value, path: string, name: string): Value | undefined {
  const given = at(cluster, path);
  if (!Array.isArray(given)) return at(given, name);
  const found = itemsAt(cluster, path).filter(({ item }) => item === unknown || at(item, "name") === name);
  return at(found.at(-1)?.item, "value");
}

/** If the list is empty, kubeadm makes a token that is valid for 24 hours. */
function judgeLifetimes({ urn, property, content }: ConfigDocument, tokenMinutes: number): Finding[] {
  const tokens = itemsAt(content, "bootstrapTokens");
  const list = tokens.length > 0 ? tokens : [{ field: "bootstrapTokens[0]", item: {} }];
  return list.map(({ field, item }) =>
    judged(urn, `${property}: InitConfiguration ${field}.ttl`, at(item, "ttl"), {
      allows: (ttl) => typeof ttl === "string" && minutesOf(ttl) > 0 && minutesOf(ttl) <= tokenMinutes,
      allowed: `more than 0s, at most ${tokenMinutes} minutes`,
      reason: "Left out it is 24 hours; 0s is for ever.",
      wayOut: "Give it the time that joining takes, and delete the token after.",
    }),
  );
}

/** Minutes of a Go duration such as `1h30m0s`; NaN if the text is none. */
function minutesOf(duration: string): number {
  if (!/^(\d+h)?(\d+m)?(\d+s)?$/.test(duration)) return Number.NaN;
  const part = (unit: string) => Number(new RegExp(`(\\d+)${unit}`).exec(duration)?.[1] ?? 0);
  return part("h") * 60 + part("m") + part("s") / 60;
}

function judgeDiscovery({ urn, property, content }: ConfigDocument): Finding[] {
  const token = at(content, "discovery.bootstrapToken");
  if (token === undefined && at(content, "discovery.file") !== undefined) return [];
  const field = `${property}: JoinConfiguration discovery.bootstrapToken`;
  const hashes = itemsAt(token, "caCertHashes").map(({ item }) => item);
  const pinned = hashes.includes(unknown)
    ? unknown
    : hashes.some((hash) => typeof hash === "string" && /^sha256:[0-9a-f]{64}$/.test(hash));
  const wayOut = "Give the hash that the first control plane prints, and leave unsafeSkipCAVerification out.";
  const reason = "The node would join whoever answers, and hand over what it is given.";
  return [
    judged(urn, `${field}.caCertHashes`, pinned, {
      allows: (value) => value === true,
      allowed: "sha256: and 64 digits",
      reason,
      wayOut,
      confidential: true,
    }),
    judged(urn, `${field}.unsafeSkipCAVerification`, at(token, "unsafeSkipCAVerification"), {
      allows: (value) => value === undefined || value === false,
      allowed: "false",
      reason,
      wayOut,
    }),
  ];
}
