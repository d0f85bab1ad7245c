import { type ConfigDocument, documentsIn, hasDocument } from "../kubernetes/documents";
import { at, itemsAt, judged } from "../reading";
import { type Finding, type Rule, unknown, type Value } from "../rule";
import { argumentOf, notSeen } from "./kubeadm";
import type { Hardening } from "./parameters";

const cluster = "ClusterConfiguration";

/** An audit log shows who did what, and must not become a second place where Secrets can be read. */
export const auditLog: Rule<Hardening> = {
  id: "SEC-07",
  name: "audit-log",
  title: "The API server writes an audit log, keeps it, and never writes the bodies of Secrets into it.",
  basis: [
    {
      kind: "guidance",
      text: "CIS Kubernetes Benchmark 1.2.16 to 1.2.19 and 3.2.1.",
      link: "https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/",
      date: "2026-11-20",
    },
  ],
  reviewBy: "2027-05-01",
  severity: "high",
  reads: [`${cluster}: apiServer.extraArgs --audit-…`, "audit.k8s.io Policy: rules"],
  scope: "together",
  appliesTo: (resource) => resource.type === "kjerne:cluster:ControlPlane" || hasDocument(resource, cluster, "Policy"),
  check(resources, parameters) {
    const clusters = documentsIn(resources, cluster);
    const policies = documentsIn(resources, "Policy");
    const [first] = resources;
    return [
      ...clusters.flatMap((document) => judgeLog(document, parameters)),
      ...policies.map(judgePolicy),
      ...(policies.length === 0 && first ? [notSeen(first.urn, "audit Policy")] : []),
      ...(clusters.length === 0 && first ? [notSeen(first.urn, cluster)] : []),
    ];
  },
};

function judgeLog({ urn, property, content }: ConfigDocument, { auditLog }: Hardening): Finding[] {
  const path = (value: Value | undefined) => typeof value === "string" && value !== "" && value !== "-";
  const least = (number: number) => (value: Value | undefined) =>
    /^\d+$/.test(String(value)) && Number(value) >= number;
  const demands: [string, (value: Value | undefined) => boolean, string][] = [
    ["audit-policy-file", path, "the path of an audit policy"],
    ["audit-log-path", path, "the path of a file"],
    ["audit-log-maxage", least(auditLog.days), `${auditLog.days} days or more`],
    ["audit-log-maxbackup", least(auditLog.files), `${auditLog.files} files or more`],
    ["audit-log-maxsize", least(auditLog.megabytes), `${auditLog.megabytes} MB or more`],
  ];
  return demands.map(([argument, allows, allowed]) =>
    judged(
      urn,
      `${property}: ${cluster} apiServer.extraArgs, --${argument}`,
      argumentOf(content, "apiServer.extraArgs", argument),
      { allows, allowed, wayOut: `Set ${argument} in apiServer.extraArgs.` },
    ),
  );
}

/** The API server goes by the first rule that matches a request. A rule that names no resources matches all of them. */
function judgePolicy({ urn, property, content }: ConfigDocument): Finding {
  const rules = itemsAt(content, "rules").map(({ item }) => item);
  const about = rules.filter((rule) => rule === unknown || matchesSecrets(rule));
  const decided = about.findIndex((rule) => rule !== unknown && matchesAll(rule));
  const deciding = decided < 0 ? about : about.slice(0, decided + 1);
  const levels = deciding.map((rule) => at(rule, "level"));
  const value = levels.includes(unknown) ? unknown : levels.every((level) => level === "None" || level === "Metadata");
  return judged(urn, `${property}: audit Policy rules (secrets)`, value, {
    allows: (stays) => stays === true,
    allowed: "level Metadata or None for Secrets, before any rule with bodies",
    reason: "The audit log would hold what the Secrets hold.",
    wayOut: 'Put {level: Metadata, resources: [{group: "", resources: [secrets]}]} before the rules with bodies.',
    confidential: true,
  });
}

function matchesSecrets(rule: Value): boolean {
  if (itemsAt(rule, "nonResourceURLs").length > 0) return false;
  const groups = itemsAt(rule, "resources").map(({ item }) => item);
  return groups.length === 0 || groups.some((group) => group === unknown || namesSecrets(group));
}

function namesSecrets(group: Value): boolean {
  const resources = itemsAt(group, "resources").map(({ item }) => item);
  return (
    (at(group, "group") ?? "") === "" &&
    (resources.length === 0 || resources.some((name) => name === "secrets" || name === "*"))
  );
}

/** Whether the rule matches all users, verbs and namespaces, so no request about Secrets gets to the rules after it. */
function matchesAll(rule: Value): boolean {
  return ["users", "userGroups", "verbs", "namespaces"].every((field) => itemsAt(rule, field).length === 0);
}
