/** What the reasons depend on. */
export interface Circumstances {
  readonly hasEndpoint: boolean;
  /** Whether a machine has its default route by the gateway. */
  readonly isSeen: boolean;
  /** Whether there are no workers. */
  readonly areAlone: boolean;
  /** Whether kjerne makes the nodes, on hypervisors. */
  readonly isVirtual: boolean;
}

/** Why a setting is what it is, by its path of keys, joined by blanks. */
export function reasonsFor({
  hasEndpoint,
  isSeen,
  areAlone,
  isVirtual,
}: Circumstances): Readonly<Record<string, string>> {
  const notOurs =
    "No machine has its default route there, and kjerne changes none: this address is merely kept from nodes.";
  const made = "No hypervisor has its default route there. Nodes get theirs by this address: see that it is right.";
  const [unseen, route] = isVirtual ? [made, "theirs, and the nodes'."] : [notOurs, "theirs."];
  const nodes = isVirtual
    ? "Virtual machines that kjerne makes, in turn on each hypervisor, which they share."
    : "Named as the machines call themselves, each pinned to the host key that was confirmed.";
  return {
    name: "Machines and files carry it, so it never changes.",
    site: "Where the machines are and who controls them, as you said: policy packs judge it.",
    ssh: "Files on the machine that runs pulumi up. The key itself stands nowhere in here.",
    hypervisors:
      "Each pinned to the host key that was confirmed. With prepare they get what is missing: libvirt, QEMU, a clock, the bridge.",
    nodes: areAlone ? `${nodes} No taints: workloads run on control planes, since there is nothing else.` : nodes,
    network: "Between the nodes, as the machines told it, and how pods are connected.",
    "network nodeCidr": "The network in which every machine has an address.",
    "network gateway": isSeen ? `Of the machines' default route, which stays ${route}` : unseen,
    "network nameservers": "Those that the machines ask. CoreDNS asks them for names outside the cluster.",
    "network timeServers": "As you said: nodes ask them for the time.",
    "network mtu": "What the machines' own cards carry.",
    "network podCidr": "kjerne's default overlaps what the machines reach; this does not.",
    "network serviceCidr": "kjerne's default overlaps what the machines reach; this does not.",
    "network calico":
      "The release that kjerne was seen working with. Another manifest than that of this sum is refused.",
    kubernetes:
      "The newest release that kjerne was seen working with, and what these machines need beside the defaults.",
    "kubernetes endpoint": hasEndpoint
      ? "The control planes have this address in turn, by VRRP; nothing else may have it."
      : "The only control plane's address, under a name that stays when it gets company.",
    "kubernetes proxy": "Not every machine's kernel has IPVS (ip_vs), which is the default.",
    "kubernetes sysctlProfiles": "A system container may set no others.",
    "kubernetes slowEtcdDisk":
      "System containers lie on whatever disk their host has: the report tells how slow it is.",
    "kubernetes probeImage": "The verification tries connections between pods of it.",
    supply: "Where nodes install from, and the file that says which versions and digests: make lock writes it.",
    otherNamespaces: "Default deny and Pod Security baseline in every namespace but kube-system.",
    admission: "API servers judge objects by the rules of the policy packs, whoever makes them.",
    residency: "A record for the policy packs. Nothing acts on it, and what is missing counts as violated.",
    "residency backups": "There are none yet: rules RES-08, RES-12 and RES-28 ask for one.",
    "residency state": "As you said. The passphrase is pulumi's to ask.",
    "residency endpoints time": isVirtual
      ? "Who runs the time servers, and where, is yours to write down: RES-37 asks."
      : "Whom the machines' own clocks ask is not kjerne's: write it down here.",
    "residency attestations": "Who vouches for what no program sees: RES-03, RES-04, RES-31 to RES-36.",
  };
}
