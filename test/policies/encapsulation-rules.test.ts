import assert from "node:assert/strict";
import { test } from "node:test";
import { asResources, find, states } from "./described";
import { defaults, ruleOf } from "./network-rules";
import { calico, container, object, workload } from "./objects";
import { unknownValue } from "./packs";
import type { Described } from "./programs/resources";

const felix = (spec: object) => object(`${calico}:FelixConfiguration`, "felix", { spec });
const encapsulations: readonly [what: string, resource: Described, state: string][] = [
  ["Felix, switched off", felix({ ipipEnabled: false, vxlanEnabled: false }), "shown"],
  ["Felix, IP-in-IP", felix({ ipipEnabled: true }), "violated"],
  [
    "the operator, None",
    object("operator.tigera.io/v1:Installation", "i", {
      spec: { calicoNetwork: { ipPools: [{ encapsulation: "None" }] } },
    }),
    "shown",
  ],
  [
    "Felix's variable off",
    workload("w", "kube-system", container({ env: [{ name: "FELIX_VXLANENABLED", value: "false" }] })),
    "shown",
  ],
  [
    "Felix's variable on",
    workload("w", "kube-system", container({ env: [{ name: "FELIX_IPINIPENABLED", value: "true" }] })),
    "violated",
  ],
  [
    "Calico's map, with other settings beside",
    object("core/v1:ConfigMap", "calico-config", { data: { calico_backend: "bird", typha_service_name: "none" } }),
    "shown",
  ],
  [
    "a variable from elsewhere",
    workload("w", "kube-system", container({ env: [{ name: "CALICO_IPV4POOL_VXLAN", valueFrom: {} }] })),
    "violated",
  ],
  [
    "another component",
    { type: "kjerne:network:CalicoBgp", name: "c", properties: { encapsulation: "VXLAN" } },
    "violated",
  ],
];
for (const [what, resource, state] of encapsulations) {
  test(`encapsulation by ${what}: ${state}`, () => {
    const found = states(find(ruleOf("no-encapsulation"), [resource], defaults));
    assert.ok(found.includes(state as never) && (state !== "shown" || found.length === 1), found.join());
  });
}

test("pods and maps that have nothing to do with Calico are nobody's business", () => {
  const others = [
    workload("shop", "shop", container({ env: unknownValue })),
    workload("other", "shop", container({ env: [{ name: "WHY_FELIX_VXLANENABLED", value: "true" }] })),
    workload("one", "shop", container({ env: [{ name: "FELIX_VXLANENABLED_WHY", value: "true" }] })),
    object("core/v1:ConfigMap", "shop", { data: unknownValue }, "shop"),
    object("core/v1:ConfigMap", "shop", { data: { key: unknownValue } }, "shop"),
  ];
  assert.deepEqual(asResources(others).filter(ruleOf("no-encapsulation").appliesTo), []);
});
