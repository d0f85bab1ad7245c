import { initOf, inside } from "../../tools/lab/machine-processes";
import { namespaces } from "../../tools/lab/namespaces";
import { namespaceOf } from "../../tools/lab/plan";

/**
 * Lets the nodes of every other lab wait for the processor when this lab's want it, or takes that back: two emulated
 * clusters on two processors each miss deadlines that nobody can set. By the scheduler's automatic groups (sched(7)),
 * since every virtual machine is one, and among groups the nice values of processes count for nothing.
 */
export async function letOthersWait(lab: string, waiting: boolean): Promise<void> {
  const nice = waiting ? 5 : 0; // a third of the weight
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
