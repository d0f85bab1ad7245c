import type { FileSet } from "./file-set";

/** A command that makes a running machine use files, by where these lie. */
export interface CommandAfterWriting {
  /** Directories, each with a slash at its end, or single files. The command runs when any file there changed. */
  readonly paths: readonly string[];
  /** Shell command, safe to run again. */
  readonly command: string;
}

/** Absent command: whoever uses the file reads it each time. */
type Use = Pick<CommandAfterWriting, "paths"> & { readonly command?: string };

const floorsUnit = "/etc/systemd/system/kjerne-sysctl-floors.service";

/** In the order in which they run: modules that settings need, units, then what they start. */
const uses: readonly Use[] = [
  { paths: ["/etc/systemd/system/"], command: "systemctl daemon-reload" },
  {
    paths: ["/etc/modules-load.d/", "/etc/sysctl.d/"],
    // Settings of connection tracking exist only with the module, which a set of sysctl files alone does not load.
    command: "modprobe nf_conntrack; systemctl restart systemd-modules-load systemd-sysctl",
  },
  // kubelet refuses to start by a policy or reserved CPUs that differ from those which its state was made by.
  {
    paths: ["/etc/systemd/system/kubelet.service.d/30-kjerne-exclusive-cpus.conf", "/etc/kubernetes/kjerne/kubelet.d/"],
    command:
      "systemctl stop kubelet; rm -f /var/lib/kubelet/cpu_manager_state /var/lib/kubelet/memory_manager_state; if systemctl is-enabled --quiet kubelet; then systemctl start kubelet; fi",
  },
  // kubelet counts huge pages once, at its start.
  { paths: ["/etc/sysctl.d/94-kjerne-huge-pages.conf"], command: "systemctl try-restart kubelet" },
  // Another ssh session has to confirm it (machine/confirm-doors.sh).
  { paths: ["/etc/kjerne/doors/", "/usr/local/sbin/kjerne-doors"], command: "kjerne-doors try" },
  { paths: [floorsUnit], command: "systemctl enable kjerne-sysctl-floors" },
  { paths: ["/etc/systemd/networkd.conf.d/"], command: "systemctl try-restart systemd-networkd" },
  { paths: ["/etc/systemd/network/"], command: "networkctl reload" },
  { paths: ["/etc/chrony/sources.d/"], command: "chronyc reload sources" },
  {
    paths: ["/etc/keepalived/", "/usr/local/sbin/kjerne-prepare-keepalived"],
    command:
      "if [ -e /etc/keepalived/kjerne.conf ]; then systemctl enable keepalived; systemctl reload-or-restart keepalived; else systemctl disable --now keepalived; fi",
  },
  {
    paths: [
      "/etc/kjerne/endpoint",
      "/etc/systemd/system/kjerne-endpoint.service",
      "/usr/local/sbin/kjerne-announce-endpoint",
    ],
    command:
      "if [ -e /etc/kjerne/endpoint ]; then systemctl restart kjerne-endpoint; elif systemctl is-active --quiet kjerne-endpoint; then systemctl stop kjerne-endpoint; fi",
  },
  { paths: ["/etc/systemd/system/kjerne-backup.timer"], command: "systemctl restart kjerne-backup.timer" },
  { paths: ["/etc/kjerne/backup/"] }, // kjerne-backup reads them at each start
  { paths: ["/etc/sysusers.d/"], command: "systemd-sysusers" },
  { paths: ["/etc/systemd/system/kjerne-verify.timer"], command: "systemctl restart kjerne-verify.timer" },
  // Read at each start of the verification, and by sshd and sudo at each login.
  { paths: ["/etc/kjerne/verification/", "/usr/local/lib/kjerne/", "/etc/sudoers.d/", "/var/lib/kjerne-look/"] },
  // Containers live on while containerd restarts.
  { paths: ["/etc/containerd/"], command: "systemctl restart containerd" },
  // containerd starts it with itself; here containerd may run already.
  {
    paths: [
      "/etc/kjerne/fabric/",
      "/usr/local/sbin/kjerne-fabric-networks",
      "/etc/systemd/system/kjerne-fabric.service",
    ],
    command:
      "if [ -e /usr/local/sbin/kjerne-fabric-networks ]; then systemctl restart kjerne-fabric; else if systemctl is-active --quiet kjerne-fabric; then systemctl stop kjerne-fabric; fi; rm -rf /etc/cni/fabric.d /etc/cni/multus/net.d/20-kjerne-fabric.conflist; fi",
  },
  { paths: ["/opt/cni/bin/kjerne-host-device"] }, // containerd runs it for each pod
  { paths: ["/etc/hosts", "/etc/resolv.conf", "/etc/crictl.yaml", "/home/kjerne/.ssh/authorized_keys"] },
  // It runs all the time, and not before there is a cluster.
  {
    paths: [
      "/etc/systemd/system/kjerne-csr-approver.service",
      "/usr/local/sbin/kjerne-csr-approver",
      "/usr/local/sbin/kjerne_serving_request.py",
    ],
    command: "systemctl try-restart kjerne-csr-approver",
  },
  // kubeadm and kjerne-configure-control-plane read these; what they change there restarts the component itself.
  { paths: ["/etc/kubernetes/kjerne/", "/usr/local/sbin/"] },
];

/** An exact value that changed may lie below a floor: the floors are raised after it. */
const floors: CommandAfterWriting = {
  paths: [floorsUnit, "/usr/local/sbin/kjerne-sysctl-floors", "/etc/kjerne/sysctl-floors.d/", "/etc/sysctl.d/"],
  command: "systemctl restart kjerne-sysctl-floors",
};

/**
 * The commands, in their order, that make a running node use any of these files. Throws for a path that no one reads.
 */
export function commandsAfterWriting(files: FileSet): CommandAfterWriting[] {
  const paths = Object.keys(files);
  // Without their unit in the set, nothing says that the machine has it.
  const known = paths.includes(floorsUnit) ? [...uses, floors] : uses;
  const unknown = paths.filter((path) => !known.some((use) => covers(use, path)));
  if (unknown.length > 0) {
    throw new Error(`node-config: nothing says what uses ${unknown.join(", ")}; add it to node-config/restarts.ts`);
  }
  return known.filter(isCommand).filter((use) => paths.some((path) => covers(use, path)));
}

function isCommand(use: Use): use is CommandAfterWriting {
  return use.command !== undefined;
}

function covers({ paths }: Use, file: string): boolean {
  return paths.some((path) => (path.endsWith("/") ? file.startsWith(path) : file === path));
}
