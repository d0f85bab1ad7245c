import type { Distribution } from "./measured";

/** Percentile of numbers that are sorted, linear between neighbours. `part` is between 0 and 1. */
export function quantile(sorted: readonly number[], part: number): number {
  const at = (sorted.length - 1) * part;
  const [low, high] = [sorted[Math.floor(at)] ?? Number.NaN, sorted[Math.ceil(at)] ?? Number.NaN];
  return low + (high - low) * (at - Math.floor(at));
}

/** @throws Error where there are no numbers */
export function distribution(values: readonly number[]): Distribution {
  if (values.length === 0) throw new Error("nothing was measured");
  const sorted = [...values].sort((a, b) => a - b);
  const [least, p50, p90, p99, most] = [0, 0.5, 0.9, 0.99, 1].map((part) => rounded(quantile(sorted, part)));
  return { count: values.length, least, p50, p90, p99, most } as Distribution;
}

export function median(values: readonly number[]): number {
  return quantile(
    [...values].sort((a, b) => a - b),
    0.5,
  );
}

export function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** To three places: none of these measurements has more. */
export function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
