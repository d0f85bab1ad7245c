import { type Ask, type Reading, read } from "../verify/answers";
import type { Landmark } from "../verify/wanted";
import type { Measured } from "./measured";

/** Light in fibre travels 200 km in a millisecond, so 100 km there and back (refractive index of glass about 1.5). */
const kilometresPerMillisecond = 100;

/** How far away from each landmark a node can be at most. A round trip can be made longer, never shorter. */
export function measuredLandmarks(node: string, landmarks: readonly Landmark[], ask: Ask): Measured["landmarks"] {
  const took = read(ask("roundTrips"), roundTrips);
  return landmarks.map(({ name, address, port }) => {
    const roundTripMicroseconds = of(took, `${address}:${port}`);
    return {
      ...{ node, name, address: `${address}:${port}`, roundTripMicroseconds },
      atMostKilometres:
        "value" in roundTripMicroseconds
          ? Math.ceil((roundTripMicroseconds.value / 1000) * kilometresPerMillisecond)
          : null,
    };
  });
}

/** Of `round-trips.py`: a line `10.20.0.3:22 412` for each, 0 for no answer. */
function roundTrips(text: string): ReadonlyMap<string, number> {
  const lines = text.split("\n").filter((line) => line !== "");
  return new Map(lines.map((line) => [line.split(" ")[0] ?? "", Number(line.split(" ")[1])] as const));
}

function of(took: Reading<ReadonlyMap<string, number>>, landmark: string): Reading<number> {
  if ("unreadable" in took) return took;
  const microseconds = took.value.get(landmark) ?? 0;
  return microseconds > 0 ? { value: microseconds } : { unreadable: "it did not answer" };
}
