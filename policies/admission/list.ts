import type { AtAdmission } from "./at-admission";
import { imageDigest, nodeNetwork, privilegedPods } from "./pods";
import { podSecurity, wideRoles } from "./rights";
import { bgpPassword, egressAllowList, noEncapsulation } from "./routes";
import { objectSecrets } from "./secrets";
import { exposedServices, waysIn } from "./services";

const others = "It holds an object against others, and an API server shows a policy one object at a time.";
const inFiles = "It reads files and commands that go to machines, and no API server sees these.";

/** Rule of the packs `network` and `hardening` → how an API server judges by it, or why it can't. */
export const atAdmission: Readonly<Record<string, AtAdmission | string>> = {
  "NET-01": noEncapsulation,
  "NET-02": bgpPassword,
  "NET-03": `${others} What a BGPPeer's filters let through stands in each BGPFilter.`,
  "NET-04": `${others} Whether a namespace denies by default stands in its policies; for every namespace ClusterDefaultDeny does.`,
  "NET-05": egressAllowList,
  "NET-06": nodeNetwork,
  "NET-07": exposedServices,
  "NET-08":
    "It reads kube-proxy's configuration, which is text in a ConfigMap: CEL can't parse it. The verification asks kube-proxy itself.",
  "NET-09": `${others} kube-proxy's configuration is text, besides, which CEL can't parse.`,
  "NET-10": waysIn,
  "NET-11":
    "It names workloads. Fabric has a policy of its own, by which the API server takes pods with its RuntimeClass in the namespaces of network.fabric alone.",
  "SEC-01": inFiles,
  "SEC-02": inFiles,
  "SEC-03": inFiles,
  "SEC-04": inFiles,
  "SEC-05": inFiles,
  "SEC-06": inFiles,
  "SEC-07": inFiles,
  "SEC-08": inFiles,
  "SEC-09": podSecurity,
  "SEC-10": wideRoles,
  "SEC-11": privilegedPods,
  "SEC-12": imageDigest,
  "SEC-13": "It is about what a preview can't see. An API server sees every object, whoever made it of what.",
  "SEC-14": objectSecrets,
};
