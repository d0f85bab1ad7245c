import { readFile } from "node:fs/promises";
import { type Document, parseAllDocuments, parseDocument } from "yaml";
import { renderKubeProxy } from "../../node-config/kubeadm";
import { type ProxyMode, versions } from "../../node-config/versions";
import type { ControlPlane } from "../../test/api/control-plane";
import { network, node } from "./objects";

/** What the product gives kube-proxy on its nodes, and where this one finds its node and the API server. */
export function proxyConfigurationFor(mode: ProxyMode, kubeconfig: string): string {
  const cluster = {
    ...{ name: "bench", kubernetesVersion: versions.default, controlPlanes: 1, pace: "bare-metal" as const },
    endpoint: { host: "localhost", address: "127.0.0.1", port: 6443 },
    ...{ podCidr: network.podCidr, serviceCidr: network.serviceCidr },
  };
  const proxy = { mode, scheduler: "rr", syncPeriodSeconds: 30, strictArp: false };
  const rendered = renderKubeProxy(cluster, { name: node.metadata.name, address: network.node }, proxy);
  const all = parseAllDocuments(rendered) as Document[];
  const config = all.find((one) => one.get("kind") === "KubeProxyConfiguration");
  if (!config) throw new Error("node-config renders no KubeProxyConfiguration");
  config.setIn(["clientConnection", "kubeconfig"], kubeconfig);
  config.set("hostnameOverride", node.metadata.name);
  return config.toString();
}

/** Loopback of this machine, seen from a guest. */
const loopbackOfHost = "10.0.2.2";

/** The kubeconfig of a control plane, for a guest on the same machine. */
export async function kubeconfigInGuest({ kubeconfig }: Pick<ControlPlane, "kubeconfig">): Promise<string> {
  const document = parseDocument(await readFile(kubeconfig, "utf8"));
  const cluster = ["clusters", 0, "cluster"];
  document.setIn([...cluster, "tls-server-name"], "127.0.0.1");
  document.setIn(
    [...cluster, "server"],
    String(document.getIn([...cluster, "server"])).replace("127.0.0.1", loopbackOfHost),
  );
  return document.toString();
}
