import type { Reading } from "../verify/answers";
import type { Leg, Measured, MeasuredPath } from "./measured";
import { distribution, mean, median, rounded, sum } from "./statistics";

/** What `path.py` printed for one measurement. */
interface Counted {
  readonly bytes: number;
  readonly seconds: number;
  readonly microseconds: readonly number[];
  readonly segments: number;
  readonly retransmits: number;
}

type Place = "host" | "pod";

type LegOutput = { readonly of: Place; readonly round: number } & (
  | { readonly send: Counted; readonly ask: Counted }
  | { readonly problem: string }
);

/** What `path.sh` printed on the node that measures. */
export interface PathOutput {
  readonly legs: readonly LegOutput[];
  readonly pathMtu: number;
  readonly dns: readonly {
    readonly server: string;
    readonly asked: number;
    readonly microseconds: readonly number[];
  }[];
}

export function measuredPath(from: string, to: string, output: Reading<PathOutput>): MeasuredPath {
  if ("unreadable" in output) {
    return { from, to, host: output, pod: output, rounds: [], mtu: output };
  }
  const { legs, pathMtu } = output.value;
  return {
    from,
    to,
    host: legOf(legs, "host"),
    pod: legOf(legs, "pod"),
    rounds: rounds(legs),
    mtu: { value: pathMtu },
  };
}

export function measuredDns(node: string, { dns }: Pick<PathOutput, "dns">): Measured["dns"] {
  return dns.map(({ server, asked, microseconds }) => ({
    node,
    server,
    asked,
    answered: microseconds.length,
    answerMicroseconds: microseconds.length > 0 ? distribution(microseconds) : null,
  }));
}

function legOf(legs: readonly LegOutput[], place: Place): Reading<Leg> {
  const own = legs.filter((leg) => leg.of === place);
  const good = own.flatMap((leg) => ("send" in leg ? [leg] : []));
  const roundTrips = good.flatMap(({ ask }) => ask.microseconds);
  const failed = own.flatMap((leg) => ("problem" in leg ? [leg.problem] : []));
  // One leg of several that failed is a finding itself, so the others are not taken for the whole.
  if (failed[0] !== undefined || roundTrips.length === 0) {
    return { unreadable: failed[0] ?? "no small message came back" };
  }
  return {
    value: {
      roundTripMicroseconds: distribution(roundTrips),
      throughputMbits: distribution(good.map(({ send }) => mbits(send))),
      segments: sum(good.map(({ ask }) => ask.segments)),
      retransmits: sum(good.map(({ ask }) => ask.retransmits)),
      bulkSegments: sum(good.map(({ send }) => send.segments)),
      bulkRetransmits: sum(good.map(({ send }) => send.retransmits)),
    },
  };
}

function mbits({ bytes, seconds }: Counted): number {
  return (8 * bytes) / 1e6 / seconds;
}

/** Pod over host in each turn of four legs; turns with a leg that failed say nothing. */
function rounds(legs: readonly LegOutput[]): MeasuredPath["rounds"] {
  return [...new Set(legs.map(({ round }) => round))].flatMap((round) => {
    const of = (place: Place) =>
      legs.flatMap((leg) => (leg.round === round && leg.of === place && "send" in leg ? [leg] : []));
    const [host, pod] = [of("host"), of("pod")];
    const answered = [...host, ...pod].every(({ ask }) => ask.microseconds.length > 0);
    if (host.length !== 2 || pod.length !== 2 || !answered) return [];
    const roundTrip = (some: typeof host) => mean(some.map(({ ask }) => median(ask.microseconds)));
    const throughput = (some: typeof host) => mean(some.map(({ send }) => mbits(send)));
    return [
      {
        roundTripRatio: rounded(roundTrip(pod) / roundTrip(host)),
        throughputRatio: rounded(throughput(pod) / Math.max(throughput(host), 0.001)),
      },
    ];
  });
}
