import type { Export } from "../../review/evidence/stack-state";
import { secretOf } from "../../tools/engine-values";

/** Text in a stack's secrets, which a test looks for where it must not be. */
export const canary = "canary-in-a-secret";

const company = (name: string) => ({ name, country: "NO", parentCountry: "NO" });
const site = {
  name: "oslo-1",
  country: "NO",
  city: "Oslo",
  operator: company("Drift AS"),
  supportCountries: ["NO"],
  dataClass: "personal",
};
const secret = (value: unknown) => secretOf({ plaintext: JSON.stringify(value) });

/** A small stack as printed by `pulumi stack export --show-secrets`: a node, a backup, a router with a password. */
export function exported(
  stack: string,
  change: { country?: string; password?: string; extra?: object[] } = {},
): Export {
  const { country = "NO", password = canary, extra = [] } = change;
  const resource = (type: string, name: string, inputs: object) => ({
    urn: `urn:pulumi:${stack}::kjerne::${type}::${name}`,
    type,
    inputs,
  });
  const resources = [
    resource("pulumi:pulumi:Stack", `kjerne-${stack}`, {}),
    resource("kjerne:node:KvmNode", "cp1", { site: { ...site, country }, address: "10.20.0.31" }),
    resource("kjerne:residency:Backup", "etcd", {
      holds: "etcd",
      store: "s3://etcd?endpoint=backup.eksempel.no",
      country: "NO",
      city: "Trondheim",
      operator: company("Lager AS"),
      key: { custodian: "Eksempel AS", country: "NO" },
      encryptedBeforeTransfer: true,
    }),
    resource("kjerne:residency:Attestation", "operator", {
      statement: "The company and its owners are registered in Norway.",
      by: "Head of security",
      until: new Date(Date.now() + 90 * 86_400_000).toISOString().slice(0, 10),
    }),
    resource("kubernetes:core/v1:Secret", "bgp", {
      metadata: { name: "bgp" },
      stringData: { password: secret(password) },
    }),
    resource("kubernetes:crd.projectcalico.org/v1:BGPPeer", "tor1", {
      metadata: { name: "tor1" },
      spec: { peerIP: "10.20.0.3", password: { secretKeyRef: { name: "bgp", key: "password" } } },
    }),
    ...extra,
  ];
  return { deployment: { resources: resources as Export["deployment"]["resources"] } };
}
