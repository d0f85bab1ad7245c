import type { Value } from "../rule";

/** One setting of the control plane, the kubelets or kube-proxy. */
export interface Setting {
  readonly kind: "ClusterConfiguration" | "KubeletConfiguration" | "KubeProxyConfiguration";
  /** Path of the setting in the file or, if `argument` is given, of the list of arguments that it is in. */
  readonly path: string;
  readonly argument?: string;
  readonly allows: (value: Value | undefined) => boolean;
  readonly allowed: string;
  /** Number in the CIS Kubernetes Benchmark 1.12. */
  readonly cis?: string;
}

const is =
  (...allowed: readonly (Value | undefined)[]) =>
  (value: Value | undefined) =>
    allowed.includes(value);
const isSet = (value: Value | undefined) => typeof value === "string" && value !== "";
const lists = (text: Value | undefined) => (typeof text === "string" ? text.split(",").map((part) => part.trim()) : []);
const onLoopback = (value: Value | undefined) =>
  value === undefined || (typeof value === "string" && /^(127\.\d+\.\d+\.\d+|localhost|\[?::1\]?)(:\d+)?$/.test(value));

const apiServer = { kind: "ClusterConfiguration", path: "apiServer.extraArgs" } as const;
const controllers = { kind: "ClusterConfiguration", path: "controllerManager.extraArgs" } as const;
const scheduler = { kind: "ClusterConfiguration", path: "scheduler.extraArgs" } as const;
const kubelet = { kind: "KubeletConfiguration" } as const;
const profiling = { argument: "profiling", allows: is("false"), allowed: "false" };
const local = { allows: onLoopback, allowed: "an address of the machine itself, 127.0.0.1" };

/** `undefined` is allowed only if the default of kubeadm or Kubernetes is safe. */
export const settings: readonly Setting[] = [
  {
    ...apiServer,
    argument: "authentication-config",
    allows: isSet,
    allowed: "a file that limits anonymous requests to health and joining",
    cis: "1.2.1",
  },
  { ...apiServer, argument: "token-auth-file", allows: is(undefined), allowed: "not set", cis: "1.2.2" },
  {
    ...apiServer,
    argument: "enable-admission-plugins",
    allows: (value) => ["NodeRestriction", "DenyServiceExternalIPs"].every((name) => lists(value).includes(name)),
    allowed: "NodeRestriction and DenyServiceExternalIPs among them",
    cis: "1.2.3",
  },
  {
    ...apiServer,
    argument: "disable-admission-plugins",
    allows: (value) =>
      !lists(value).some((name) =>
        ["NodeRestriction", "PodSecurity", "ServiceAccount", "NamespaceLifecycle"].includes(name),
      ),
    allowed: "none of NodeRestriction, PodSecurity, ServiceAccount, NamespaceLifecycle",
  },
  { ...apiServer, argument: "kubelet-certificate-authority", allows: isSet, allowed: "the cluster's CA", cis: "1.2.5" },
  {
    ...apiServer,
    argument: "authorization-mode",
    allows: (value) => value === undefined || (lists(value).includes("RBAC") && !lists(value).includes("AlwaysAllow")),
    allowed: "with RBAC, without AlwaysAllow",
    cis: "1.2.6",
  },
  { ...apiServer, ...profiling, cis: "1.2.15" },
  {
    ...apiServer,
    argument: "service-account-extend-token-expiration",
    allows: is("false"),
    allowed: "false",
    cis: "1.2.30",
  },
  {
    ...apiServer,
    argument: "tls-min-version",
    allows: is("VersionTLS12", "VersionTLS13"),
    allowed: "VersionTLS12 or VersionTLS13",
  },
  { ...controllers, ...profiling, cis: "1.3.2" },
  { ...controllers, argument: "bind-address", ...local, cis: "1.3.7" },
  { ...scheduler, ...profiling, cis: "1.4.1" },
  { ...scheduler, argument: "bind-address", ...local, cis: "1.4.2" },
  {
    ...kubelet,
    path: "authentication.anonymous.enabled",
    allows: is(undefined, false),
    allowed: "false",
    cis: "4.2.1",
  },
  { ...kubelet, path: "authorization.mode", allows: is(undefined, "Webhook"), allowed: "Webhook", cis: "4.2.2" },
  { ...kubelet, path: "readOnlyPort", allows: is(undefined, 0), allowed: "0", cis: "4.2.4" },
  {
    ...kubelet,
    path: "streamingConnectionIdleTimeout",
    allows: (value) => typeof value === "string" && /[1-9]/.test(value),
    allowed: "a time that is not 0",
    cis: "4.2.5",
  },
  { ...kubelet, path: "makeIPTablesUtilChains", allows: is(undefined, true), allowed: "true", cis: "4.2.6" },
  { ...kubelet, path: "rotateCertificates", allows: is(true), allowed: "true", cis: "4.2.10" },
  { ...kubelet, path: "serverTLSBootstrap", allows: is(true), allowed: "true", cis: "4.2.11" },
  {
    ...kubelet,
    path: "podPidsLimit",
    allows: (value) => typeof value === "number" && value > 0,
    allowed: "more than 0",
    cis: "4.2.13",
  },
  { ...kubelet, path: "seccompDefault", allows: is(true), allowed: "true", cis: "4.2.14" },
  { ...kubelet, path: "protectKernelDefaults", allows: is(true), allowed: "true" },
  { kind: "KubeProxyConfiguration", path: "metricsBindAddress", ...local, cis: "4.3.1" },
];
