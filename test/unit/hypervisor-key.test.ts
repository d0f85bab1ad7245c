import assert from "node:assert/strict";
import { test } from "node:test";
import { operatorKey, otherKey } from "./key-samples";
import { changes } from "./setting-changes";
import { partsOf } from "./whole-cluster";

/** Whether a resource is told this private key, as JSON writes it. */
const told = (inputs: string, { privateKey }: { privateKey: string }) =>
  inputs.includes(JSON.stringify(privateKey.trim()).slice(1, -1));

test("a hypervisor's key goes to hypervisors alone, and the nodes' key to nodes alone", async () => {
  const parts = await partsOf((config) => changes["ssh.hypervisorKeyFile"]?.(config));
  const commands = [...parts.values()].filter(({ type }) => type.startsWith("kjerne-drift:index:Node"));
  const hosts = (key: { privateKey: string }) =>
    new Set(
      commands.filter(({ inputs }) => told(inputs, key)).map(({ inputs }) => /"host":"([^"]+)"/.exec(inputs)?.[1]),
    );
  const [ofHypervisors, ofNodes] = [hosts(otherKey), hosts(operatorKey)];
  assert.deepEqual([...ofHypervisors].sort(), ["10.20.0.11", "10.20.0.12", "10.20.0.13"]);
  assert.ok(ofNodes.size > 2);
  assert.deepEqual(
    [...ofNodes].filter((host) => ofHypervisors.has(host)),
    [],
  );
});
