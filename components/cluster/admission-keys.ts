import { z } from "zod";
import { objectKind, outsideNamespaces } from "../../node-config/values/admission";
import { distinct, line, text } from "../../node-config/values/rule";
import { values } from "../../node-config/values/shapes";
import { admissionRules } from "../security/admission-policies";

const longestDays = 180;
const until = z.iso.date("is not a day such as 2027-03-31").check(({ value, issues }) => {
  const days = (Date.parse(value) - Date.now()) / 86_400_000;
  if (days <= longestDays) return;
  const message = `is more than ${longestDays} days ahead; write an earlier day, by which the owner decides anew`;
  issues.push({ code: "custom", message, input: value });
});

const exception = z
  .strictObject({
    rule: z.enum(admissionRules as [string, ...string[]]).describe("As the message of a refusal begins."),
    kind: text(objectKind).describe("Of the object, such as DaemonSet. Pods that a workload makes go with it."),
    namespace: values.namespace.optional().describe("Left out for kinds of the whole cluster."),
    name: line,
    owner: line.describe("The role or team that is responsible for it."),
    justification: line.describe("Why it is acceptable, and what limits the harm."),
    until: until.describe(
      `Last day on which it holds, at most ${longestDays} ahead; the first up after it takes it away.`,
    ),
  })
  .check(({ value: { kind, namespace, ...value }, issues }) => {
    const message = outsideNamespaces(kind, namespace);
    if (message) issues.push({ code: "custom", path: ["namespace"], message, input: value });
  });

/** What API servers judge by, key by key: see settings-keys.ts. */
export const admission = z.strictObject({
  action: z
    .enum(["deny", "warn"])
    .describe(
      "deny: the API server refuses what breaks a rule. warn: it takes it, and tells whoever asks, and the audit log.",
    ),
  exceptions: distinct(exception, ({ rule, kind, namespace = "", name }) => `${rule} ${kind} ${namespace} ${name}`)
    .default([])
    .describe("Objects that a rule does not judge. What the settings themselves ask for needs none."),
});
