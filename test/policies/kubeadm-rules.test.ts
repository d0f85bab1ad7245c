import assert from "node:assert/strict";
import { test } from "node:test";
import { kubeadmSettings } from "../../policies/hardening/kubeadm";
import { find, outcome, states } from "./described";
import { fileOf } from "./hardening-files";
import { command } from "./hardening-programs";
import { defaults } from "./hardening-rules";

type Kind = Parameters<typeof fileOf>[0];
const carried = (kind: Kind, content: object) => command(kind, { stdin: fileOf(kind, content) });

const components = [
  [
    "controllerManager",
    "profiling",
    [
      ["false", "shown"],
      ["true", "violated"],
      [undefined, "violated"],
    ],
  ],
  [
    "controllerManager",
    "bind-address",
    [
      ["127.0.0.1", "shown"],
      [undefined, "shown"],
      ["0.0.0.0", "violated"],
    ],
  ],
  [
    "scheduler",
    "profiling",
    [
      ["false", "shown"],
      ["true", "violated"],
      [undefined, "violated"],
    ],
  ],
  [
    "scheduler",
    "bind-address",
    [
      ["127.0.0.1", "shown"],
      [undefined, "shown"],
      ["0.0.0.0", "violated"],
    ],
  ],
  [
    "apiServer",
    "token-auth-file",
    [
      [undefined, "shown"],
      ["/tokens.csv", "violated"],
    ],
  ],
  [
    "apiServer",
    "enable-admission-plugins",
    [
      ["NodeRestriction, DenyServiceExternalIPs", "shown"],
      ["NodeRestriction", "violated"],
      ["DenyServiceExternalIPs", "violated"],
    ],
  ],
  [
    "apiServer",
    "disable-admission-plugins",
    [
      ["AlwaysPullImages", "shown"],
      ["NodeRestriction", "violated"],
      ["PodSecurity", "violated"],
      ["AlwaysPullImages,ServiceAccount", "violated"],
      ["NamespaceLifecycle", "violated"],
    ],
  ],
  [
    "apiServer",
    "authorization-mode",
    [
      ["Node,RBAC", "shown"],
      [undefined, "shown"],
      ["Node", "violated"],
      ["AlwaysAllow", "violated"],
      ["RBAC,AlwaysAllow", "violated"],
    ],
  ],
] as const;
for (const [component, name, verdicts] of components) {
  for (const [value, state] of verdicts) {
    test(`${component} ${value === undefined ? `without --${name}` : `with --${name}=${value}`} ${outcome("SEC-08", state)}`, () => {
      const extraArgs = value === undefined ? [] : [{ name, value }];
      const found = find(kubeadmSettings, [carried("ClusterConfiguration", { [component]: { extraArgs } })], defaults);
      const about = found.filter(({ field }) => field.endsWith(`${component}.extraArgs, --${name}`));
      assert.deepEqual(states(about), [state]);
    });
  }
}

const kubelets: readonly [path: string, content: object, state: string][] = [
  ["authentication.anonymous.enabled", { authentication: { anonymous: { enabled: false } } }, "shown"],
  ["authentication.anonymous.enabled", { authentication: { anonymous: { enabled: true } } }, "violated"],
  ["authorization.mode", { authorization: { mode: "Webhook" } }, "shown"],
  ["authorization.mode", { authorization: { mode: "AlwaysAllow" } }, "violated"],
  ["readOnlyPort", { readOnlyPort: 0 }, "shown"],
  ["readOnlyPort", { readOnlyPort: 10255 }, "violated"],
  ["streamingConnectionIdleTimeout", { streamingConnectionIdleTimeout: "0s" }, "violated"],
  ["streamingConnectionIdleTimeout", {}, "violated"],
  ["makeIPTablesUtilChains", { makeIPTablesUtilChains: true }, "shown"],
  ["makeIPTablesUtilChains", { makeIPTablesUtilChains: false }, "violated"],
  ["rotateCertificates", {}, "violated"],
  ["serverTLSBootstrap", {}, "violated"],
  ["podPidsLimit", { podPidsLimit: -1 }, "violated"],
  ["podPidsLimit", { podPidsLimit: 0 }, "violated"],
  ["seccompDefault", {}, "violated"],
  ["protectKernelDefaults", {}, "violated"],
];
for (const [path, content, state] of kubelets) {
  test(`${path} of a KubeletConfiguration ${JSON.stringify(content)} ${outcome("SEC-08", state)}`, () => {
    const found = find(kubeadmSettings, [carried("KubeletConfiguration", content)], defaults);
    assert.deepEqual(states(found.filter(({ field }) => field.endsWith(` ${path}`))), [state]);
  });
}

for (const [metricsBindAddress, state] of [
  ["127.0.0.1:10249", "shown"],
  ["localhost", "shown"],
  ["[::1]:10249", "shown"],
  [undefined, "shown"],
  ["0.0.0.0:10249", "violated"],
  ["10.127.0.0.1", "violated"],
  ["127.0.0.1.eksempel.no", "violated"],
] as const) {
  test(`kube-proxy with metricsBindAddress ${metricsBindAddress ?? "left out"} ${outcome("SEC-08", state)}`, () => {
    const proxy = carried("KubeProxyConfiguration", { metricsBindAddress });
    assert.deepEqual(states(find(kubeadmSettings, [proxy], defaults)), [state]);
  });
}

test("SEC-08 names the number of the CIS item if there is one", () => {
  const found = find(kubeadmSettings, [carried("KubeletConfiguration", {})], defaults);
  const wayOut = (path: string) => found.find(({ field }) => field.endsWith(path))?.wayOut ?? "";
  assert.match(wayOut("seccompDefault"), /\(CIS 4\.2\.14\)\.$/);
  assert.match(wayOut("protectKernelDefaults"), /configuration\.$/);
});

test("SEC-08 asks for both ClusterConfiguration and KubeletConfiguration beside a ControlPlane component", () => {
  const controlPlane = { type: "kjerne:cluster:ControlPlane", name: "cp", properties: {} };
  const [cluster, kubelet, proxy] = (
    ["ClusterConfiguration", "KubeletConfiguration", "KubeProxyConfiguration"] as const
  ).map((kind) => carried(kind, {}));
  const isMissing = (...program: (typeof cluster)[]) =>
    find(
      kubeadmSettings,
      program.flatMap((one) => one ?? []),
      defaults,
    ).some(({ reason }) => /was found/.test(reason ?? ""));
  assert.deepEqual(
    [
      [isMissing(controlPlane, cluster, kubelet), isMissing(cluster), isMissing(kubelet)],
      [isMissing(controlPlane, cluster), isMissing(controlPlane, kubelet), isMissing(controlPlane, kubelet, proxy)],
    ],
    [
      [false, false, false],
      [true, true, true],
    ],
  );
});

test("SEC-08 reads arguments in kubeadm's v1beta3 form, and the last of two of the same name", () => {
  const judged = (extraArgs: unknown) =>
    states(
      find(kubeadmSettings, [carried("ClusterConfiguration", { scheduler: { extraArgs } })], defaults).filter(
        ({ field }) => field.endsWith("scheduler.extraArgs, --profiling"),
      ),
    );
  assert.deepEqual(judged({ profiling: "false" }), ["shown"]);
  const twice = ["true", "false"].map((value) => ({ name: "profiling", value }));
  assert.deepEqual([judged(twice), judged(twice.reverse())], [["shown"], ["violated"]]);
});
