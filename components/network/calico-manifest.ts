import { type Document, isMap, isSeq, parseAllDocuments, type YAMLMap } from "yaml";
import { type Encapsulation, mtuOfPods, poolModes } from "../../node-config/encapsulation";
import { goYaml } from "../../node-config/go-yaml";
import type { Pace } from "../../node-config/pace";
import type { ProxyMode } from "../../node-config/versions";
import type { KubernetesObject } from "../kubernetes/object";
import { Refusal } from "../refusal/refusal";

/** How Calico connects the pods. */
export interface CalicoFacts {
  readonly podCidr: string;
  /** Prefix length of the blocks of pod addresses that nodes take. */
  readonly blockSize: number;
  /** How a node finds its own address, such as `interface=eth0` or `cidr=10.20.0.0/24`. */
  readonly autodetection: string;
  /** MTU of the nodes' network card. Without encapsulation pods have the same. */
  readonly mtu: number;
  /** @default - none: pods' packets travel as they are */
  readonly encapsulation?: Encapsulation;
  readonly proxyMode: ProxyMode;
  readonly pace: Pace;
  /**
   * Where nodes find the API server. @default - the Service `kubernetes`: on a node that has just booted, Calico
   * restarts until kube-proxy runs
   */
  readonly endpoint?: { readonly host: string; readonly port: number };
}

/**
 * ConfigMap that calico-node and the CNI plugin read at their start, so it is created first (the manifest marks it
 * optional).
 */
export function calicoEndpoint({ endpoint }: CalicoFacts): KubernetesObject[] {
  if (!endpoint) return [];
  const { host, port } = endpoint;
  return [
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "kubernetes-services-endpoint", namespace: "kube-system" },
      data: { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: String(port) },
    },
  ];
}

/**
 * Calico's manifest for BGP: parsed, a few fields set, the rest as published, images included.
 * Throws when a field is not where Calico 3.28 to 3.32 have it.
 */
export function editCalicoManifest(text: string, facts: CalicoFacts): KubernetesObject[] {
  const documents = documentsIn(text).map((document) => document.clone());

  const config = find(documents, "ConfigMap", "calico-config");
  config.setIn(["data", "calico_backend"], "bird");
  config.setIn(["data", "veth_mtu"], String(mtuOfPods(facts.mtu, facts.encapsulation)));

  const daemonSet = find(documents, "DaemonSet", "calico-node");
  const node = named(daemonSet, ["spec", "template", "spec", "containers"], "calico-node");
  for (const [name, value] of Object.entries(environment(facts))) setEnvironment(node, name, value);
  if (facts.pace === "emulated") easeProbes(node, controllersOf(documents));

  return documents.map((document) => document.toJS() as KubernetesObject);
}

/** The images that the manifest's pods run, each once. */
export function calicoImages(manifest: string): string[] {
  const images = documentsIn(manifest).flatMap((document) => {
    const { initContainers = [], containers = [] } = document.toJS().spec?.template?.spec ?? {};
    return [...initContainers, ...containers].map(({ image }) => String(image));
  });
  return [...new Set(images)];
}

/** Calico's version, from the tags of its images. Undefined where these differ or there are none. */
export function calicoVersion(manifest: string): string | undefined {
  const tags = new Set(calicoImages(manifest).map((image) => /:v(\d[\w.-]*)(@|$)/.exec(image)?.[1]));
  return tags.size === 1 ? [...tags][0] : undefined;
}

/** Why this manifest can't be used, or undefined. */
export function manifestProblem(manifest: string): string | undefined {
  const any = {
    podCidr: "",
    blockSize: 26,
    autodetection: "",
    mtu: 1500,
    proxyMode: "ipvs",
    pace: "emulated",
  } as const;
  try {
    editCalicoManifest(manifest, any);
    if (calicoVersion(manifest)) return undefined;
    return `has images of more than one version, or none (${calicoImages(manifest).join(", ")}); take Calico's own calico.yaml`;
  } catch (error) {
    return (error as Error).message;
  }
}

const parsed = new Map<string, readonly Document[]>();

/** Its documents, which nobody changes: reading a manifest takes a third of a second, and a program asks it five times. */
function documentsIn(manifest: string): readonly Document[] {
  const documents =
    parsed.get(manifest) ??
    (parseAllDocuments(manifest, goYaml).filter((document) => isMap(document.contents)) as Document[]);
  parsed.set(manifest, documents);
  return documents;
}

function environment(facts: CalicoFacts): Record<string, string> {
  return {
    IP_AUTODETECTION_METHOD: facts.autodetection,
    // Calico reads these only when it has to create a pool itself; bgp-resources.ts creates one before, with the same
    // values.
    CALICO_IPV4POOL_IPIP: poolModes(facts.encapsulation).ipipMode,
    CALICO_IPV4POOL_VXLAN: poolModes(facts.encapsulation).vxlanMode,
    CALICO_IPV4POOL_CIDR: facts.podCidr,
    CALICO_IPV4POOL_BLOCK_SIZE: String(facts.blockSize),
    // Felix panics when it meets IPVS in nftables mode, and kube-proxy's nftables needs Felix's.
    FELIX_NFTABLESMODE: facts.proxyMode === "nftables" ? "Enabled" : "Disabled",
    // No usage statistics to Tigera.
    FELIX_USAGEREPORTINGENABLED: "false",
  };
}

/**
 * On an emulated processor the manifest's exec probes, each of which starts a binary of 80 MB, take seconds. Felix
 * answers on its health port instead, which the manifest enables; BGP sessions are checked by the verification. kubelet
 * restarts a container after six failed probes, so six periods must be longer than its start.
 */
function easeProbes(node: YAMLMap, controllers: YAMLMap) {
  for (const [probe, path] of Object.entries({ livenessProbe: "/liveness", readinessProbe: "/readiness" })) {
    node.deleteIn([probe, "exec"]);
    node.setIn([probe, "httpGet"], { host: "127.0.0.1", port: 9099, path });
    controllers.setIn([probe, "timeoutSeconds"], 20);
  }
  node.setIn(["livenessProbe", "periodSeconds"], 60);
  controllers.setIn(["livenessProbe", "periodSeconds"], 60);
  controllers.setIn(["readinessProbe", "periodSeconds"], 20);
}

function controllersOf(documents: readonly Document[]): YAMLMap {
  const deployment = find(documents, "Deployment", "calico-kube-controllers");
  return named(deployment, ["spec", "template", "spec", "containers"], "calico-kube-controllers");
}

function setEnvironment(container: YAMLMap, name: string, value: string) {
  const variables = container.get("env");
  if (!isSeq(variables)) throw new Refusal("calico-node has no env in this manifest; kjerne knows Calico 3.28 to 3.32");
  const variable = variables.items.filter(isMap).find((item) => item.get("name") === name);
  if (variable) variable.set("value", value);
  else variables.add({ name, value });
}

function named(document: Document, list: readonly string[], name: string): YAMLMap {
  const items = document.getIn(list);
  const found = isSeq(items) ? items.items.filter(isMap).find((item) => item.get("name") === name) : undefined;
  if (!found)
    throw new Refusal(`the Calico manifest has no ${name} in ${list.join(".")}; kjerne knows Calico 3.28 to 3.32`);
  return found;
}

function find(documents: readonly Document[], kind: string, name: string): Document {
  const found = documents.find((d) => d.get("kind") === kind && d.getIn(["metadata", "name"]) === name);
  if (!found)
    throw new Refusal(`the Calico manifest has no ${kind} ${name}; take calico.yaml, not one of its variants`);
  return found;
}
