import { harmless, ownSysctls, seLinuxTypes } from "../hardening/baseline";
import { type AtAdmission, listOf, onPods, withPods } from "./at-admission";

const excepted = "or name the workload with the reason in kjerne:admission.exceptions";

export const nodeNetwork: AtAdmission = {
  resources: withPods,
  variables: onPods,
  problems: [
    `variables.pods.map(p,
  (p.spec.?hostNetwork.orValue(false) ? ["hostNetwork is true"] : [])
  + p.containers.map(c, c.?ports.orValue([])
      .filter(port, port.?hostPort.orValue(0) != 0)
      .map(port, c.name + ": hostPort is " + string(port.hostPort))).flatten())`,
  ],
  wayOut: `Leave hostNetwork and hostPort out and put a Service before the pods, ${excepted}.`,
};

const probes = [
  ...["livenessProbe", "readinessProbe", "startupProbe"].map((probe) => `c.?${probe}`),
  ...["postStart", "preStop"].map((hook) => `c.?lifecycle.?${hook}`),
];

/** Where a security context may stand: the pod, and each container. */
const contexts = `variables.pods.map(p,
  [{"of": dyn("pod"), "is": dyn(p.spec.?securityContext.orValue({}))}]
  + p.containers.map(c, {"of": dyn(c.name), "is": dyn(c.?securityContext.orValue({}))}))`;

export const privilegedPods: AtAdmission = {
  // A PersistentVolume has no containers: what is about them finds nothing there.
  resources: [...withPods, { groups: [""], plurals: ["persistentvolumes"] }],
  variables: { ...onPods, contexts },
  problems: [
    `variables.pods.map(p,
  ["hostPID", "hostIPC"].filter(f, p.spec[?f].orValue(false)).map(f, f + " is true")
  + p.spec.?volumes.orValue([]).filter(v, v.?hostPath.hasValue()).map(v, "volume " + v.name + " is a path of the node")
  + p.spec.?securityContext.?sysctls.orValue([])
      .filter(s, !(s.name in ${listOf(ownSysctls)})).map(s, "sysctl " + s.name + " is not the pod's own")
  + p.annotations.filter(k, k.startsWith("container.apparmor.security.beta.kubernetes.io/")
      && !p.annotations[k].matches("^(runtime/default$|localhost/)")).map(k, "AppArmor is " + p.annotations[k])
  + p.containers.filter(c, [${probes.join(", ")}].exists(probe,
      probe.?httpGet.?host.orValue("") != "" || probe.?tcpSocket.?host.orValue("") != ""))
      .map(c, c.name + ": a probe asks another host"))`,
    `variables.contexts.map(all, all.map(x,
  (x.is.?privileged.orValue(false) ? [x.of + ": privileged is true"] : [])
  + (x.is.?procMount.orValue("Default") != "Default" ? [x.of + ": procMount is " + x.is.procMount] : [])
  + ["seccompProfile", "appArmorProfile"]
      .filter(f, !(x.is[?f].?type.orValue("RuntimeDefault") in ["RuntimeDefault", "Localhost"]))
      .map(f, x.of + ": " + f + " is " + x.is[f].type)
  + (x.is.?windowsOptions.?hostProcess.orValue(false) ? [x.of + ": hostProcess is true"] : [])
  + (x.is.?seLinuxOptions.?type.orValue("") in ${listOf(["", ...seLinuxTypes])} ? []
      : [x.of + ": SELinux type is " + x.is.seLinuxOptions.type])
  + ["user", "role"].filter(f, x.is.?seLinuxOptions[?f].orValue("") != "").map(f, x.of + ": SELinux " + f + " is set")
  + x.is.?capabilities.?add.orValue([]).filter(a, !(a in ${listOf(harmless)})).map(a, x.of + ": adds " + a)
  ).flatten())`,
    `variables.states.map(o, o.kind != "PersistentVolume" ? [] :
  (o.spec.?hostPath.hasValue() ? ["hostPath is a path of the node"] : [])
  + (o.spec.?local.?path.orValue("/mnt/disk").matches("^/(mnt|srv)/") && !o.spec.?local.?path.orValue("").contains("..")
      ? [] : ["local.path is " + o.spec.local.path]))`,
  ],
  wayOut: `Take it out, ${excepted}.`,
};

export const imageDigest: AtAdmission = {
  resources: withPods,
  variables: {
    ...onPods,
    // Whoever applies it says which images each node has beforehand under their digests.
    onEveryNode: `["".substring(0)]`,
  },
  problems: [
    `variables.pods.map(p,
  p.containers.filter(c, !c.?image.orValue("").matches("@sha256:[0-9a-f]{64}$")
      && (!(c.?image.orValue("") in variables.onEveryNode) || c.?imagePullPolicy.orValue("") == "Always"))
      .map(c, c.name + ": image is " + c.?image.orValue("not set"))
  + p.spec.?volumes.orValue([]).filter(v, v.?image.hasValue())
      .filter(v, !v.image.?reference.orValue("").matches("@sha256:[0-9a-f]{64}$")
        && (!(v.image.?reference.orValue("") in variables.onEveryNode) || v.image.?pullPolicy.orValue("") == "Always"))
      .map(v, "volume " + v.name + ": image is " + v.image.?reference.orValue("not set")))`,
  ],
  wayOut: `Append @sha256: and the digest that was reviewed, ${excepted}.`,
  notHere: "Custom resources: the pods that their operators make of them are judged.",
};
