import { anyNode, isNode, makeNodes } from "../nodes";
import { at, declared, judged } from "../reading";
import type { Finding, Resource, Rule } from "../rule";
import { archives, dataCentres, inNorway, nationalControl, security, transfers } from "./basis";
import type { Residency } from "./parameters";
import { judgeCountry, whyUnreadable } from "./places";
import { onPlaces } from "./recorded-transfers";

const noNodes = `No resource says where the machines are. ${makeNodes}`;

export const nodeLocation = onPlaces({
  id: "RES-01",
  name: "node-location",
  title: "Nodes, and with them their disks and images, lie in an allowed country.",
  basis: [transfers, inNorway, nationalControl],
  reviewBy: "2027-05-20",
  severity: "critical",
  reads: [`${anyNode}: site.country`],
  appliesTo: isNode,
  ifNone: noNodes,
  judge: (node, places) => [
    judgeCountry(node, "site.country", places, "Move the node, or set site.country to where it really is."),
  ],
});

/** Levels of classification in the Norwegian security act, and their usual translations. */
const classified =
  /^(eu |nato )?(begrenset|konfidensielt|(strengt )?hemmelig|((cosmic )?top )?secret|restricted|confidential)$/i;

export const dataClass: Rule<Residency> = {
  id: "RES-07",
  name: "data-class",
  title: "Classified information stays out, and public archives stay in Norway.",
  basis: [security, archives],
  reviewBy: "2027-05-20",
  severity: "high",
  reads: [`${anyNode}: site.dataClass`],
  scope: "each",
  appliesTo: isNode,
  ifNone: noNodes,
  check: (nodes, parameters) => nodes.map((node) => judgeDataClass(node, parameters)),
};

function judgeDataClass({ urn, properties }: Resource, { dataClasses }: Residency): Finding {
  const field = "site.dataClass";
  const value = at(properties, field);
  const abroad = value === "public-archive" && at(properties, "site.country") !== "NO";
  const isLevel = typeof value === "string" && classified.test(value.trim());
  return declared(
    judged(urn, field, value, {
      allows: (found) => dataClasses.includes(found as string) && !isLevel && !abroad,
      allowed: `${dataClasses.join(", ")}; public-archive in Norway only`,
      wayOut: isLevel
        ? "Take such data elsewhere, or have the approval named in an exception."
        : "Choose one of these; or name the operator's own class with dataClasses in policies/residency/parameters.<stack>.json.",
      confidential: !(isLevel || abroad),
    }),
  );
}

export const dataCentreRegistration: Rule<Residency> = {
  id: "RES-06",
  name: "data-centre-registration",
  title: "A data centre in Norway is registered with Nkom, and the registration is recorded.",
  basis: [dataCentres, nationalControl],
  reviewBy: "2027-05-20",
  severity: "medium",
  reads: [`${anyNode}: site.nkomRegistration, site.country`],
  scope: "each",
  appliesTo: isNode,
  ifNone: noNodes,
  check: (nodes) => nodes.map(judgeRegistration),
};

function judgeRegistration({ urn, properties }: Resource): Finding {
  const field = "site.nkomRegistration";
  const value = at(properties, field);
  // Nkom registers data centres in Norway only; RES-01 reports a country that can't be read.
  if (at(properties, "site.country") !== "NO") return { urn, field, state: "declared" };
  // Numbers and cases have a digit; `tbd`, `none` and `N/A` have none.
  if (typeof value === "string" && /^(own-premises|(?=.*\d)[\w./-]{3,40})$/.test(value))
    return { urn, field, state: "declared", read: value };
  const allowed = "the number or case of the registration, or own-premises for a room that is no data centre";
  const wayOut = "Ask who runs the data centre, and record what they say.";
  return { urn, field, state: "unverifiable", allowed, reason: whyUnreadable(value, "a registration"), wayOut };
}
