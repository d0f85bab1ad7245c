import { type ClusterObject, holds, nameOf, objectsIn } from "../kubernetes/objects";
import { at, itemsAt, judged } from "../reading";
import { type Finding, type Rule, unknown, type Value } from "../rule";
import type { Network } from "./parameters";

const peerKind = "projectcalico.org/BGPPeer";
const filterKind = "projectcalico.org/BGPFilter";

/** Both ends of a session prove that they know a password, since somebody else may take over a router's address. */
export const bgpPassword: Rule<Network> = {
  id: "NET-02",
  name: "bgp-password",
  title: "Every BGP peer is authenticated with a password from a Secret.",
  basis: [
    {
      kind: "guidance",
      text: "A BGP session without TCP authentication can be taken over by whoever is on the segment.",
      link: "https://www.rfc-editor.org/rfc/rfc7454#section-5.1",
      date: "2015-02-01",
    },
  ],
  reviewBy: "2027-11-01",
  severity: "critical",
  reads: ["projectcalico.org BGPPeer: spec.password.secretKeyRef"],
  scope: "each",
  appliesTo: (resource) => holds(resource, peerKind),
  check: (resources) =>
    objectsIn(resources, peerKind).map(({ urn, prefix, content }) => {
      const reference = at(content, "spec.password.secretKeyRef");
      const parts = [at(reference, "name"), at(reference, "key")];
      const given = parts.includes(unknown) ? unknown : parts.every((part) => typeof part === "string" && part !== "");
      return judged(urn, `${prefix}spec.password.secretKeyRef`, given, {
        allows: (value) => value === true,
        allowed: "name and key of a Secret that holds the password",
        reason: "Anyone on the segment can take over a session that has no password.",
        wayOut: "Set the same password on the router and in a Secret that calico-node may read, and name it here.",
        confidential: true,
      });
    }),
};

/** Limits the routes that a router and the nodes accept from each other. */
export const bgpFilters: Rule<Network> = {
  id: "NET-03",
  name: "bgp-filters",
  title: "A session with a router passes only the routes that were meant to pass, in both directions.",
  basis: [
    {
      kind: "guidance",
      text: "Every BGP session filters what it accepts and what it announces; Calico passes what no rule names.",
      link: "https://www.rfc-editor.org/rfc/rfc7454#section-6",
      date: "2015-02-01",
    },
  ],
  reviewBy: "2027-11-01",
  severity: "high",
  reads: [
    "projectcalico.org BGPPeer: spec.peerIP, spec.filters",
    "projectcalico.org BGPFilter: spec.importV4, spec.exportV4",
  ],
  scope: "together",
  appliesTo: (resource) => holds(resource, peerKind, filterKind),
  check: (resources) => {
    const filters = objectsIn(resources, filterKind);
    return objectsIn(resources, peerKind)
      .filter(isRouter)
      .flatMap((peer) => judgeFilters(peer, filters));
  },
};

/** A peer with an address is a router; one that is chosen by a selector is another node of the cluster. */
function isRouter({ content }: ClusterObject): boolean {
  return at(content, "spec.peerIP") !== undefined;
}

function judgeFilters(peer: ClusterObject, filters: readonly ClusterObject[]): Finding[] {
  const { urn, prefix, content } = peer;
  const family = isIPv6(at(content, "spec.peerIP")) ? "V6" : "V4";
  const names = itemsAt(content, "spec.filters").map(({ item }) => item);
  const named = filters.filter((filter) => names.includes(nameOf(filter) as Value));
  const notHere = names.includes(unknown) || names.some((name) => !filters.some((filter) => nameOf(filter) === name));
  return (["import", "export"] as const).map((direction) => {
    const field = `spec.${direction}${family}`;
    const rules = named.flatMap((filter) => itemsAt(filter.content, field).map(({ item }) => item));
    const closed = rules.some(rejectsOthers) ? true : notHere || rules.includes(unknown) ? unknown : false;
    return judged(urn, `${prefix}spec.filters (${direction})`, closed, {
      allows: (value) => value === true,
      allowed: `a BGPFilter of this program whose ${direction}${family} rejects what it doesn't name`,
      reason:
        direction === "import"
          ? "The router can tell nodes any route, and so draw their traffic to itself."
          : "The nodes can announce any route, and so draw traffic of others to themselves.",
      wayOut: `Name a BGPFilter in spec.filters; let its ${direction}${family} reject what is not in the pod network: {cidr, matchOperator: NotIn, action: Reject}.`,
      confidential: true,
    });
  });
}

/** Whether a filter's rule rejects every route that the rules beside it don't name. */
function rejectsOthers(rule: Value): boolean {
  const [action, cidr, operator] = ["action", "cidr", "matchOperator"].map((name) => at(rule, name));
  const narrowed = ["source", "interface", "prefixLength"].some((name) => at(rule, name) !== undefined);
  if (action !== "Reject" || narrowed) return false;
  if (cidr === undefined) return true;
  const everything = cidr === "0.0.0.0/0" || cidr === "::/0";
  return everything ? operator === "In" : operator === "NotIn";
}

/** Calico allows a port after a peer's address: `10.0.0.1:179`, `[2001:db8::1]:179`. */
const isIPv6 = (address: Value | undefined) => typeof address === "string" && address.split(":").length > 2;
