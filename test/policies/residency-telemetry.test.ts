import assert from "node:assert/strict";
import { test } from "node:test";
import { telemetryOff } from "../../policies/residency/telemetry";
import { asResources, find } from "./described";
import type { Described } from "./programs/resources";
import { complaints, defaults } from "./residency-complaints";
import { inOslo } from "./residency-programs";

const calicoNode = (env: unknown): Described => ({
  type: "kubernetes:apps/v1:DaemonSet",
  name: "calico-node",
  properties: {
    metadata: { name: "calico-node", namespace: "kube-system" },
    spec: { template: { spec: { containers: [{ name: "calico-node", image: "registry.k8s.io/x", env }] } } },
  },
});
const withoutFelix = inOslo.filter(({ type }) => !type.endsWith(":FelixConfiguration"));
const variable = (value: unknown) => [{ name: "FELIX_USAGEREPORTINGENABLED", value }];

test("RES-15 goes by calico-node's environment, then by FelixConfiguration; without either, reporting is on", () => {
  assert.equal(complaints([...withoutFelix, calicoNode(variable("false"))]), "");
  assert.equal(complaints([...inOslo, calicoNode(undefined)]), "");
  assert.match(complaints([...withoutFelix, calicoNode(undefined)]), /env: is not set, not allowed; allowed: false/);
  assert.match(complaints([...inOslo, calicoNode(variable("true"))]), /env\[0\]: is true, not allowed/);
});

test("RES-15 repeats the value false and no other text, and does not judge other pods", () => {
  const read = (...program: Described[]) => find(telemetryOff, program, defaults).map((finding) => finding.read);
  const felix = inOslo.filter(({ type }) => type.endsWith(":FelixConfiguration"));
  assert.deepEqual([read(...felix), read(calicoNode(variable("false")))], [["false"], ["false"]]);
  assert.deepEqual(read(calicoNode(variable("geheim"))), [undefined]);
  const shop = asResources(inOslo).filter(({ name }) => name === "shop");
  assert.deepEqual(shop.map(telemetryOff.appliesTo), [false]);
});
