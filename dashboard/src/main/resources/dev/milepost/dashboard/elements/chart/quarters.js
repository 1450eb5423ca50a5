export const QUARTER_S = 900;
const QUARTERS = 96;

/**
 * Returns the quarters of an hour of the last 24 hours: `times` in seconds, and `at`, what the server
 * says of each; undefined where nothing has happened, which it leaves out.
 */
export function lastDay(history, now) {
  const last = Math.floor(now / 1000 / QUARTER_S) * QUARTER_S;
  const times = Array.from({ length: QUARTERS }, (_, i) => last - (QUARTERS - 1 - i) * QUARTER_S);
  const byTime = new Map(history.map((one) => [Date.parse(one.startTime) / 1000, one]));
  return { times, at: times.map((time) => byTime.get(time)) };
}
