import { calico, container, egress, object, peer, policy, pool, service, workload } from "./objects";
import type { Described } from "./programs/resources";
import { type Wrong, wrong } from "./refusals";

/** A script that hands the cluster's version and kube-proxy's configuration to kubeadm. */
export function proxyFiles(version: string, proxy: string): string {
  return `#!/bin/sh
kubeadm init phase addon kube-proxy --config /dev/stdin <<'END'
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
kubernetesVersion: v${version}
---
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
${proxy}
END
`;
}

const env = (name: string, value: unknown) => container({ env: [{ name, value }] });
const secretKeyRef = { name: "bgp", key: "password" };

/** A program that keeps to every rule of the network pack and gives each something to judge. */
export const routed: readonly Described[] = [
  { type: "kjerne:network:CalicoBgp", name: "calico", properties: { encapsulation: "Never" } },
  pool("pool", { ipipMode: "Never", vxlanMode: "Never" }),
  object(`${calico}:FelixConfiguration`, "felix", { spec: {} }),
  object("core/v1:ConfigMap", "calico-config", { data: { calico_backend: "bird" } }, "kube-system"),
  workload("calico-node", "kube-system", { hostNetwork: true, ...env("CALICO_IPV4POOL_IPIP", "Never") }, "DaemonSet"),
  object(`${calico}:BGPFilter`, "pods-only", {
    spec: {
      importV4: [{ cidr: "10.244.0.0/16", matchOperator: "NotIn", action: "Reject" }],
      exportV4: [
        { cidr: "10.244.0.0/16", matchOperator: "In", action: "Accept" },
        { cidr: "0.0.0.0/0", matchOperator: "In", action: "Reject" },
      ],
    },
  }),
  peer("tor1", { password: { secretKeyRef } }),
  object(`${calico}:BGPConfiguration`, "default", { spec: { serviceLoadBalancerIPs: [{ cidr: "10.30.0.0/24" }] } }),
  object("core/v1:Namespace", "shop", {}),
  policy("default-deny", "shop", { podSelector: {}, policyTypes: ["Ingress", "Egress"] }),
  egress("mail", { to: [{ ipBlock: { cidr: "10.40.0.0/24" } }] }),
  workload("shop", "shop", container({ ports: [{ containerPort: 8080 }] })),
  service("shop", { ports: [{ port: 80 }] }),
  object("gateway.networking.k8s.io/v1:Gateway", "edge", { spec: { listeners: [{ port: 443 }] } }, "shop"),
  service("front", { type: "LoadBalancer", allocateLoadBalancerNodePorts: false }),
  { type: "kjerne:network:KubeProxy", name: "proxy", properties: { mode: "ipvs", strictArp: true } },
  {
    type: "command:remote:Command",
    name: "proxy-apply",
    properties: { stdin: proxyFiles("1.36.3", "mode: ipvs\nipvs: {strictARP: true}") },
  },
];

const proxy = (name: string, properties: object): Described => ({
  ...{ type: "kjerne:network:KubeProxy", name },
  properties: { ...properties },
});
const installation = (name: string, spec: object) => object("operator.tigera.io/v1:Installation", name, { spec });

/** Resources that violate rules, added to that program all at once. */
export const misrouted: readonly Wrong[] = [
  wrong("no-encapsulation", /ipipMode: is Always/, pool("ipip", { ipipMode: "Always" })),
  wrong("no-encapsulation", /vxlanMode: is CrossSubnet/, pool("vxlan", { vxlanMode: "CrossSubnet" })),
  wrong(
    "no-encapsulation",
    /spec\.vxlanEnabled: is true/,
    object("projectcalico.org/v3:FelixConfiguration", "tunnel", { spec: { vxlanEnabled: true } }),
  ),
  wrong(
    "no-encapsulation",
    /ipPools\[0\]\.encapsulation: is VXLANCrossSubnet/,
    installation("overlay", { calicoNetwork: { ipPools: [{ encapsulation: "VXLANCrossSubnet" }] } }),
  ),
  wrong("no-encapsulation", /ipPools: is not set/, installation("defaults", {})),
  wrong(
    "no-encapsulation",
    /CALICO_IPV4POOL_IPIP\): is Always/,
    workload("calico-node", "calico-system", env("CALICO_IPV4POOL_IPIP", "Always"), "DaemonSet"),
  ),
  wrong(
    "no-encapsulation",
    /data\.calico_backend: is vxlan/,
    object("core/v1:ConfigMap", "calico-config", { data: { calico_backend: "vxlan" } }, "calico-system"),
  ),
  wrong("bgp-password", /secretKeyRef: not allowed.*take over/s, peer("open", {})),
  wrong(
    "bgp-filters",
    /filters \(import\): not allowed.*any route/s,
    peer("unfiltered", { filters: [], password: { secretKeyRef } }),
  ),
  wrong(
    "bgp-filters",
    /filters \(export\): unverifiable/,
    peer("elsewhere", { filters: ["not-in-this-program"], password: { secretKeyRef } }),
  ),
  wrong("default-deny", /\(egress\): is open-space.*no policy denies/s, object("core/v1:Namespace", "open-space", {})),
  wrong("default-deny", /\(ingress\): is nowhere/, workload("lost", "nowhere", container())),
  wrong(
    "egress-allow-list",
    /cidr: is 0\.0\.0\.0\/0.*dated exception/s,
    egress("to-all", { to: [{ ipBlock: { cidr: "0.0.0.0/0", except: ["10.0.0.0/8"] } }] }),
  ),
  wrong(
    "egress-allow-list",
    /cidr: is 128\.0\.0\.0\/1/,
    egress("to-half", { to: [{ ipBlock: { cidr: "128.0.0.0/1" } }] }),
  ),
  wrong("egress-allow-list", /cidr: is ::\/0/, egress("to-all6", { to: [{ ipBlock: { cidr: "::/0" } }] })),
  wrong("egress-allow-list", /egress\[0\]\.to: is not set/, egress("to-any", { ports: [{ port: 443 }] })),
  wrong(
    "egress-allow-list",
    /destination\.nets\[0\]: is 0\.0\.0\.0\/0/,
    object("projectcalico.org/v3:GlobalNetworkPolicy", "world", {
      spec: { egress: [{ action: "Allow", destination: { nets: ["0.0.0.0/0"] } }] },
    }),
  ),
  wrong("node-network", /hostNetwork: is true/, workload("sniffer", "shop", { hostNetwork: true, ...container() })),
  wrong(
    "node-network",
    /hostPort: is 80/,
    object(
      "batch/v1:CronJob",
      "nightly",
      { spec: { jobTemplate: { spec: { template: { spec: container({ ports: [{ hostPort: 80 }] }) } } } } },
      "shop",
    ),
  ),
  wrong("exposed-services", /spec\.type: is NodePort/, service("everywhere", { type: "NodePort" })),
  wrong("exposed-services", /allocateLoadBalancerNodePorts: is not set/, service("half", { type: "LoadBalancer" })),
  wrong("exposed-services", /externalIPs\[0\]: is 10\.9\.9\.9/, service("thief", { externalIPs: ["10.9.9.9"] })),
  wrong(
    "ways-in",
    /rules\[0\]\.host: is not set, not allowed.*every name/s,
    object("networking.k8s.io/v1:Ingress", "any-name", { spec: { rules: [{ http: {} }] } }, "shop"),
  ),
  wrong(
    "second-interfaces",
    /runtimeClassName: is fabric.*no network policy holds it/s,
    workload("ranks", "shop", { runtimeClassName: "fabric", ...container() }),
  ),
  wrong("proxy-mode", /mode: is userspace/, proxy("old-proxy", { mode: "userspace" })),
  wrong(
    "strict-arp",
    /strictArp: is false.*every node would answer/s,
    proxy("loud-proxy", { mode: "ipvs", strictArp: false }),
  ),
];
