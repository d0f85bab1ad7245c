import { z } from "zod";
import { systemNamespaces } from "../../components/security/default-deny";
import { judgeProxyMode } from "../../node-config/proxy-mode";
import { requirePair, versions } from "../../node-config/versions";
import { schema } from "../schema";
import { type CrossCheck, calico, crossCheck, kubernetes } from "./cross-check";

const calicoVersion = z.object({ calico: calico.pick({ version: true }) });

/** Versions, the kube-proxy mode, and the namespaces with default deny. */
export const softwareChecks: readonly CrossCheck[] = [
  crossCheck(
    { kubernetes: kubernetes.pick({ version: true }), network: calicoVersion },
    ({ kubernetes, network: { calico } }) => {
      try {
        requirePair(kubernetes.version, calico.version);
        return [];
      } catch (error) {
        return [(error as Error).message];
      }
    },
  ),

  crossCheck(
    { kubernetes: kubernetes.pick({ version: true, proxy: true }), network: calicoVersion },
    ({ kubernetes: { version, proxy }, network: { calico } }) => {
      const { refusal } = judgeProxyMode(proxy.mode, version, versions.proxyModes, calico.version);
      return refusal ? [`kubernetes.proxy.mode: ${refusal}`] : [];
    },
  ),

  crossCheck({ defaultDeny: schema.shape.defaultDeny }, ({ defaultDeny }) =>
    defaultDeny.flatMap(({ namespace }, at) =>
      systemNamespaces.includes(namespace)
        ? [
            `defaultDeny[${at}].namespace (${namespace}): the cluster itself runs there and would be cut off; remove the entry, and name only namespaces of your own`,
          ]
        : [],
    ),
  ),
];
