import { parseDocument } from "yaml";
import { type FileSet, file, merge, readTree } from "./file-set";
import { goYaml } from "./go-yaml";

const kubelet = "/etc/kubernetes/kjerne/kubelet.d/50-exclusive-cpus.conf";

/**
 * Files of a worker that give pods CPUs of their own.
 *
 * @param reservedSystemCpus CPUs for the system and kubelet, as a list of kernel's such as `0` or `0-1,8`.
 */
export function exclusiveCpuFiles(reservedSystemCpus: string): FileSet {
  const { [kubelet]: template, ...rest } = readTree("exclusive-cpus");
  const config = parseDocument(template?.content ?? "", goYaml);
  config.set("reservedSystemCPUs", reservedSystemCpus);
  return merge(rest, file(kubelet, config.toString({ lineWidth: 0 })));
}

/** Huge pages of 2 MiB: the kernel takes them at once, from memory that is free and in one piece. */
export function hugePageFiles(mebibytes: number): FileSet {
  const lines = [
    "# Pages of 2 MiB for pods that ask for hugepages-2Mi; nobody else has this memory.",
    "# https://docs.kernel.org/admin-guide/mm/hugetlbpage.html",
    `vm.nr_hugepages = ${mebibytes / 2}`,
  ];
  return file("/etc/sysctl.d/94-kjerne-huge-pages.conf", `${lines.join("\n")}\n`);
}

/** What workers have beside other nodes. */
export interface WorkerFacts {
  /** @default - pods share all CPUs */
  readonly exclusiveCpus?: { readonly reservedSystemCpus: string };
  /** @default 0 */
  readonly hugePagesMiB?: number;
}

export function workerFiles({ exclusiveCpus, hugePagesMiB = 0 }: WorkerFacts): FileSet {
  return merge(
    exclusiveCpus ? exclusiveCpuFiles(exclusiveCpus.reservedSystemCpus) : {},
    hugePagesMiB > 0 ? hugePageFiles(hugePagesMiB) : {},
  );
}
