import { holds, objectsIn } from "../kubernetes/objects";
import { containersOf, hasPods, podsIn } from "../kubernetes/pods";
import { at, entriesAt, itemsAt } from "../reading";
import { type Finding, type Resource, type Rule, unknown, type Value } from "../rule";
import { isCredentialName, judgeText, judgeVariable } from "./credentials";
import type { Hardening } from "./parameters";

const configMap = "/ConfigMap";
const wayOut = "Put it into a Secret, and have the pod read it from there: valueFrom.secretKeyRef, or a volume.";

/** A Secret is encrypted in etcd and has rights of its own; whoever may look at a pod or a ConfigMap reads what is in it. */
export const objectSecrets: Rule<Hardening> = {
  id: "SEC-14",
  name: "object-secrets",
  title: "No secret stands in a pod's environment or arguments, or in a ConfigMap.",
  basis: [
    {
      kind: "guidance",
      text: "Kubernetes: Secrets are for confidential data, ConfigMaps and the fields of a pod are not.",
      link: "https://kubernetes.io/docs/concepts/configuration/configmap/",
      date: "2026-11-26",
    },
  ],
  reviewBy: "2027-11-01",
  severity: "high",
  reads: ["containers: env[].value, command, args", "ConfigMap: data, binaryData"],
  scope: "each",
  appliesTo: (resource) => hasPods(resource) || holds(resource, configMap),
  check: (resources) => [...resources.flatMap(inPods), ...resources.flatMap(inConfigMaps)],
};

function inPods(resource: Resource): Finding[] {
  return podsIn([resource]).flatMap((pod) =>
    containersOf(pod).flatMap(({ field, container }) => [
      ...itemsAt(container, "env").flatMap(({ field: one, item }) => {
        const name = at(item, "name");
        const value = at(item, "value");
        if (value === undefined || value === unknown) return [];
        const where = `${field}.${one}.value`;
        const named = typeof name === "string" && isCredentialName(name) && !isReference(value);
        return [
          named ? judgeVariable(pod.owner.urn, where, value, wayOut) : judgeText(pod.owner.urn, where, value, wayOut),
        ];
      }),
      ...["command", "args"].flatMap((list) =>
        itemsAt(container, list)
          .filter(({ item }) => item !== unknown)
          .map(({ field: one, item }) => judgeText(pod.owner.urn, `${field}.${one}`, item, wayOut)),
      ),
    ]),
  );
}

/** `$(NAME)` is another variable of the pod; `true` and a path are settings about a secret, not the secret. */
export const reference = /^(\$\(\w+\)|true|false|\d{1,5}|\/[\w./-]+)$/;
const isReference = (value: Value) => typeof value === "string" && reference.test(value);

function inConfigMaps(resource: Resource): Finding[] {
  return objectsIn([resource], configMap).flatMap(({ urn, prefix, content }) => [
    ...entriesAt(content, "data")
      .filter(({ value }) => value !== unknown)
      .map(({ field, value }) => judgeText(urn, prefix + field, value, wayOut)),
    ...entriesAt(content, "binaryData")
      .filter(({ value }) => typeof value === "string")
      .map(({ field, value }) =>
        judgeText(urn, prefix + field, Buffer.from(String(value), "base64").toString("latin1"), wayOut),
      ),
  ]);
}
