import type { FileSet } from "./file-set";

/** Files by where they lie on a node, and what makes a machine that runs use them. */
interface Use {
  /** Directories, each with a slash at its end, or single files. */
  readonly paths: readonly string[];
  /** Shell command, safe to run again. Absent: whoever uses the file reads it each time. */
  readonly command?: string;
}

/** In the order in which they run: units first, then what they start. */
const uses: readonly Use[] = [
  { paths: ["/etc/systemd/system/"], command: "systemctl daemon-reload" },
  {
    paths: ["/etc/modules-load.d/", "/etc/sysctl.d/"],
    command: "systemctl restart systemd-modules-load systemd-sysctl",
  },
  { paths: ["/etc/systemd/networkd.conf.d/"], command: "systemctl try-restart systemd-networkd" },
  // Containers live on while containerd restarts.
  { paths: ["/etc/containerd/"], command: "systemctl restart containerd" },
  { paths: ["/etc/hosts", "/etc/crictl.yaml"] },
  // kubeadm and kjerne-configure-control-plane read these; what they change there restarts the component itself.
  { paths: ["/etc/kubernetes/kjerne/", "/usr/local/sbin/"] },
];

/** The commands, one a line, that make a running node use any of these files. Throws for a path that no one reads. */
export function commandsAfterWriting(files: FileSet): string {
  const paths = Object.keys(files);
  const unknown = paths.filter((path) => !uses.some((use) => covers(use, path)));
  if (unknown.length > 0) {
    throw new Error(`node-config: nothing says what uses ${unknown.join(", ")}; add it to node-config/restarts.ts`);
  }
  const needed = uses.filter((use) => paths.some((path) => covers(use, path)));
  return needed.flatMap(({ command }) => command ?? []).join("\n");
}

function covers({ paths }: Use, file: string): boolean {
  return paths.some((path) => (path.endsWith("/") ? file.startsWith(path) : file === path));
}
