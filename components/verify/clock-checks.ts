import type { Reading } from "./answers";
import { judge } from "./judge";
import type { ObservedNode } from "./observed-node";
import type { Check } from "./report";
import type { WantedNode } from "./wanted";

/**
 * How far a node's clock is ahead of the clock of the machine that verifies, in seconds: it lies between the two. They
 * are as far apart as the ssh session took to begin and to end.
 */
export interface ClockOffset {
  readonly least: number;
  readonly most: number;
}

/**
 * How far a node's clock is ahead, where it could be read.
 *
 * @param asked When the session was opened, by this machine's clock, in seconds since 1970; `answered`: when it ended.
 */
export function clockOffset(clock: ObservedNode["clock"], asked: number, answered: number): Reading<ClockOffset> {
  if ("unreadable" in clock) return clock;
  return { value: { least: clock.value.ended - answered, most: clock.value.began - asked } };
}

type Offsets = ReadonlyMap<string, Reading<ClockOffset>>;

/** etcd warns from a second on; certificates and leases suffer from minutes. Fails only for what is certain. */
export function clock(node: string, limitSeconds: number, offsets: Offsets): Check {
  const question = {
    id: "clock",
    title: "the clock is that of the other nodes and of the machine that verifies",
    node,
    wanted: `within ${limitSeconds} s`,
    next: "date -u; chronyc tracking; the same on the machine that verifies: its clock may be the wrong one",
  };
  return judge(question, offsets.get(node) ?? { unreadable: "not asked" }, (own) => {
    const here = ahead(own, { least: 0, most: 0 }, limitSeconds);
    const others = [...offsets].flatMap(([name, other]) =>
      name === node || "unreadable" in other ? [] : [{ name, ...other.value }],
    );
    const far = others.flatMap((other) => ahead(own, other, limitSeconds)?.concat(` ${other.name}'s`) ?? []);
    const faults = [
      ...(here ? [`${here} this machine's`] : []),
      // One wrong clock differs from all: only the node that differs from most is the wrong one.
      ...(far.length * 2 > others.length ? far.slice(0, 3) : []),
    ];
    return { found: faults.join("; ") || `within ${limitSeconds} s`, passed: faults.length === 0 };
  });
}

/** How far the one clock is certainly ahead of or behind the other, where that is more than the limit. */
function ahead(one: ClockOffset, other: ClockOffset, limit: number): string | undefined {
  const [least, most] = [one.least - other.most, one.most - other.least];
  if (least > limit) return `${spoken(least)} ahead of`;
  if (-most > limit) return `${spoken(-most)} behind`;
  return undefined;
}

function spoken(seconds: number): string {
  if (seconds < 120) return `${seconds.toFixed(1)} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

/** Whether somebody keeps the node's clock right: chrony with the servers of the settings, or the machine's own daemon. */
export function clockSynchronised(
  node: string,
  by: NonNullable<WantedNode["clock"]>,
  readings: { readonly chrony: Reading<string>; readonly kernelClock: Reading<boolean> },
): Check {
  const question = { id: "clock-synchronised", title: "the clock is synchronised", node, wanted: `by ${by}` };
  if (by === "kernel") {
    const next = "timedatectl; install chrony or systemd-timesyncd and give it a server";
    return judge({ ...question, wanted: "as the kernel says", next }, readings.kernelClock, (synchronised) => ({
      found: synchronised ? "synchronised" : "not synchronised",
      passed: synchronised,
    }));
  }
  const next = "chronyc sources; chronyc tracking; is a server of network.timeServers in reach (UDP port 123)?";
  return judge({ ...question, wanted: "as chrony says, with network.timeServers", next }, readings.chrony, (leap) => ({
    found: leap,
    passed: leap !== "Not synchronised",
  }));
}
