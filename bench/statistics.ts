import { median, quantile } from "../components/measure/statistics";

/** 95 % interval of the median, by the percentiles of 10,000 bootstrap samples. The same values give the same. */
export function medianInterval(values: readonly number[]): { low: number; high: number; from: string } {
  const random = sequence();
  const sample = () => median(values.map(() => values[Math.floor(random() * values.length)] as number));
  const medians = Array.from({ length: 10_000 }, sample).sort((a, b) => a - b);
  const [low, high] = [medians[250], medians[9749]] as [number, number];
  return { low, high, from: `95 %, bootstrap of ${values.length}` };
}

/** What nine of ten exceed: of a cost that other things only add to, the cost itself. One alone may have missed a part of it. */
export function lowestTenth(values: readonly number[]): number {
  return quantile(
    [...values].sort((a, b) => a - b),
    0.1,
  );
}

/** 95 % interval of the ratio of two lowest tenths, likewise; the two have nothing to do with each other. */
export function ratioInterval(a: readonly number[], b: readonly number[]): { low: number; high: number; from: string } {
  const random = sequence();
  const sample = (values: readonly number[]) =>
    lowestTenth(values.map(() => values[Math.floor(random() * values.length)] as number));
  const ratios = Array.from({ length: 2_000 }, () => sample(a) / sample(b)).sort((one, other) => one - other);
  const [low, high] = [ratios[50], ratios[1949]] as [number, number];
  return { low, high, from: `95 %, bootstrap of ${a.length} and ${b.length}` };
}

/** Numbers from 0 to 1 that are the same in each run: Lehmer's generator (Park and Miller 1988). */
function sequence(): () => number {
  let state = 20_261_126;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
