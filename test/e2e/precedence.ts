import { initOf, inside } from "../../tools/lab/machine-processes";
import { namespaces } from "../../tools/lab/namespaces";
import { namespaceOf } from "../../tools/lab/plan";

/**
 * Gives the virtual machines of every other lab a lower CPU priority than this lab's, or restores it: two emulated
 * clusters on two processors miss deadlines that cannot be configured. Sets the nice value of autogroups (sched(7)):
 * every virtual machine is one, and between autogroups the nice values of processes have no effect.
 */
export async function letOthersWait(lab: string, waiting: boolean): Promise<void> {
  const nice = waiting ? 5 : 0; // about a third of the default CPU weight
  for (const other of await otherLabs(lab)) {
    const write = `for pid in $(pgrep --full ^/usr/bin/qemu-system); do echo ${nice} >/proc/$pid/autogroup; done`;
    await inside(other, "hypervisor", "bash", "-euc", `[[ ! -e /proc/self/autogroup ]] || ${write}`);
  }
}

async function otherLabs(lab: string): Promise<string[]> {
  const [before, after] = namespaceOf("*", "hypervisor").split("*") as [string, string];
  const labs = (await namespaces())
    .filter((name) => name.startsWith(before) && name.endsWith(after))
    .map((name) => name.slice(before.length, -after.length));
  const running = await Promise.all(labs.map((name) => initOf(name, "hypervisor")));
  return labs.filter((name, i) => name !== lab && running[i] !== undefined);
}
