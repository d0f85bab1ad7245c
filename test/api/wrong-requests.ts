import {
  authority,
  certificateRequest,
  directory,
  dns,
  ellipticKey,
  extensions,
  ip,
  kubeletSubject,
  mail,
  names,
  other,
  password,
  type RequestParts,
  rsaKey,
  subject,
  uri,
} from "./certificate-request";

/** What a user asks the API server for. */
export interface Asked extends Partial<RequestParts> {
  /** PEM. @default - a request of these parts, with the own name and address of worker1 */
  readonly request?: string;
  /** Who asks. @default the kubelet of worker1 */
  readonly user?: string;
  readonly groups?: readonly string[];
  /** @default - what a kubelet asks for */
  readonly usages?: readonly string[];
  readonly expirationSeconds?: number;
  /** @default kubernetes.io/kubelet-serving */
  readonly signerName?: string;
}

export const kubelet = (node: string) => `system:node:${node}`;
/** Names of worker1 as the approver's test declares it. */
export const own = [dns("worker1"), ip(10, 20, 0, 21)];

/** A request with these names. */
export const named = (...all: readonly Buffer[]): Asked => ({ attributes: [extensions(names(...all))] });

export const otherNames = /has the names .* and not worker1 and 10\.20\.0\.21 alone/;
const unlike = /can't be parsed|has the names/;
const noKubelet = /which is no kubelet/;
const masters = ["system:masters"]; // They may make a request whatever their name is.
const server = dns("kubernetes.default.svc");
const good = () => certificateRequest({ subject: kubeletSubject("worker1"), attributes: [extensions(names(...own))] });
const organization = ["55040a", "system:nodes"] as const;
const commonName = ["550403", kubelet("worker1")] as const;

/** Where the API server takes it, the approver denies it for this reason. */
export const refused: readonly [string, Asked, RegExp][] = [
  ["a name that is no node's", named(dns("bank.example"), ip(10, 20, 0, 21)), otherNames],
  ["another node's name", named(dns("cp1"), ip(10, 20, 0, 21)), otherNames],
  ["another node's address", named(dns("worker1"), ip(10, 20, 0, 11)), otherNames],
  ["another node's name and address", named(dns("cp1"), ip(10, 20, 0, 11)), otherNames],
  ["a name that begins with its own", named(dns("worker1.bank.example"), ip(10, 20, 0, 21)), otherNames],
  ["its own name with a dot behind it", named(dns("worker1."), ip(10, 20, 0, 21)), otherNames],
  ["its own name in capitals", named(dns("WORKER1"), ip(10, 20, 0, 21)), otherNames],
  ["every name", named(dns("*"), ip(10, 20, 0, 21)), otherNames],
  ["a foreign address", named(dns("worker1"), ip(10, 20, 0, 99)), otherNames],
  ["its address as one of IPv6", named(dns("worker1"), ip(...Array(10).fill(0), 255, 255, 10, 20, 0, 21)), otherNames],
  ["a network beside its name", named(dns("worker1"), ip(10, 20, 0, 21, 255, 255, 255, 0)), unlike],
  ["an address of five bytes", named(dns("worker1"), ip(10, 20, 0, 21, 0)), unlike],
  ["the API server's name beside its own", named(...own, server), otherNames],
  ["another address beside its own", named(...own, ip(10, 96, 0, 1)), otherNames],
  ["its own name twice", named(...own, dns("worker1")), otherNames],
  ["its address as a name", named(dns("worker1"), dns("10.20.0.21")), otherNames],
  ["its name without its address", named(dns("worker1")), otherNames],
  ["its address without its name", named(ip(10, 20, 0, 21)), otherNames],
  ["no name at all", { attributes: [] }, /has the attributes \[\]/],
  ["an empty list of names", named(), unlike],
  ["a URI beside its own", named(...own, uri("spiffe://cluster.local/ns/default")), otherNames],
  ["a mail address beside its own", named(...own, mail("root@bank.example")), otherNames],
  ["a user's name beside its own", named(...own, other("root@bank.example")), unlike],
  ["a directory's name beside its own", named(...own, directory("kubernetes.default.svc")), unlike],
  // What a program prints of this has the lines that its own name and address would have.
  ["a line break in a name", named(dns("worker1, IP Address:10.20.0.21\n"), server, ip(10, 96, 0, 1)), otherNames],
  ["a comma in a name", named(dns("worker1,IPAddress:10.20.0.21")), otherNames],
  ["a NUL in a name", named(dns("worker1\0.bank.example"), ip(10, 20, 0, 21)), unlike],
  ["a byte behind ASCII in a name", named(dns("worker1\xff"), ip(10, 20, 0, 21)), unlike],
  ["a blank before its name", named(dns(" worker1"), ip(10, 20, 0, 21)), otherNames],
  [
    "two lists of names in one request for extensions",
    { attributes: [extensions(names(...own), names(server))] },
    /can't be parsed: .*uplicate|asks for the extensions/,
  ],
  [
    "two requests for extensions",
    { attributes: [extensions(names(...own)), extensions(names(server))] },
    /has the attributes/,
  ],
  ["to be an authority", { attributes: [extensions(names(...own), authority)] }, /asks for the extensions/],
  ["an attribute beside its names", { attributes: [password, extensions(names(...own))] }, /has the attributes/],
  ["another subject in its own name", { subject: subject([commonName]) }, /has the subject|no kubelet/],
  ["two organizations", { subject: subject([organization, ["55040a", "x"], commonName]) }, /has the subject/],
  ["two common names", { subject: subject([organization, commonName, ["550403", "cp1"]]) }, /has the subject/],
  ["a unit", { subject: subject([organization, ["55040b", "x"], commonName]) }, /has the subject/],
  ["a key of 1024 bits", { key: rsaKey(1024) }, /has a key that is neither/],
  ["a key on another curve", { key: ellipticKey("secp256k1") }, /has a key|can't be parsed/],
  ["somebody else's key", { signer: ellipticKey() }, /is not signed with its own key/],
  ["two blocks", { request: `${good()}${good()}` }, /is not one block of PEM/],
  ["text before the block", { request: `worker1\n${good()}` }, /is not one block of PEM/],
  ["headers in the block", { request: good().replace("-\n", "-\nname: worker1\n\n") }, /is not one block of PEM/],
  ["a name of 20,000 bytes", named(...own, dns("a".repeat(20_000))), /has \d+ bytes; 8192 are the most/],
  ["ten years", { expirationSeconds: 315_360_000 }, /asks for 315360000 seconds/],
  ["usage as a client beside that as a server", { usages: ["server auth", "client auth"] }, /asks for the usages/],
  ["usage as a client", { usages: ["digital signature", "client auth"] }, /asks for the usages/],
  ["usage to sign others", { usages: ["digital signature", "server auth", "cert sign"] }, /asks for the usages/],
  ["usage as a server without signatures", { usages: ["server auth"] }, /asks for the usages/],
  ["a user who has a node's name and is no kubelet", { user: "worker1", groups: masters }, noKubelet],
  ["a kubelet's user outside the group of nodes", { groups: masters }, noKubelet],
  ["a user whose name ends in a node's", { user: "system:node:x:worker1" }, noKubelet],
  [
    "the kubelet of a node that nobody declared",
    { ...named(dns("worker9"), ip(10, 20, 0, 29)), user: kubelet("worker9"), subject: kubeletSubject("worker9") },
    /'worker9', which is not a declared node/,
  ],
  ["an administrator who asks in a node's name", { user: "admin", groups: masters }, noKubelet],
];
