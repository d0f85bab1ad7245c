import { XMLBuilder } from "fast-xml-parser";
import { diskDriver } from "../../node-config/disk-driver";
import { identityOf } from "./identity";

/** What decides a node's virtual machine. */
export interface DomainFacts {
  /** The cluster's name and the node's. */
  readonly cluster: string;
  readonly name: string;
  /** `qemu` is software emulation. */
  readonly type: "kvm" | "qemu";
  readonly cpus: number;
  readonly memoryMiB: number;
  /** Host CPUs for the virtual ones, in order. */
  readonly pinnedCpus?: readonly number[];
  /** Host CPUs for the emulator and the I/O threads. */
  readonly housekeepingCpus?: readonly number[];
  readonly bridge: string;
  readonly mtu: number;
  /** Where its second card is. @default - it has a single card */
  readonly fabric?: { readonly bridge: string; readonly mtu: number };
  /** Directory with the machine's disks, kernel and seed. */
  readonly directory: string;
  /** Whether etcd has a disk of its own. */
  readonly etcdDisk: boolean;
}

/** libvirt's description of a node (https://libvirt.org/formatdomain.html). An attribute's key begins with `@`. */
export function domainXml(facts: DomainFacts): string {
  const { domain: domainName, uuid, mac, fabricMac } = identityOf(facts.cluster, facts.name);
  const disks = ["root", ...(facts.etcdDisk ? ["etcd"] : [])];
  const domain = {
    "@type": facts.type,
    name: domainName,
    uuid,
    memory: { "@unit": "MiB", "#text": facts.memoryMiB },
    vcpu: { "@placement": "static", "#text": facts.cpus },
    // One thread a disk: etcd's fsync doesn't queue behind the root disk.
    iothreads: disks.length,
    ...pinning(facts, disks.length),
    os: {
      type: { "@arch": "x86_64", "@machine": "q35", "#text": "hvm" },
      kernel: `${facts.directory}/vmlinuz`,
      initrd: `${facts.directory}/initrd.img`,
      cmdline: kernelCommandLine(facts),
    },
    ...processor(facts),
    clock: { "@offset": "utc" },
    on_poweroff: "destroy",
    on_reboot: "restart",
    on_crash: "restart",
    devices: {
      disk: [...disks.map((disk, i) => dataDisk(facts, disk, i)), seed(facts, disks.length)],
      controller: { "@type": "usb", "@model": "none" },
      // The first is eth0: the kernel names them in the order of their places on the bus.
      interface: [
        networkCard(facts, facts, mac),
        ...(facts.fabric ? [networkCard(facts, facts.fabric, fabricMac)] : []),
      ],
      serial: {
        "@type": "pty",
        log: { "@file": `${facts.directory}/console.log`, "@append": "on" },
        target: { "@port": 0 },
      },
      rng: { "@model": "virtio", backend: { "@model": "random", "#text": "/dev/urandom" } },
      // The kubelet counts on the memory that it saw at start.
      memballoon: { "@model": "none" },
    },
  };
  return builder.build({ domain });
}

const builder = new XMLBuilder({
  attributeNamePrefix: "@",
  ignoreAttributes: false,
  format: true,
  suppressEmptyNode: true,
});

function kernelCommandLine({ type }: DomainFacts): string {
  // Cards are eth0 and eth1, in their order on the bus. Emulated, the processor's flaws are not there to mitigate, and
  // each timer that Go's scheduler sets costs a trip through the emulator: timers end at the clock's tick instead. So
  // does each look at the HPET; without a word Linux takes it for its clock, since an emulated TSC may differ between
  // processors, which QEMU's doesn't.
  const emulated = type === "qemu" ? ["mitigations=off", "highres=off", "nohz=off", "tsc=reliable"] : [];
  return ["root=LABEL=root", "ro", "console=ttyS0", "net.ifnames=0", "panic=10", ...emulated].join(" ");
}

function processor({ type, cpus }: DomainFacts) {
  const topology = { "@sockets": 1, "@dies": 1, "@cores": cpus, "@threads": 1 };
  if (type === "kvm") {
    return {
      features: { acpi: {}, apic: {} },
      cpu: { "@mode": "host-passthrough", "@check": "none", "@migratable": "off", topology },
    };
  }
  // qemu64 runs sha256 four times as fast as `max`, whose AVX2 is emulated; Go binaries don't fit the default cache.
  return {
    features: { acpi: {}, apic: {}, tcg: { "tb-cache": { "@unit": "MiB", "#text": 2048 } } },
    cpu: {
      "@mode": "custom",
      "@match": "exact",
      "@check": "none",
      model: { "@fallback": "forbid", "#text": "qemu64" },
      topology,
    },
  };
}

function pinning({ pinnedCpus, housekeepingCpus }: DomainFacts, ioThreads: number) {
  if (!pinnedCpus && !housekeepingCpus) return {};
  const housekeeping = housekeepingCpus?.join(",");
  return {
    cputune: {
      ...(pinnedCpus && { vcpupin: pinnedCpus.map((cpu, i) => ({ "@vcpu": i, "@cpuset": cpu })) }),
      ...(housekeeping && {
        emulatorpin: { "@cpuset": housekeeping },
        iothreadpin: Array.from({ length: ioThreads }, (_, i) => ({ "@iothread": i + 1, "@cpuset": housekeeping })),
      }),
    },
  };
}

const attributesOf = (all: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(all).map(([name, value]) => [`@${name}`, value]));

function dataDisk({ directory }: DomainFacts, disk: string, index: number) {
  return {
    "@type": "file",
    "@device": "disk",
    driver: { "@name": "qemu", ...attributesOf(diskDriver), "@iothread": index + 1 },
    source: { "@file": `${directory}/${disk}.raw` },
    target: { "@dev": `vd${letter(index)}`, "@bus": "virtio" },
    serial: disk,
  };
}

function seed({ directory }: DomainFacts, index: number) {
  return {
    "@type": "file",
    "@device": "disk",
    driver: { "@name": "qemu", "@type": "raw" },
    source: { "@file": `${directory}/seed.iso` },
    target: { "@dev": `vd${letter(index)}`, "@bus": "virtio" },
    readonly: {},
    serial: "seed",
  };
}

function networkCard({ type, cpus }: DomainFacts, { bridge, mtu }: Pick<DomainFacts, "bridge" | "mtu">, mac: string) {
  return {
    "@type": "bridge",
    mac: { "@address": mac },
    source: { "@bridge": bridge },
    model: { "@type": "virtio" },
    // vhost belongs to KVM; a queue a CPU.
    driver: { ...(type === "kvm" && { "@name": "vhost" }), "@queues": cpus },
    mtu: { "@size": mtu },
  };
}

function letter(index: number): string {
  return "abc".charAt(index);
}
