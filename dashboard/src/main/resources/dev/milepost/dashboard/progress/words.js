// Numbers and times for people.

const whole = new Intl.NumberFormat('en');
const short = new Intl.NumberFormat('en', {maximumFractionDigits: 1});

/** Returns whether units are bytes, which are shown as kB, MB and so on. */
export const isBytes = (unit) => /^(bytes?|B)$/i.test(unit);

/** Returns a number of units for people. 64-bit numbers are strings in JSON. */
export function count(value, unit) {
  if (!isBytes(unit)) {
    return whole.format(BigInt(value));
  }
  const steps = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB'];
  let amount = Number(value);
  let step = 0;
  while (amount >= 1000 && step < steps.length - 1) {
    amount /= 1000;
    step++;
  }
  return `${short.format(amount)} ${steps[step]}`;
}

/** Returns the name of units after their number: "files", but "file" after 1. */
export function unitFor(value, unit) {
  if (Number(value) !== 1 || !/[a-z]s$/.test(unit) || /(ss|us|is)$/.test(unit)) {
    return unit;
  }
  return unit.replace(/(?:([^aeiou])ies|(ch|sh|x|z|ss)es|s)$/, (_, y, es) => (y ? `${y}y` : (es ?? '')));
}

/** Returns a time span, in seconds, in at most two units. */
export function span(seconds) {
  const all = Math.max(0, Math.round(seconds));
  const parts = [[Math.floor(all / 86_400), 'd'], [Math.floor(all / 3600) % 24, 'h'], [Math.floor(all / 60) % 60, 'm'], [all % 60, 's']];
  const first = parts.findIndex(([value]) => value > 0);
  return first < 0 ? 'less than 1 s' : parts.slice(first, first + 2).filter(([value]) => value > 0).map(([value, unit]) => `${value} ${unit}`).join(' ');
}

/** Returns a guessed time, which is rounded: nobody knows it to the second. */
export function guess(seconds) {
  const step = seconds < 60 ? 5 : seconds < 600 ? 30 : seconds < 7200 ? 60 : 3600;
  return `about ${span(Math.max(step, Math.round(seconds / step) * step))} left`;
}

/** Returns a rate, which is recent units per second. */
export function speed(rate, unit) {
  if (isBytes(unit)) {
    return `${count(Math.round(rate), unit)}/s`;
  }
  const [amount, per] = rate >= 1 ? [rate, 's'] : rate * 60 >= 1 ? [rate * 60, 'min'] : [rate * 3600, 'h'];
  return `${amount < 10 ? short.format(amount) : whole.format(Math.round(amount))}/${per}`;
}

/** Returns the seconds of a duration in JSON, such as "1.5s". */
export const seconds = (duration) => Number.parseFloat(duration);
