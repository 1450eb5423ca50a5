import { Chart } from "../chart/chart.js";
import { lastDay } from "../chart/quarters.js";
import { about, count, duration, seconds } from "../../app/format.js";

const LINES = [
  { field: "runDurations", of: "p95", word: "run 95 %", color: "running", dash: [4, 4] },
  { field: "runDurations", of: "median", word: "run median", color: "running" },
  { field: "queueDurations", of: "median", word: "wait median", color: "queued" },
];

/** Steps of an axis that read well as durations, in seconds. */
const STEPS = [0.001, 0.01, 0.1, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400, 43_200, 86_400, 432_000];

/** How long jobs ran that ended in the last 24 hours, and how long they had waited. */
export class MpDurations extends Chart {
  static properties = { day: { attribute: false } };

  get colors() {
    return LINES.map(({ color }) => color);
  }

  get axis() {
    return { least: 0.01, options: { size: 56, incrs: STEPS, values: (_chart, marks) => marks.map((mark) => (mark ? short(mark) : "0")) } };
  }

  get filter() {
    return { state: ["SUCCEEDED", "FAILED"] };
  }

  label() {
    const { runDurations, queueDurations } = this.day ?? {};
    const words = [
      runDurations && `${count(runDurations.count)} jobs ran for ${duration(seconds(runDurations.median))}, 95 % for at most ${duration(seconds(runDurations.p95))}`,
      queueDurations && `they had waited for ${duration(seconds(queueDurations.median))}`,
    ].filter(Boolean);
    return `Durations in the last 24 hours, medians: ${words.join("; ") || "none"}`;
  }

  data() {
    const { times, at } = lastDay(this.history ?? [], Date.now());
    // null leaves a gap: nothing has ended then.
    const value = (quarter, { field, of }) => (quarter?.[field] ? seconds(quarter[field][of]) : null);
    return [times, ...LINES.map((line) => at.map((quarter) => value(quarter, line)))];
  }

  series(colors) {
    return LINES.map(({ word, dash }, i) => ({
      label: word,
      stroke: colors[i],
      dash,
      width: 1.5,
      points: { show: true, size: 4, fill: colors[i], filter: alone },
      value: (_chart, time) => (time === null || time === undefined ? "" : duration(time)),
    }));
  }
}

/** A value between two gaps has no line: it needs a point. */
function alone(chart, series) {
  const values = chart.data[series];
  const isGap = (at) => values[at] === null || values[at] === undefined;
  return [...values.keys()].filter((at) => !isGap(at) && isGap(at - 1) && isGap(at + 1));
}

function short(mark) {
  return mark < 1 ? duration(mark) : about(mark);
}

customElements.define("mp-durations", MpDurations);
