import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { MetricsServer } from "../../components/metrics/metrics-server";
import { metricsAnswer } from "../../components/verify/cluster-checks";
import { metricsServerImage } from "../../node-config/metrics";
import * as samples from "./cluster-samples";
import { directory, problems } from "./environments";
import { index } from "./key-samples";
import { isSecret, node, registered, settled } from "./registered";

test("metrics-server shows a certificate of the cluster's CA, and believes kubelets by it; its key is a secret", async () => {
  new MetricsServer("m", { through: node(samples.cp1), caHash: "sha256:0", inCluster: {} });
  await settled();
  const inputsOf = (name: string) => registered.find((one) => one.name === name)?.inputs;
  assert.ok(isSecret(inputsOf("m-secret-metrics-server-tls")?.data));
  const server = JSON.stringify(inputsOf("m-deployment-metrics-server"));
  assert.match(server, /--kubelet-certificate-authority=/);
  assert.doesNotMatch(server, /insecure/);
  assert.doesNotMatch(JSON.stringify(inputsOf("m-apiservice-v1beta1.metrics.k8s.io")), /insecureSkipTLSVerify/);
});

test("where the supply lacks its image, it is refused before anything is reached, with the image and the way out", async () => {
  const { [metricsServerImage]: _, ...images } = index.images;
  const lacking = join(directory, "without-metrics.json");
  writeFileSync(lacking, JSON.stringify({ suite: "test", ...index, images }));
  const found = await problems((config) => {
    config.kubernetes.metricsServer = true;
    config.supply.index = lacking;
  });
  const told = /supply\.index: has no image registry\.k8s\.io\/metrics-server\/.*name the supply\.json of/;
  assert.match(found.join("\n"), told);
});

const member = (name: string, ready = true) => ({
  ...{ name, ready, version: "v1.36.3", schedulable: true, labels: {}, taints: [] },
});
const nodes = { value: [member("cp1"), member("worker1"), member("worker2", false)] };

test("metrics-server that answers for every node that is Ready passes", () => {
  assert.ok(metricsAnswer(nodes, { value: ["cp1", "worker1"] }).passed);
});

test("a node of which it knows nothing fails the check, and so does no answer", () => {
  const one = metricsAnswer(nodes, { value: ["cp1"] });
  assert.deepEqual([one.passed, one.found], [false, "nothing is known of worker1"]);
  assert.ok(!metricsAnswer(nodes, { unreadable: "ServiceUnavailable" }).passed);
});
