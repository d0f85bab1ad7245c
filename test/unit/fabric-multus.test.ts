import assert from "node:assert/strict";
import { test } from "node:test";
import type { Config } from "./environments";
import { partsOf } from "./whole-cluster";

/** The example's rented worker with a card on the fabric. */
const withFabric = (more: object) => (config: Config) => {
  config.network.fabric = { cidr: "10.99.0.0/16", namespaces: ["production", "staging"], ...more };
  config.nodes.find(({ name }: Config) => name === "rented1").machine.fabricInterface = "fab0";
};
/** What is made in the cluster and on its machines, in that order. */
const named = async (more: object) =>
  [...(await partsOf(withFabric(more))).keys()]
    .filter((key) => !key.startsWith("kjerne:"))
    .map((key) => key.split(" ")[1] ?? "")
    .filter((name) => ofMultus.test(name));
const ofMultus = /-multus|network-attachments$|fabric-attachments/;

test("the cluster is asked for Multus before nodes with a card and namespaces have anything of it", async () => {
  const made = await named({ multus: true });
  assert.equal(made[0], "oslo-network-attachments");
  assert.deepEqual(made.slice().sort(), [
    "oslo-fabric-attachments-production",
    "oslo-fabric-attachments-staging",
    "oslo-fabric-attachments-validatingadmissionpolicy-kjerne-fabric-multus",
    "oslo-fabric-attachments-validatingadmissionpolicybinding-kjerne-fabric-multus",
    "oslo-network-attachments",
    "rented1-multus",
  ]);
  const last = made.slice(-2).sort();
  assert.deepEqual(last, ["oslo-fabric-attachments-production", "oslo-fabric-attachments-staging"]);
});

test("nobody is asked for Multus, and nothing of it made, where the settings don't say that it is there", async () => {
  assert.deepEqual(await named({}), []);
});
