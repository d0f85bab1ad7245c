import type { Measured, Processor } from "./measured";
import { each, type Rule, type Seen, together } from "./rule";

/** A machine is taken for full when this much of its processors is busy, in at least a tenth of the seconds. */
const fullPercent = 90;
const fullSeconds = 0.1;
/** Of all processors of the machine, what neighbours have. */
const othersPercent = 25;

export const cpuTaken: Rule = {
  id: "cpu-taken",
  title: "Neighbours take processor time",
  reads: "CPU steal of each node, and what others than its nodes use of a host's processors, over the run",
  limit: `steal: the verification's limit; neighbours: ${othersPercent} % of a host that is over ${fullPercent} % busy in a tenth of the seconds`,
  source:
    "kjerne's own: the verification's limit for steal is 5 % outside of labs; a queue for processors grows where none is free",
  strength: "strong",
  cannotTell: "Which neighbour it is, unless you own the host; and whether it will be there tomorrow.",
  next: "on the hypervisor: top; on a rented machine: another host, or dedicated processors",
  look: (measured) => together(steal(measured), neighbours(measured)),
};

function steal({ nodes, wanted }: Measured): Seen {
  return each(
    nodes,
    ({ name }) => name,
    ({ processor }) => processor,
    ({ stealPercent, seconds }) =>
      stealPercent > wanted.stealPercent
        ? {
            found: `${stealPercent.toFixed(1)} % steal over ${seconds.toFixed(0)} s, at most ${wanted.stealPercent} % wanted`,
          }
        : undefined,
  );
}

function neighbours({ nodes, hypervisors }: Measured): Seen {
  const hosts = [...hypervisors, ...nodes.filter(({ container }) => container)];
  return each(
    hosts,
    ({ name }) => name,
    ({ processor }) => processor,
    (processor) => {
      const { othersPercent: others, processors } = processor;
      if (others === null || others < othersPercent || !isFull(processor)) return undefined;
      return { found: `others use ${others.toFixed(0)} % of the host's ${processors} processors, which are full` };
    },
  );
}

function isFull({ samples }: Processor): boolean {
  const full = samples.filter(({ busyPercent, stealPercent }) => busyPercent + stealPercent >= fullPercent);
  return samples.length > 0 && full.length >= samples.length * fullSeconds;
}
