import { LitElement, html } from "lit";
import { base } from "../base/styles.js";
import { styles } from "./styles.js";
import { plot } from "./plot.js";
import { QUARTER_S, stacked } from "./series.js";
import { href } from "../../app/links.js";
import { count } from "../../app/format.js";

const HEIGHT = 160;

// The one that is drawn over the others comes last.
const OUTCOMES = [
  { field: "cancelledCount", word: "cancelled" },
  { field: "failedCount", word: "failed" },
  { field: "succeededCount", word: "succeeded" },
];

const TIME_OF_DAY = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });

function timeOfDay(seconds) {
  return TIME_OF_DAY.format(new Date(seconds * 1000));
}

/** Jobs that ended in the last 24 hours, by outcome, as stacked areas; a click leads to their list. */
export class MpThroughput extends LitElement {
  static properties = { history: { attribute: false }, router: { attribute: false } };

  static styles = [base, styles];

  #chart;
  #colors;
  #resized = new ResizeObserver(() => this.#chart?.setSize({ width: this.clientWidth, height: HEIGHT }));

  connectedCallback() {
    super.connectedCallback();
    this.#resized.observe(this);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#resized.disconnect();
    this.#chart?.destroy();
    this.#chart = undefined;
  }

  render() {
    const sums = OUTCOMES.map(
      ({ field, word }) => `${count((this.history ?? []).reduce((sum, one) => sum + Number(one[field] ?? 0), 0))} ${word}`,
    );
    return html`<div class="chart" role="img" aria-label="Jobs that ended in the last 24 hours: ${sums.reverse().join(", ")}"></div>
      ${OUTCOMES.map(({ word }) => html`<i class=${word}></i>`)}`;
  }

  async updated() {
    let loaded;
    try {
      loaded = await plot();
    } catch {
      return; // the table beside has the sums; the next refresh tries again
    }
    const { Plot, sheet } = loaded;
    if (!this.isConnected) {
      return;
    }
    const adopted = this.renderRoot.adoptedStyleSheets;
    if (!adopted.includes(sheet)) {
      this.renderRoot.adoptedStyleSheets = [sheet, ...adopted];
    }
    const { data, counts } = stacked(this.history ?? [], OUTCOMES.map(({ field }) => field), Date.now());
    const colors = this.#resolved();
    if (this.#chart && colors === this.#colors) {
      this.#chart.counts = counts;
      this.#chart.setData(data);
      return;
    }
    this.#chart?.destroy();
    this.#colors = colors;
    this.#chart = new Plot(this.#options(colors.split("|")), data, this.renderRoot.querySelector(".chart"));
    this.#chart.counts = counts;
    this.#chart.over.addEventListener("click", () => this.#open(this.#chart.cursor.idx));
  }

  /** A canvas knows no custom properties: returns the colors as they are in this theme. */
  #resolved() {
    const of = (element) => getComputedStyle(element).color;
    return [...this.renderRoot.querySelectorAll("i")].map(of).concat(of(this.renderRoot.querySelector(".chart"))).join("|");
  }

  #options(colors) {
    const quiet = colors[colors.length - 1];
    const axis = { stroke: quiet, grid: { show: false }, ticks: { show: false }, font: "12px system-ui" };
    return {
      width: this.clientWidth,
      height: HEIGHT,
      legend: { live: true },
      cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
      scales: { y: { range: (_chart, _min, max) => [0, Math.max(4, max)] } },
      axes: [{ ...axis, values: (_chart, times) => times.map(timeOfDay) }, { ...axis, size: 44, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 50_000, 100_000, 500_000, 1_000_000] }],
      series: [
        { label: "from", value: (_chart, time) => (time === null ? "" : timeOfDay(time)) },
        // Each area reaches down to the axis, so the highest one is drawn first.
        ...OUTCOMES.map(({ word }, i) => ({
          label: word,
          stroke: colors[i],
          fill: colors[i],
          width: 1,
          points: { show: false },
          value: (chart, _sum, _series, index) => (index === null ? "" : count(chart.counts?.[i]?.[index] ?? 0)),
        })),
      ],
    };
  }

  #open(index) {
    const start = index === null || index === undefined ? undefined : this.#chart.data[0][index];
    if (start !== undefined) {
      const time = (seconds) => new Date(seconds * 1000).toISOString();
      this.router.go(href("jobs", "", { "ended-from": time(start), "ended-until": time(start + QUARTER_S) }));
    }
  }
}

customElements.define("mp-throughput", MpThroughput);
