import assert from "node:assert/strict";
import { test } from "node:test";
import { asResources, find, outcome, states, unknownValue } from "./described";
import { defaults, ruleOf } from "./network-rules";
import { calico, container, object, workload } from "./objects";
import type { Described } from "./programs/resources";

const felix = (spec: object) => object(`${calico}:FelixConfiguration`, "felix", { spec });
const encapsulations: readonly [what: string, resource: Described, state: string][] = [
  ["a FelixConfiguration without tunnels", felix({ ipipEnabled: false, vxlanEnabled: false }), "shown"],
  ["a FelixConfiguration with IP-in-IP", felix({ ipipEnabled: true }), "violated"],
  [
    "an Installation with encapsulation None",
    object("operator.tigera.io/v1:Installation", "i", {
      spec: { calicoNetwork: { ipPools: [{ encapsulation: "None" }] } },
    }),
    "shown",
  ],
  [
    "a container with FELIX_VXLANENABLED=false",
    workload("w", "kube-system", container({ env: [{ name: "FELIX_VXLANENABLED", value: "false" }] })),
    "shown",
  ],
  [
    "a container with FELIX_IPINIPENABLED=true",
    workload("w", "kube-system", container({ env: [{ name: "FELIX_IPINIPENABLED", value: "true" }] })),
    "violated",
  ],
  [
    "the ConfigMap calico-config with backend bird",
    object("core/v1:ConfigMap", "calico-config", { data: { calico_backend: "bird", typha_service_name: "none" } }),
    "shown",
  ],
  [
    "a container whose CALICO_IPV4POOL_VXLAN has no value here",
    workload("w", "kube-system", container({ env: [{ name: "CALICO_IPV4POOL_VXLAN", valueFrom: {} }] })),
    "violated",
  ],
  [
    "a CalicoBgp component with VXLAN",
    { type: "kjerne:network:CalicoBgp", name: "c", properties: { encapsulation: "VXLAN" } },
    "violated",
  ],
];
for (const [what, resource, state] of encapsulations) {
  test(`${what} ${outcome("NET-01", state)}`, () => {
    const found = states(find(ruleOf("no-encapsulation"), [resource], defaults));
    assert.ok(found.includes(state as never) && (state !== "shown" || found.length === 1), found.join());
  });
}

test("NET-01 does not judge pods and ConfigMaps that are not Calico's", () => {
  const others = [
    workload("shop", "shop", container({ env: unknownValue })),
    workload("other", "shop", container({ env: [{ name: "WHY_FELIX_VXLANENABLED", value: "true" }] })),
    workload("one", "shop", container({ env: [{ name: "FELIX_VXLANENABLED_WHY", value: "true" }] })),
    object("core/v1:ConfigMap", "shop", { data: unknownValue }, "shop"),
    object("core/v1:ConfigMap", "shop", { data: { key: unknownValue } }, "shop"),
  ];
  assert.deepEqual(asResources(others).filter(ruleOf("no-encapsulation").appliesTo), []);
});
