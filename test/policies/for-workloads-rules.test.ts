import assert from "node:assert/strict";
import { test } from "node:test";
import type { KubernetesObject } from "../../components/kubernetes/object";
import { access, deployment, service } from "../../components/metrics/objects";
import { localClass, persistentVolume } from "../../components/storage/local-volumes";
import { parameters as hardening } from "../../policies/hardening/parameters";
import { privilegedPods } from "../../policies/hardening/pods";
import { wideRoles } from "../../policies/hardening/rbac";
import { exposedServices, nodeNetwork } from "../../policies/network/exposure";
import { parameters as network } from "../../policies/network/parameters";
import { parameters as residency } from "../../policies/residency/parameters";
import { volumeLocation } from "../../policies/residency/volumes";
import { find, states } from "./described";

const [forHardening, forNetwork, forResidency] = [hardening.parse({}), network.parse({}), residency.parse({})];
const resource = (object: KubernetesObject) => {
  const { apiVersion, kind, ...properties } = object;
  const group = apiVersion === "v1" ? "core/v1" : apiVersion;
  return { type: `kubernetes:${group}:${kind}`, name: object.metadata.name, properties };
};
const passes = (found: readonly string[]) =>
  assert.ok(found.length > 0 && found.every((state) => state === "shown"), found.join());

test("volumes of nodes and their StorageClass lie where rules want them: RES-11, SEC-11", () => {
  const volumes = ["/srv/volumes/a", "/mnt/nvme0/b"].map((directory) =>
    persistentVolume("worker1", { directory, sizeGiB: 1 }),
  );
  passes(states(find(volumeLocation, [localClass, ...volumes].map(resource), forResidency)));
  passes(states(find(privilegedPods, volumes.map(resource), forHardening)));
  const system = resource(persistentVolume("worker1", { directory: "/etc/kubernetes", sizeGiB: 1 }));
  assert.deepEqual(states(find(privilegedPods, [system], forHardening)), ["violated"]);
});

test("metrics-server has no wide right, no way to its node but the network, which a list names: SEC-10, SEC-11, NET-06, NET-07", () => {
  passes(states(find(wideRoles, access.map(resource), forHardening)));
  passes(states(find(privilegedPods, [resource(deployment)], forHardening)));
  passes(states(find(nodeNetwork, [resource(deployment)], forNetwork)));
  passes(states(find(exposedServices, [resource(service)], forNetwork)));
  const renamed = { ...deployment, metadata: { ...deployment.metadata, name: "other" } };
  assert.ok(states(find(nodeNetwork, [resource(renamed)], forNetwork)).includes("violated"));
});
