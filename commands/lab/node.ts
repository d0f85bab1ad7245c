import { claimedIndex } from "../../tools/lab/links";
import { cutPower, fillDisk, freeDisk, plug, restart, start, unplug } from "../../tools/lab/native/faults";
import { nodesOf } from "../../tools/lab/native/nodes";
import { type LabAddresses, labAddresses } from "../../tools/lab/plan";

interface Action {
  readonly what: string;
  readonly run: (lab: string, addresses: LabAddresses, node: string) => Promise<void>;
}

/** What `make lab-node` does to a node, by the word that DO takes. */
const actions: Readonly<Record<string, Action>> = {
  restart: { what: "reboot it, and wait until it answers", run: restart },
  "cut-power": { what: "end it at once, as when its power fails", run: (lab, _, node) => cutPower(lab, node) },
  start: { what: "start it again, and wait until it answers", run: start },
  unplug: { what: "pull its network cable", run: (lab, _, node) => unplug(lab, node) },
  plug: { what: "plug the cable in again", run: (lab, _, node) => plug(lab, node) },
  "fill-disk": { what: "fill its disk", run: (lab, _, node) => fillDisk(lab, node) },
  "free-disk": { what: "remove what fill-disk has written", run: (lab, _, node) => freeDisk(lab, node) },
};

/**
 * `make lab-node`: does something to one native node of a lab.
 *
 * @throws Error that says how the command is used, if there is no such node or action
 */
export async function doToNode(lab: string, node: string | undefined, what: string | undefined): Promise<void> {
  const nodes = await nodesOf(lab);
  const action = Object.entries(actions).find(([name]) => name === what)?.[1];
  if (!node || !nodes.includes(node) || !action) throw new Error(usage(lab, nodes, node, what));
  const index = await claimedIndex(lab);
  if (index === undefined) throw new Error(`lab ${lab} has no network; start it again (make lab LAB=${lab})`);
  await action.run(lab, labAddresses(index), node);
}

function usage(lab: string, nodes: readonly string[], node = "", what = ""): string {
  const mistakes = [
    ...(nodes.length === 0
      ? [`lab ${lab} has no native nodes; make lab LAB=other MACHINES=native makes one with them`]
      : []),
    ...(nodes.length > 0 && !nodes.includes(node)
      ? [`${node ? `NODE=${node}` : "NODE is missing"}: the native nodes of lab ${lab} are ${nodes.join(", ")}`]
      : []),
    ...(Object.keys(actions).includes(what) ? [] : [what ? `DO=${what}: there is no such action` : "DO is missing"]),
  ];
  const width = Math.max(...Object.keys(actions).map(({ length }) => length));
  const lines = Object.entries(actions).map(([name, action]) => `  DO=${name.padEnd(width)}  ${action.what}`);
  return [...mistakes, `make lab-node LAB=${lab} NODE=${nodes[0] ?? "cp1"} with one of`, ...lines].join("\n");
}
