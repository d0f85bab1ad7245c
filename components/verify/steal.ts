/** First eight fields of /proc/stat's `cpu` line, proc(5); the eighth is steal. Guests are counted in the first. */
export function cpuTimes(text: string): number[] {
  const times = text.trim().split(/\s+/).slice(1, 9).map(Number);
  if (times.length !== 8 || times.some(Number.isNaN)) throw new Error(text.trim());
  return times;
}

/** What the host took away between two readings, in percent of all time. */
export function steal(before: number[], after: number[]): number {
  const spent = after.map((time, field) => time - (before[field] ?? 0));
  const all = spent.reduce((sum, time) => sum + time, 0);
  return all > 0 ? (100 * (spent[7] ?? 0)) / all : 0;
}
