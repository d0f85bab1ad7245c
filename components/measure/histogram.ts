import type { Latency } from "./measured";
import { rounded } from "./statistics";

/** Upper ends of the buckets in seconds, `+Inf` last, with how many observations were no greater. */
export type Histogram = readonly { readonly upTo: number; readonly count: number }[];

/** A histogram of Prometheus' text format by its name. @throws Error where the text has none */
export function histogramIn(text: string, name: string): Histogram {
  const line = new RegExp(`^${name}_bucket\\{le="([^"]+)"\\} (\\S+)$`, "gm");
  const buckets = [...text.matchAll(line)].map(([, upTo = "", count = ""]) => ({
    upTo: upTo === "+Inf" ? Number.POSITIVE_INFINITY : Number(upTo),
    count: Number(count),
  }));
  if (buckets.length === 0) throw new Error(`no ${name}`);
  return buckets.sort((a, b) => a.upTo - b.upTo);
}

/** What was observed between two readings. Counters that went back are of a process that started anew. */
export function since(before: Histogram, after: Histogram): Histogram {
  const isNew = after.some(({ count }, at) => count < (before[at]?.count ?? 0));
  return isNew ? after : after.map(({ upTo, count }, at) => ({ upTo, count: count - (before[at]?.count ?? 0) }));
}

export function observations(histogram: Histogram): number {
  return histogram.at(-1)?.count ?? 0;
}

/** In milliseconds, each bucket with its own observations. @throws Error where nothing was observed */
export function latency(histogram: Histogram): Latency {
  const count = observations(histogram);
  if (count === 0) throw new Error("nothing was written yet");
  return {
    count,
    p50Milliseconds: rounded(1000 * bucketQuantile(histogram, 0.5)),
    p99Milliseconds: rounded(1000 * bucketQuantile(histogram, 0.99)),
    buckets: histogram.map(({ upTo, count }, at) => ({
      upToMilliseconds: Number.isFinite(upTo) ? rounded(upTo * 1000) : null,
      count: count - (histogram[at - 1]?.count ?? 0),
    })),
  };
}

/** As Prometheus' histogram_quantile: linear inside a bucket; in the last one, its lower end. */
function bucketQuantile(histogram: Histogram, part: number): number {
  const rank = part * observations(histogram);
  const at = histogram.findIndex(({ count }) => count >= rank);
  const [bucket, below] = [histogram[at], histogram[at - 1] ?? { upTo: 0, count: 0 }];
  if (!bucket || !Number.isFinite(bucket.upTo)) return below.upTo;
  return below.upTo + (bucket.upTo - below.upTo) * ((rank - below.count) / (bucket.count - below.count));
}
