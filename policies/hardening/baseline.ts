import { kindOf, nameOf, namespaceOf } from "../kubernetes/objects";
import { containersOf, type Pod } from "../kubernetes/pods";
import { at, type Demand, entriesAt, itemsAt, judged } from "../reading";
import type { Finding, Value } from "../rule";
import type { Hardening } from "./parameters";

/** What level `baseline` of the Pod Security Standards asks of a pod, but for the node's network, which NET-06 judges. */

const wayOut =
  "Take it out; or name the workload with the reason in policies/hardening/parameters.<stack>.json, privilegedWorkloads.";

const demand = (allowed: string, allows: Demand["allows"], more: Partial<Demand> = {}): Demand => ({
  allowed,
  allows,
  wayOut,
  ...more,
});
const oneOf = (...values: readonly string[]) =>
  demand(values.join(" or "), (value) => value === undefined || values.includes(value as string));

const off = demand("false", (value) => value === undefined || value === false);
const noHostPath = demand("no path of the node", (value) => value === undefined, { confidential: true });
const confined = oneOf("RuntimeDefault", "Localhost");
const noHost = demand("no host: the pod itself", (value) => value === undefined || value === "");
const notSet = demand("not set", (value) => value === undefined || value === "");
export const seLinuxTypes = ["container_t", "container_init_t", "container_kvm_t", "container_engine_t"];
const seLinuxType = demand("a type of containers", (value) =>
  [undefined, "", ...seLinuxTypes].includes(value as string),
);

/** Capabilities and kernel settings that level `baseline` allows. */
export const harmless: ReadonlySet<string> = new Set(
  "AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT".split(
    " ",
  ),
);
export const ownSysctls: ReadonlySet<string> = new Set(
  "kernel.shm_rmid_forced net.ipv4.ip_local_port_range net.ipv4.ip_unprivileged_port_start net.ipv4.tcp_syncookies net.ipv4.ping_group_range net.ipv4.ip_local_reserved_ports net.ipv4.tcp_keepalive_time net.ipv4.tcp_fin_timeout net.ipv4.tcp_keepalive_intvl net.ipv4.tcp_keepalive_probes net.ipv4.tcp_rmem net.ipv4.tcp_wmem".split(
    " ",
  ),
);

/** Field of a pod's or a container's `securityContext` → what is asked of it. */
const ofContext: readonly (readonly [string, Demand])[] = [
  ["seccompProfile.type", confined],
  ["appArmorProfile.type", confined],
  ["windowsOptions.hostProcess", off],
  ["seLinuxOptions.type", seLinuxType],
  ["seLinuxOptions.user", notSet],
  ["seLinuxOptions.role", notSet],
];
const ofContainer: readonly (readonly [string, Demand])[] = [
  ["privileged", off],
  ["procMount", oneOf("Default")],
  ...ofContext,
];

export function isListed({ owner }: Pod, { privilegedWorkloads }: Hardening): boolean {
  return privilegedWorkloads.some(
    ({ namespace, kind, name }) =>
      kindOf(owner).endsWith(`/${kind}`) && namespace === namespaceOf(owner) && name === nameOf(owner),
  );
}

export function judgePod(pod: Pod): Finding[] {
  const { owner, prefix, spec } = pod;
  const { urn } = owner;
  return [
    ...["hostPID", "hostIPC"].map((field) => judged(urn, prefix + field, at(spec, field), off)),
    ...ofContext.map(([name, asked]) =>
      judged(urn, `${prefix}securityContext.${name}`, at(spec, `securityContext.${name}`), asked),
    ),
    ...itemsAt(spec, "securityContext.sysctls").map(({ field, item }) =>
      judged(urn, `${prefix}${field}.name`, at(item, "name"), {
        ...demand("kernel settings of the pod alone", (name) => ownSysctls.has(name as string)),
      }),
    ),
    ...itemsAt(spec, "volumes").map(({ field, item }) =>
      judged(urn, `${prefix}${field}.hostPath`, at(item, "hostPath"), noHostPath),
    ),
    ...judgeAnnotations(pod),
    ...containersOf(pod).flatMap(({ field, container }) => judgeContainer(urn, field, container)),
  ];
}

/** Before Kubernetes 1.30 AppArmor was chosen by an annotation beside the spec. */
function judgeAnnotations({ owner, prefix }: Pod): Finding[] {
  // The template's metadata is beside its spec; a pod's own beside `spec`.
  const around = prefix.slice(owner.prefix.length).replace(/spec\.$/, "");
  return entriesAt(owner.content, `${around}metadata.annotations`)
    .filter(({ name }) => name.startsWith("container.apparmor.security.beta.kubernetes.io/"))
    .map(({ field, value }) =>
      judged(owner.urn, `${owner.prefix}${field}`, value, {
        ...demand("runtime/default or localhost/…", (profile) =>
          /^(runtime\/default$|localhost\/)/.test(String(profile)),
        ),
      }),
    );
}

function judgeContainer(urn: string, field: string, container: Value): Finding[] {
  const probes = ["livenessProbe", "readinessProbe", "startupProbe", "lifecycle.postStart", "lifecycle.preStop"];
  return [
    ...ofContainer.map(([name, asked]) =>
      judged(urn, `${field}.securityContext.${name}`, at(container, `securityContext.${name}`), asked),
    ),
    ...itemsAt(at(container, "securityContext"), "capabilities.add").map(({ field: capability, item }) =>
      judged(urn, `${field}.securityContext.${capability}`, item, {
        ...demand("capabilities of the level baseline", (name) => harmless.has(name as string)),
      }),
    ),
    ...probes.flatMap((probe) =>
      ["httpGet", "tcpSocket"]
        .map((way) => `${probe}.${way}.host`)
        .map((path) => judged(urn, `${field}.${path}`, at(container, path), noHost)),
    ),
  ];
}
