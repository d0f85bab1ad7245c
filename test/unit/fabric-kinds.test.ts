import assert from "node:assert/strict";
import { test } from "node:test";
import { type FabricKind, fabricKinds } from "../../node-config/fabric";
import { partsOf } from "./whole-cluster";

/** Inputs of a resource of the example, whose rented worker has a card on a fabric of this kind. */
async function inputsOf(kind: FabricKind, name: string): Promise<string> {
  const parts = await partsOf((config) => {
    config.network.fabric = { cidr: "10.99.0.0/16", namespaces: ["production"], kind };
    config.nodes.find((node: { name: string }) => node.name === "rented1").machine.fabricInterface = "fab0";
  });
  const found = [...parts].find(([key]) => !key.startsWith("kjerne:") && key.endsWith(` ${name}`));
  assert.ok(found, name);
  return found[1].inputs;
}

test("a machine is asked for the kernel module of the settings' kind, where that needs one, and for its card", async () => {
  for (const kind of fabricKinds) {
    // A script's own input is the last line of what is sent.
    const { stdin } = JSON.parse(await inputsOf(kind, "rented1-preflight"));
    const { modules, fabricKind } = JSON.parse(stdin.split("\n").at(-1));
    assert.equal(fabricKind, kind);
    assert.deepEqual(
      fabricKinds.filter((one) => modules.includes(one)),
      kind === "macvlan" || kind === "ipvlan" ? [kind] : [],
    );
  }
});

test("the report says that nothing was tried on the fabric where pods have cards or functions for themselves", async () => {
  for (const kind of fabricKinds) {
    const input = await inputsOf(kind, "oslo-verification");
    const isSaid = input.includes(`for themselves (${kind})`);
    assert.equal(isSaid, kind === "host-device" || kind === "sr-iov", kind);
  }
});
