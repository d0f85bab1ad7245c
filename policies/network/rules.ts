import type { Rule } from "../rule";
import { bgpFilters, bgpPassword } from "./bgp";
import { defaultDeny } from "./default-deny";
import { egressAllowList } from "./egress";
import { noEncapsulation } from "./encapsulation";
import { exposedServices, nodeNetwork } from "./exposure";
import { proxyMode, strictArp } from "./kube-proxy";
import type { Network } from "./parameters";
import { secondInterfaces } from "./second-interfaces";
import { waysIn } from "./ways-in";

/** Every rule of the pack. */
export const rules: readonly Rule<Network>[] = [
  noEncapsulation,
  bgpPassword,
  bgpFilters,
  defaultDeny,
  egressAllowList,
  nodeNetwork,
  exposedServices,
  proxyMode,
  strictArp,
  waysIn,
  secondInterfaces,
];
