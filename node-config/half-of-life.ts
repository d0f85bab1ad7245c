/** Another text in each half of the life of a certificate: what depends on it is made again before that ends. */
export function halfOfLife(days: number, now: Date): string {
  return `period ${Math.floor(now.getTime() / ((days / 2) * 24 * 3600 * 1000))}`;
}
