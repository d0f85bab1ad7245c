import { at, unreadable } from "../judge";
import type { Finding, Resource, Rule } from "../rule";
import type { Residency } from "./parameters";

export const nodeLocation: Rule<Residency> = {
  id: "RES-01",
  name: "node-location",
  title: "Every node lies in an allowed country.",
  basis: [{ kind: "law", text: "x", link: "https://x", date: "2016-04-27" }],
  reviewBy: "2027-05-01",
  severity: "critical",
  reads: ["kjerne:node:KvmNode: site.country"],
  scope: "each",
  appliesTo: ({ type }) => type === "kjerne:node:KvmNode",
  ifNone: "No node says where it is.",
  check: (resources: readonly Resource[]): Finding[] =>
    resources.map((resource) => {
      const bad = unreadable(resource, "site.country", "a country code");
      if (bad) return bad;
      const read = at(resource.properties, "site.country") as string;
      return { urn: resource.urn, field: "site.country", state: read === "NO" ? "shown" : "violated", read };
    }),
};
