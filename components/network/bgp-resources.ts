import * as pulumi from "@pulumi/pulumi";
import { poolModes } from "../../node-config/encapsulation";
import type { KubernetesObject } from "../kubernetes/object";
import { passwords, secretName, usable } from "./bgp-passwords";
import type { CalicoFacts } from "./calico-manifest";

export interface BgpFacts {
  /** Autonomous system of the nodes. */
  readonly asNumber: number;
  /** Whether a pod's address is replaced by its node's where it leaves the pool. @default true */
  readonly natOutgoing?: boolean;
  /** TCP-MD5 of every session between nodes, at most 80 characters. @default - none */
  readonly meshPassword?: pulumi.Input<string>;
  /** Whether nodes have sessions with route reflectors alone, and not with each other. @default false */
  readonly reflected?: boolean;
  /** Networks of Services of type LoadBalancer, which nodes announce to routers. @default - none */
  readonly loadBalancerCidrs?: readonly string[];
  /** The API server's address, which nodes that have it announce to routers. @default - none announces it */
  readonly endpoint?: string;
}

/** A router that learns the pod routes from every node. */
export interface BgpPeer {
  readonly name: string;
  readonly address: string;
  readonly asNumber: number;
  /** TCP-MD5, at most 80 characters, the same on the router. @default - none */
  readonly password?: pulumi.Input<string>;
  /** Calico selector of the nodes that peer with it, such as `rack == 'a'`. @default "all()" */
  readonly nodeSelector?: string;
  /** Networks whose routes nodes take from it, besides those inside the pod network. @default - none */
  readonly accept?: readonly string[];
  /**
   * Whether a node that passes on another node's routes leaves that node as the next hop, and not itself. Between
   * autonomous systems alone. @default false
   */
  readonly keepOriginalNextHop?: boolean;
  /** How long routes stay while a session starts anew, in seconds, at most 4095. @default - BIRD's 120 */
  readonly gracefulRestartSeconds?: number;
}

const apiVersion = "crd.projectcalico.org/v1";
const meshSecret = "kjerne-bgp-node-mesh";
const filterName = "kjerne-pod-routes-only";

/** Pool, filters and peers; an object comes after those that it refers to. `meshOf` gives what comes after all of them. */
export function bgpResources(calico: CalicoFacts, bgp: BgpFacts, peers: readonly BgpPeer[]): KubernetesObject[] {
  const secrets = [
    ...(bgp.meshPassword === undefined ? [] : [{ name: meshSecret, password: pulumi.secret(bgp.meshPassword) }]),
    ...peers
      .filter((peer) => peer.password !== undefined)
      .map((peer) => ({ name: secretName(peer), password: pulumi.output(peer.password).apply(usable(peer)) })),
  ];
  // Before the objects that name them: calico-node drops a session whose password it can't read.
  return [
    pool(calico, bgp),
    ...(secrets.length > 0 ? passwords(secrets) : []),
    ...(peers.some(({ accept = [] }) => accept.length === 0) ? [ownRoutesOnly(calico, bgp)] : []),
    ...peers.flatMap((peer) => (peer.accept?.length ? [ownRoutesOnly(calico, bgp, peer)] : [])),
    ...(bgp.reflected ? [withReflectors(bgp)] : []),
    ...peers.map(peering),
  ];
}

const meshKey = { secretKeyRef: { name: meshSecret, key: "password" } };

/** Each node with each that `reflect.sh` has marked; while none is, with nobody. */
function withReflectors({ meshPassword }: BgpFacts): KubernetesObject {
  return {
    apiVersion,
    kind: "BGPPeer",
    metadata: { name: "kjerne-route-reflectors" },
    spec: {
      nodeSelector: "all()",
      peerSelector: "kjerne.io/route-reflector == 'true'",
      ...(meshPassword === undefined ? {} : { password: meshKey }),
    },
  };
}

/**
 * Every node with every other, or none but with reflectors. A pod of theirs, or whoever is on the segment, takes no session
 * over: it has a password.
 */
export function meshOf({
  asNumber,
  meshPassword,
  reflected = false,
  loadBalancerCidrs = [],
}: BgpFacts): KubernetesObject {
  return {
    apiVersion,
    kind: "BGPConfiguration",
    metadata: { name: "default" },
    spec: {
      asNumber,
      nodeToNodeMeshEnabled: !reflected,
      // Calico refuses a password of a mesh that there is none of.
      ...(meshPassword === undefined || reflected ? {} : { nodeMeshPassword: meshKey }),
      // Each network from every node; an address of externalTrafficPolicy Local beside it, from nodes with a pod of it.
      ...(loadBalancerCidrs.length > 0 ? { serviceLoadBalancerIPs: loadBalancerCidrs.map((cidr) => ({ cidr })) } : {}),
    },
  };
}

/** Has the name of Calico's own default pool: Calico creates none while this one exists. */
function pool(calico: CalicoFacts, bgp: BgpFacts): KubernetesObject {
  return {
    apiVersion,
    kind: "IPPool",
    metadata: { name: "default-ipv4-ippool" },
    spec: {
      cidr: calico.podCidr,
      blockSize: calico.blockSize,
      ...poolModes(calico.encapsulation),
      natOutgoing: bgp.natOutgoing ?? true,
      nodeSelector: "all()",
    },
  };
}

/**
 * BGP filter for routers: only routes inside the pod network are imported, and only these, addresses of Services and the API
 * server's are exported. Without it a router could announce a default route and receive all of the nodes' traffic. Routes inside the pod
 * network match no rule here, so that Calico goes on to aggregate them by block. Of `peer`, networks are accepted as well.
 */
function ownRoutesOnly(
  calico: CalicoFacts,
  { loadBalancerCidrs = [], endpoint }: BgpFacts,
  peer?: BgpPeer,
): KubernetesObject {
  const rest = { cidr: calico.podCidr, matchOperator: "NotIn", action: "Reject" };
  const inside = (cidr: string) => ({ cidr, matchOperator: "In", action: "Accept" });
  const announced = [...loadBalancerCidrs, ...(endpoint ? [`${endpoint}/32`] : [])];
  // A node without a pod of the Service would draw connections to itself, and drop them where externalTrafficPolicy is Local.
  const passedOn = (cidr: string) => ({ cidr, matchOperator: "In", source: "RemotePeers", action: "Reject" });
  return {
    apiVersion,
    kind: "BGPFilter",
    metadata: { name: peer ? filterOf(peer) : filterName },
    spec: {
      importV4: [...(peer?.accept ?? []).map(inside), { ...rest }],
      exportV4: [...announced.flatMap((cidr) => [passedOn(cidr), inside(cidr)]), { ...rest }],
    },
  };
}

/** A router from which more is accepted has a filter of its own. */
function filterOf({ name, accept = [] }: BgpPeer): string {
  return accept.length > 0 ? `kjerne-accepted-from-${name}` : filterName;
}

function peering(peer: BgpPeer): KubernetesObject {
  const password = { secretKeyRef: { name: secretName(peer), key: "password" } };
  return {
    apiVersion,
    kind: "BGPPeer",
    metadata: { name: peer.name },
    spec: {
      peerIP: peer.address,
      asNumber: peer.asNumber,
      nodeSelector: peer.nodeSelector ?? "all()",
      filters: [filterOf(peer)],
      // Newer Calico calls it nextHopMode: Keep, and still takes this; 3.28 knows nothing else.
      ...(peer.keepOriginalNextHop ? { keepOriginalNextHop: true } : {}),
      ...(peer.gracefulRestartSeconds ? { maxRestartTime: `${peer.gracefulRestartSeconds}s` } : {}),
      ...(peer.password === undefined ? {} : { password }),
    },
  };
}
