import { Chart } from "../chart/chart.js";
import { lastDay } from "../chart/quarters.js";
import { count } from "../../app/format.js";

// The one that is drawn over the others comes last.
const OUTCOMES = [
  { field: "cancelledCount", word: "cancelled" },
  { field: "failedCount", word: "failed" },
  { field: "succeededCount", word: "succeeded" },
];

/** Jobs that ended in the last 24 hours, by outcome, as stacked areas. */
export class MpThroughput extends Chart {
  #counts = [];

  get colors() {
    return OUTCOMES.map(({ word }) => word);
  }

  get axis() {
    const steps = [1, 2, 5].flatMap((one) => [0, 1, 2, 3, 4, 5, 6].map((power) => one * 10 ** power));
    return { least: 4, options: { size: 44, incrs: steps.sort((one, other) => one - other) } };
  }

  label() {
    const sum = (field) => (this.history ?? []).reduce((all, one) => all + Number(one[field] ?? 0), 0);
    const sums = OUTCOMES.map(({ field, word }) => `${count(sum(field))} ${word}`);
    return `Jobs that ended in the last 24 hours: ${sums.reverse().join(", ")}`;
  }

  data() {
    const { times, at } = lastDay(this.history ?? [], Date.now());
    this.#counts = OUTCOMES.map(({ field }) => at.map((quarter) => Number(quarter?.[field] ?? 0)));
    const sums = this.#counts.map((_, i) => times.map((_time, t) => this.#counts.slice(i).reduce((sum, one) => sum + one[t], 0)));
    return [times, ...sums];
  }

  /** Each area reaches down to the axis, so the highest one is drawn first. */
  series(colors) {
    return OUTCOMES.map(({ word }, i) => ({
      label: word,
      stroke: colors[i],
      fill: colors[i],
      value: (_chart, _sum, _series, index) => (index === null ? "" : count(this.#counts[i]?.[index] ?? 0)),
    }));
  }
}

customElements.define("mp-throughput", MpThroughput);
