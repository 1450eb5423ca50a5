// Numbers and times as text. What is unknown is an empty text, never 0.

const COUNT = new Intl.NumberFormat("en-US");
const SHORT = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 3, notation: "compact" });
const EXACT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3 });
const ZONE = new Intl.DateTimeFormat(undefined).resolvedOptions().timeZone;
const BYTES = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

/** Returns a number of things, grouped by thousands. */
export function count(value) {
  return value === undefined || value === null ? "" : COUNT.format(Number(value));
}

/** Returns a size in bytes. */
export function bytes(value) {
  let size = Number(value);
  let unit = 0;
  while (size >= 1024 && unit < BYTES.length - 1) {
    size /= 1024;
    unit++;
  }
  return `${unit === 0 ? size : size.toFixed(size < 10 ? 1 : 0)} ${BYTES[unit]}`;
}

/** Returns an amount of units: bytes as sizes. */
export function amount(value, unit) {
  return unit === "bytes" ? bytes(value) : count(value);
}

/** Returns a rate in units per second. */
export function rate(value, unit) {
  if (!value || !Number.isFinite(value)) {
    return "";
  }
  return `${unit === "bytes" ? bytes(value) : SHORT.format(value)}/s`;
}

/** Returns "1 job" or "2 jobs". */
export function plural(value, one, many = `${one}s`) {
  return `${count(value)} ${Number(value) === 1 ? one : many}`;
}

/** Returns milliseconds of a time as the server writes it; NaN if there is none. */
export function millis(time) {
  return time ? Date.parse(time) : Number.NaN;
}

/** Returns the seconds of a duration as the server writes it, such as "1.5s". */
export function seconds(text) {
  return text ? Number.parseFloat(text) : Number.NaN;
}

/** Returns a duration in its two largest units. */
export function duration(value) {
  if (!Number.isFinite(value)) {
    return "";
  }
  const total = Math.max(0, value);
  if (total < 1) {
    return total < 0.001 ? "0 s" : `${Math.round(total * 1000)} ms`;
  }
  if (total < 10) {
    return `${(Math.floor(total * 10) / 10).toString()} s`;
  }
  const whole = Math.floor(total);
  const parts = [
    [Math.floor(whole / 86400), "d"],
    [Math.floor(whole / 3600) % 24, "h"],
    [Math.floor(whole / 60) % 60, "m"],
    [whole % 60, "s"],
  ];
  const first = parts.findIndex(([part]) => part > 0);
  return parts
    .slice(first, first + 2)
    .filter(([part]) => part > 0)
    .map(([part, unit]) => `${part} ${unit}`)
    .join(" ");
}

/** Returns a duration in its largest unit. */
export function about(value) {
  if (!Number.isFinite(value)) {
    return "";
  }
  const total = Math.max(0, value);
  return total < 60
    ? `${Math.round(total)} s`
    : total < 5400
      ? `${Math.round(total / 60)} m`
      : total < 172800
        ? `${Math.round(total / 3600)} h`
        : `${Math.round(total / 86400)} d`;
}

/** Returns how long ago a time is, or how far ahead. */
export function relative(time, now = Date.now()) {
  const past = (now - millis(time)) / 1000;
  if (Number.isNaN(past)) {
    return "";
  }
  if (past < -1) {
    return `in ${about(-past)}`;
  }
  return past < 5 ? "now" : `${about(past)} ago`;
}

/** Returns a time in full, with the zone that it is in. */
export function exact(time) {
  return time ? `${EXACT.format(new Date(time))} (${ZONE})` : "";
}

/** Returns the time of day, to the millisecond. */
export function clock(time) {
  return time ? CLOCK.format(new Date(time)) : "";
}
