import { existsSync } from "node:fs";
import { ipJson, namespaces } from "../../../tools/lab/namespaces";
import { labFiles } from "../../../tools/lab/plan";
import { asRoot, run } from "../../../tools/run";

/**
 * Everything left of a lab on this machine: files, network namespaces, links, processes with its mounts, control groups,
 * loop devices.
 */
export async function traces(lab: string, uplink?: string): Promise<string[]> {
  const { state } = labFiles(lab);
  const links = (await ipJson<{ ifname: string }>("link", "show")).map(({ ifname }) => ifname);
  const listed = await asRoot("sh", "-c", `grep -Fls "${state}/" /proc/[0-9]*/mountinfo; test $? -le 2`);
  const processes = listed.split("\n").filter(Boolean);
  return [
    ...(existsSync(state) ? [state] : []),
    ...(await namespaces()).filter((namespace) => namespace.startsWith(`kjerne-${lab}-`)),
    ...links.filter((link) => link === uplink),
    ...processes,
    ...(await run("find", ["/sys/fs/cgroup", "-name", `kjerne-${lab}-*`])).split("\n").filter(Boolean),
    ...(await asRoot("losetup", "--list", "--noheadings")).split("\n").filter((line) => line.includes(`${state}/`)),
  ];
}
