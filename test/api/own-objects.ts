import { readFile } from "node:fs/promises";
import { apiOf, calicoFacts, peersOf } from "../../components/cluster/facts";
import { admissionOf } from "../../components/cluster/judged-objects";
import { bindingOf } from "../../components/cluster/operator";
import { wantedOf } from "../../components/cluster/wanted";
import { withDefaults } from "../../components/cluster/with-defaults";
import { podsInput } from "../../components/measure/pods";
import { bgpResources } from "../../components/network/bgp-resources";
import { editCalicoManifest } from "../../components/network/calico-manifest";
import { clusterDefaultDenyPolicy } from "../../components/security/cluster-default-deny";
import { probeInput } from "../../components/verify/probe-manifests";
import { probePlan } from "../../components/verify/probe-plan";
import { clusterArgs } from "../../stacks/cluster-args";
import { calicoFiles } from "../../tools/supply/calico-files";
import { read } from "../unit/environments";

export type OwnObject = { readonly kind: string; readonly [field: string]: unknown };
export type OwnObjects = Awaited<ReturnType<typeof ownObjects>>;

/** What a cluster makes of settings that open much, and by which arguments its API servers judge. */
export async function ownObjects() {
  const found = await read("oslo", (config) => {
    for (const peer of config.network.calico.peers) peer.authenticated = false;
    config.defaultDeny[0].allow.push({ from: "frontend", to: { cidr: "0.0.0.0/0" }, port: 443 });
  });
  const args = withDefaults(clusterArgs(found));
  const wanted = wantedOf(args);
  const calico = calicoFacts(args, "bare-metal");
  const manifest = await readFile((await calicoFiles()).manifest, "utf8");
  const operator = { name: "anna", clusterRole: "cluster-admin" };
  return {
    admission: admissionOf(args, { action: "deny", exceptions: [] }),
    ofVerification: probeInput(probePlan(wanted), wanted.probe).objects as OwnObject[],
    ofReport: podsInput(wanted, wanted.nodes, true).objects as OwnObject[],
    ofNetwork: [
      ...editCalicoManifest(manifest, calico),
      ...bgpResources(calico, { asNumber: 64512 }, peersOf(args)),
    ] as OwnObject[],
    ofDefaultDeny: [
      { apiVersion: "v1", kind: "Namespace", metadata: { name: "production" } },
      clusterDefaultDenyPolicy({ api: apiOf(args) }),
      ...wanted.policies.map((policy) => ({ apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", ...policy })),
    ] as OwnObject[],
    binding: {
      ...{ apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRoleBinding" },
      ...bindingOf(operator),
    } as OwnObject,
  };
}
