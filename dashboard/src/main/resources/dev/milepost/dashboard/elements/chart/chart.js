import { LitElement, html } from "lit";
import { base } from "../base/styles.js";
import { styles } from "./styles.js";
import { plot } from "./plot.js";
import { QUARTER_S } from "./quarters.js";
import { href } from "../../app/links.js";

const HEIGHT = 160;

const TIME_OF_DAY = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });

function timeOfDay(seconds) {
  return TIME_OF_DAY.format(new Date(seconds * 1000));
}

/**
 * A chart of the last 24 hours by quarter of an hour; a click leads to the jobs that ended in one.
 * Subclasses say what is drawn: `colors` (class names, whose colors the style sheet has), `label()`,
 * `data()`, `series(colors)`, `axis` and `filter` (parameters of the list).
 */
export class Chart extends LitElement {
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
    return html`<div class="chart" role="img" aria-label=${this.label()}></div>
      ${this.colors.map((name) => html`<i class=${name}></i>`)}`;
  }

  async updated() {
    let loaded;
    try {
      loaded = await plot();
    } catch {
      return; // the numbers beside are complete; the next change tries again
    }
    const { Plot, sheet } = loaded;
    if (!this.isConnected) {
      return;
    }
    const adopted = this.renderRoot.adoptedStyleSheets;
    if (!adopted.includes(sheet)) {
      this.renderRoot.adoptedStyleSheets = [sheet, ...adopted];
    }
    const data = this.data();
    const colors = this.#resolved();
    if (this.#chart && colors === this.#colors) {
      this.#chart.setData(data);
      return;
    }
    this.#chart?.destroy();
    this.#colors = colors;
    this.#chart = new Plot(this.#options(colors.split("|")), data, this.renderRoot.querySelector(".chart"));
    this.#chart.over.addEventListener("click", () => this.#open(this.#chart.cursor.idx));
  }

  /** A canvas knows no custom properties: returns the colors as they are in this theme. */
  #resolved() {
    const of = (element) => getComputedStyle(element).color;
    return [...this.renderRoot.querySelectorAll("i")].map(of).concat(of(this.renderRoot.querySelector(".chart"))).join("|");
  }

  #options(colors) {
    const axis = { stroke: colors.at(-1), grid: { show: false }, ticks: { show: false }, font: "12px system-ui" };
    return {
      width: this.clientWidth,
      height: HEIGHT,
      legend: { live: true },
      cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
      scales: { y: { range: (_chart, _min, max) => [0, Math.max(this.axis.least, max ?? 0)] } },
      axes: [{ ...axis, values: (_chart, times) => times.map(timeOfDay) }, { ...axis, ...this.axis.options }],
      series: [
        { label: "from", value: (_chart, time) => (time === null ? "" : timeOfDay(time)) },
        ...this.series(colors).map((one) => ({ width: 1, points: { show: false }, ...one })),
      ],
    };
  }

  #open(index) {
    const start = index === null || index === undefined ? undefined : this.#chart.data[0][index];
    if (start !== undefined) {
      const time = (seconds) => new Date(seconds * 1000).toISOString();
      this.router.go(href("jobs", "", { ...this.filter, "ended-from": time(start), "ended-until": time(start + QUARTER_S) }));
    }
  }
}
