import { ownNetworks } from "../network/address-blocks";
import { parameters } from "../network/parameters";
import { type AtAdmission, listOf } from "./at-admission";

const excepted = "or name the object with the reason in kjerne:admission.exceptions";
const calico = ["crd.projectcalico.org", "projectcalico.org"];
const { widestEgress, widestPublicEgress } = parameters.parse({});

export const noEncapsulation: AtAdmission = {
  resources: [
    { groups: calico, plurals: ["ippools", "felixconfigurations"] },
    { groups: ["operator.tigera.io"], plurals: ["installations"] },
  ],
  problems: [
    `variables.states.map(o,
  ["ipipMode", "vxlanMode"].filter(f, o.?spec[?f].orValue("Never") != "Never").map(f, "spec." + f + " is " + string(o.spec[f]))
  + ["ipipEnabled", "vxlanEnabled"].filter(f, o.?spec[?f].orValue(false) != false)
      .map(f, "spec." + f + " is " + string(o.spec[f]))
  + (o.kind != "Installation" ? []
    : o.?spec.?calicoNetwork.?ipPools.orValue([]).size() == 0 ? ["spec.calicoNetwork.ipPools is not set"]
    : o.spec.calicoNetwork.ipPools.filter(p, p.?encapsulation.orValue("") != "None")
        .map(p, "encapsulation is " + p.?encapsulation.orValue("not set"))))`,
  ],
  wayOut: "Set the modes to Never, switches to false, encapsulation to None: Calico then routes pod traffic as it is.",
  notHere: "The environment of calico-node and the ConfigMap calico-config, which are in kube-system.",
};

export const bgpPassword: AtAdmission = {
  resources: [{ groups: calico, plurals: ["bgppeers"] }],
  problems: [
    `variables.states.map(o, ["name", "key"].filter(f, o.?spec.?password.?secretKeyRef[?f].orValue("") == "")
  .map(f, "spec.password.secretKeyRef." + f + " is not set"))`,
  ],
  wayOut: `Set the same password on the router and in a Secret that calico-node may read, and name it here, ${excepted}.`,
};

const everywhere = "every address";
const allows = `["Allow", "Accept"]`;
const limits = `["selector", "namespaceSelector", "serviceAccounts", "services", "domains"]`;
const prefixes = ({ ipv4, ipv6 }: { ipv4: number; ipv6: number }) => `(cidr(b).ip().family() == 4 ? ${ipv4} : ${ipv6})`;

/** How much of the widest block of the internet a block is that is so many bits narrower. */
const shares = `[${Array.from({ length: 33 }, (_, bits) => (2 ** -bits).toExponential()).join(", ")}]`;
/** Of more blocks those that others hold count twice: an API server ends an expression that compares so many. */
const comparable = 200;
const together = (family: number, widest: number) => `variables.apart.map(all, all
  .filter(b, cidr(b).ip().family() == ${family})
  .map(b, cidr(b).prefixLength() - ${widest}).map(bits, ${shares}[bits > 32 ? 32 : bits]).sum() > 1.0
    ? ["egress to more addresses of the internet together than a block of /${widest}"] : [])`;

export const egressAllowList: AtAdmission = {
  resources: [
    { groups: ["networking.k8s.io"], plurals: ["networkpolicies"] },
    { groups: calico, plurals: ["networkpolicies", "globalnetworkpolicies"] },
    { groups: ["policy.networking.k8s.io"], plurals: ["adminnetworkpolicies", "clusternetworkpolicies"] },
  ],
  variables: {
    // For each state the blocks of addresses to which it opens the way.
    blocks: `variables.states.map(o, o.?spec.?egress.orValue([]).map(r,
  o.apiVersion.startsWith("networking.k8s.io/") ?
    (r.?to.orValue([]).size() == 0 ? ["${everywhere}"]
      : r.to.filter(t, t.?ipBlock.hasValue()).map(t, string(t.ipBlock.cidr)))
  : o.apiVersion.startsWith("policy.networking.k8s.io/") ?
    (r.?action.orValue("") in ${allows} ? r.?to.orValue([]).map(t, t.?networks.orValue([]).map(n, string(n))).flatten() : [])
  : r.?action.orValue("Allow") in ["Deny", "Log"]
      || (r.?action.orValue("") == "Pass" && o.?spec.?tier.orValue("default") != "default") ? []
  : r.?destination.?nets.orValue([]).size() > 0 ? r.destination.nets.map(n, string(n))
  : ${limits}.exists(l, l in r.?destination.orValue({})) ? [] : ["${everywhere}"]
  ).flatten().map(b, isCIDR(b) ? string(cidr(b).masked()) : b).distinct())`,
    // Those that somebody announces on the internet.
    public: `variables.blocks.map(all, all.filter(b, isCIDR(b)
  && !${listOf(ownNetworks)}.exists(own, cidr(own).containsCIDR(cidr(b)))))`,
    wide: `[0, 1].filter(i, i < variables.states.size()).map(i, variables.blocks[i].filter(b, !isCIDR(b)
  || cidr(b).prefixLength() < (b in variables.public[i] ? ${prefixes(widestPublicEgress)} : ${prefixes(widestEgress)})))`,
    apart: `[0, 1].filter(i, i < variables.states.size()).map(i, variables.public[i].filter(b, !(b in variables.wide[i])
  && (variables.public[i].size() > ${comparable}
    || !variables.public[i].exists(o, o != b && cidr(o).containsCIDR(cidr(b))))))`,
  },
  problems: [
    `variables.wide.map(all, all.map(b, "egress to " + b))`,
    together(4, widestPublicEgress.ipv4),
    together(6, widestPublicEgress.ipv6),
  ],
  wayOut: `Name the addresses that are needed, of the internet blocks of /${widestPublicEgress.ipv4} (IPv6: /${widestPublicEgress.ipv6}) and smaller, ${excepted}.`,
  notHere: "What several policies allow together: the API server shows a policy one object at a time.",
};
