import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { enoughBlocks, peersApart } from "../../node-config/values/networks";
import { distinct, problemsOf } from "../../node-config/values/rule";
import { router, values } from "../../node-config/values/shapes";
import { established, type KubernetesObject, KubernetesResource, slugOf } from "../kubernetes/object";
import { NodeScript } from "../machine/node-script";
import type { NodeMachine } from "../node/cluster-node";
import { refuse } from "../refusal/refusal";
import { type BgpFacts, type BgpPeer, bgpResources, meshOf } from "./bgp-resources";
import { type CalicoFacts, calicoEndpoint, editCalicoManifest, manifestProblem } from "./calico-manifest";

export interface CalicoBgpArgs {
  /** Text of Calico's `manifests/calico.yaml`, as `readManifest` gives it. */
  readonly manifest: string;
  readonly calico: CalicoFacts;
  readonly bgp: Omit<BgpFacts, "reflected">;
  /**
   * Nodes that pass on the routes of all others, which then have sessions with these alone, and a control plane by which that
   * is changed while pods talk. @default - every node has a session with every other
   */
  readonly reflectors?: {
    readonly nodes: readonly string[];
    readonly through: NodeMachine;
    readonly after: readonly pulumi.Input<string>[];
  };
  /** Routers beside the mesh of nodes. @default - none: pods are known among nodes only */
  readonly peers?: readonly BgpPeer[];
}

/**
 * Calico with BGP: pod addresses travel on the wire as they are, unless `calico.encapsulation` says otherwise. Give the cluster as
 * `provider`, `dependsOn` kube-proxy (calico-kube-controllers reaches the API through a service address) and
 * `deletedWith` what goes with the cluster, such as `ControlPlane.goesWithCluster`.
 *
 * Works only where all nodes share a segment or the routers between them are `peers`. BGP settings are objects of
 * crd.projectcalico.org/v1, the only kind that this flavour of the manifest installs; upstream calls them internal.
 */
export class CalicoBgp extends pulumi.ComponentResource {
  /** Changes whenever anything here changes; known when calico-node is ready on every node. */
  readonly ready: pulumi.Output<string>;
  /** Calico's kinds: an object of one of them can be made once these are, before calico-node runs anywhere. */
  readonly definitions: readonly pulumi.Resource[];
  /** What gives nodes their BGP sessions, before calico-node runs. */
  readonly sessions: readonly pulumi.Resource[];

  constructor(name: string, args: CalicoBgpArgs, opts?: pulumi.ComponentResourceOptions) {
    refuse(name, problemsOfCalico(args));
    const { calico, peers = [], reflectors } = args;
    const bgp = { ...args.bgp, ...(reflectors ? { reflected: true } : {}) };
    const { meshPassword: _, ...shownBgp } = bgp;
    const shown = peers.map(({ password: _, ...peer }) => peer);
    const encapsulation = shownEncapsulation(calico);
    super("kjerne:network:CalicoBgp", name, { ...calico, ...shownBgp, encapsulation, peers: shown }, opts);

    const register = (dependsOn: pulumi.ComponentResourceOptions["dependsOn"]) => (object: KubernetesObject) =>
      new KubernetesResource(
        `${name}-${slugOf(object)}`,
        object,
        // Pulumi waits for calico-node on every node, which takes minutes on emulated processors.
        { parent: this, dependsOn, customTimeouts: { create: "20m", update: "20m" } },
      );

    const objects = editCalicoManifest(args.manifest, calico);
    const definitions = objects.filter(isDefinition).map(established).map(register(opts?.dependsOn));
    this.definitions = definitions;
    const settings = [...calicoEndpoint(calico), ...bgpResources(calico, bgp, peers)];
    const mesh = meshOf(bgp);
    const peered = settings.map(register(definitions));
    const reflecting = reflectors ? [this.#reflect(`${name}-reflectors`, reflectors, peered)] : [];
    const set = [...peered, register([...definitions, ...reflecting])(mesh)];
    this.sessions = set;
    const software = objects.filter((object) => !isDefinition(object)).map(register(set));

    this.ready = pulumi
      .all([pulumi.jsonStringify([objects, settings, mesh]), pulumi.all([...set, ...software].map(({ id }) => id))])
      .apply(([applied]) => createHash("sha256").update(applied).digest("hex"));
    this.registerOutputs({ ready: this.ready });
  }

  /** Between the sessions with reflectors and the end of the mesh; on the way back between the mesh and the end of these. */
  #reflect(name: string, reflectors: NonNullable<CalicoBgpArgs["reflectors"]>, peered: readonly pulumi.Resource[]) {
    const { nodes, through, after } = reflectors;
    const stdin = JSON.stringify({ reflectors: nodes, clusterId: "244.0.0.1" });
    const [script, undo] = ["kubeadm/reflect.sh", "kubeadm/reflect.sh"];
    return new NodeScript(
      name,
      { connection: through.connection, script, undo, stdin, after },
      { parent: this, dependsOn: [...peered] },
    );
  }
}

/** Policies judge this text: anything but Never needs an exception. */
function shownEncapsulation({ encapsulation }: CalicoFacts): string {
  return encapsulation ? `${encapsulation.by} ${encapsulation.where}` : "Never";
}

const shape = z.object({
  calico: z.object({
    podCidr: values.podNetwork,
    blockSize: values.blockSize,
    autodetection: values.autodetection,
    mtu: values.mtu,
    endpoint: z.object({ host: values.domainName, port: values.port }).optional(),
  }),
  bgp: z.object({
    asNumber: values.asNumber,
    loadBalancerCidrs: distinct(values.loadBalancerNetwork).optional(),
    endpoint: values.address.optional(),
  }),
  peers: z.array(router).optional(),
});

function problemsOfCalico(args: CalicoBgpArgs): string[] {
  const { calico, bgp, peers = [] } = args;
  const problem = manifestProblem(args.manifest);
  // Not the passwords: a message shows what it is about.
  const plain = { calico, bgp, peers: peers.map(({ password: _, ...peer }) => peer) };
  return [
    ...(problem ? [`manifest: ${problem}`] : []),
    ...problemsOf(shape.safeParse(plain).error, plain),
    ...[...peersApart(peers), ...enoughBlocks(calico.podCidr, calico.blockSize, 1)].map((problem) =>
      problem.replace(/^network\.(calico\.)?/, ""),
    ),
  ];
}

function isDefinition(object: KubernetesObject): boolean {
  return object.kind === "CustomResourceDefinition";
}
