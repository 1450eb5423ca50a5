export const QUARTER_S = 900;
const QUARTERS = 96;

/**
 * Makes of the quarters of an hour in which something happened what a chart of stacked areas needs:
 * one value for each quarter of the last 24 hours. The server leaves out those without events.
 *
 * @returns `data` (times in seconds, then for each field the sum of it and of those after it) and
 *     `counts` (for each field its own numbers)
 */
export function stacked(history, fields, now) {
  const last = Math.floor(now / 1000 / QUARTER_S) * QUARTER_S;
  const times = Array.from({ length: QUARTERS }, (_, i) => last - (QUARTERS - 1 - i) * QUARTER_S);
  const byTime = new Map(history.map((one) => [Date.parse(one.startTime) / 1000, one]));
  const counts = fields.map((field) => times.map((time) => Number(byTime.get(time)?.[field] ?? 0)));
  const sums = counts.map((_, i) => times.map((_time, at) => counts.slice(i).reduce((sum, one) => sum + one[at], 0)));
  return { data: [times, ...sums], counts };
}
