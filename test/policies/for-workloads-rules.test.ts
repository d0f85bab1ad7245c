import assert from "node:assert/strict";
import { test } from "node:test";
import type { KubernetesObject } from "../../components/kubernetes/object";
import { access, deployment, service } from "../../components/metrics/objects";
import { bgpResources } from "../../components/network/bgp-resources";
import * as metallb from "../../components/network/metallb-objects";
import { localClass, persistentVolume } from "../../components/storage/local-volumes";
import { parameters as hardening } from "../../policies/hardening/parameters";
import { privilegedPods } from "../../policies/hardening/pods";
import { wideRoles } from "../../policies/hardening/rbac";
import { bgpFilters, bgpPassword } from "../../policies/network/bgp";
import { exposedServices, nodeNetwork } from "../../policies/network/exposure";
import { parameters as network } from "../../policies/network/parameters";
import { parameters as residency } from "../../policies/residency/parameters";
import { volumeLocation } from "../../policies/residency/volumes";
import { calico } from "../unit/calico-samples";
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

test("MetalLB's controller has no wide right, reads no Secret, and is in the network of pods: SEC-10, SEC-11, NET-06", () => {
  passes(states(find(wideRoles, metallb.access.map(resource), forHardening)));
  assert.doesNotMatch(JSON.stringify(metallb.access), /secrets/);
  passes(states(find(privilegedPods, [resource(metallb.deployment)], forHardening)));
  passes(states(find(nodeNetwork, [resource(metallb.deployment)], forNetwork)));
});

test("routers are told of Services' addresses and of nothing else that is not in the pod network: NET-02, NET-03", () => {
  const router = { name: "tor1", address: "10.20.0.3", asNumber: 64500, password: "p4ss" };
  const facts = { asNumber: 64512, meshPassword: "m3sh", loadBalancerCidrs: ["10.80.0.0/24"], reflected: true };
  const made = bgpResources(calico, facts, [router]).map(resource);
  passes(states(find(bgpFilters, made, forNetwork)));
  passes(states(find(bgpPassword, made, forNetwork)));
});
