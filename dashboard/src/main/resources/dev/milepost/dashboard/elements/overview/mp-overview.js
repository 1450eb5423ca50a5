import { LitElement, html, nothing } from "lit";
import { base } from "../base/styles.js";
import { styles } from "./styles.js";
import { href } from "../../app/links.js";
import { count, plural } from "../../app/format.js";
import { short, stateOf, title } from "../../app/states.js";
import { StatsStore } from "../../stores/stats-store.js";
import { StoreController } from "../../stores/store.js";
import "../durations/mp-durations.js";
import "../error/mp-error.js";
import "../live/mp-live.js";
import "../state/mp-state.js";
import "../throughput/mp-throughput.js";
import "../time/mp-time.js";

const ROWS = 8;
const COUNTED = ["RUNNING", "QUEUED", "CANCELLING", "SUCCEEDED", "FAILED", "CANCELLED"];
const PERIODS = ["minute", "hour", "24 hours"];
const EVENTS = [
  ["createdCount", "created"],
  ["claimedCount", "started"],
  ["succeededCount", "succeeded"],
  ["failedCount", "failed"],
  ["cancelledCount", "cancelled"],
];

/** What is failing, what is stuck, since when, and who works: without a click, by one stream. */
export class MpOverview extends LitElement {
  static properties = { context: { attribute: false } };

  static styles = [base, styles];

  #shown = new StoreController(this);
  #store = null;

  willUpdate() {
    this.#store ??= this.#shown.show(new StatsStore(this.context.client).start());
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#store?.close();
    this.#store = null;
  }

  render() {
    const store = this.#store;
    return html`<section data-view="overview">
      <div class="head">
        <h1 tabindex="-1">Overview</h1>
        <mp-live .state=${store.stream}></mp-live>
      </div>
      ${store.error ? html`<mp-error .error=${store.error}></mp-error>` : nothing}
      ${store.isKnown
        ? html`${this.#counters(store)}
            <div class="columns">
              ${this.#attention(store.attention)} ${this.#waiting(store.jobs)} ${store.workers ? this.#workers(store.workers) : nothing}
            </div>
            ${store.periods ? this.#activity(store) : nothing}`
        : nothing}
    </section>`;
  }

  #counters({ jobs, attention, periods }) {
    const counts = Object.fromEntries((jobs.stateCounts ?? []).map((one) => [short(one.state), one.count]));
    return html`<ul class="counters" aria-label="Jobs by state">
      ${COUNTED.filter((state) => state !== "CANCELLING" || counts[state]).map(
        (state) => html`<li>
          <a href=${href("jobs", "", { state })}>
            <mp-state .state=${state}></mp-state>
            <span class="number numeric">${count(counts[state] ?? 0)}</span>
            <span class="quiet small">${note(state, jobs, attention, periods)}</span>
          </a>
        </li>`,
      )}
    </ul>`;
  }

  #attention({ stalledJobs = [], failedJobs = [] }) {
    const jobs = [...stalledJobs, ...failedJobs].slice(0, ROWS);
    return html`<div class="wide">
      <h2>Needs attention</h2>
      ${jobs.length
        ? html`<ul class="rows">${jobs.map((job) => this.#trouble(job))}</ul>
            <p><a href=${href("jobs", "", { state: "FAILED" })}>All failed jobs</a></p>`
        : html`<p class="quiet">Nothing: no job is stalled, and none has failed in the last hour.</p>`}
    </div>`;
  }

  #trouble(job) {
    const state = stateOf(job);
    const status = job.status ?? {};
    const since = state === "STALLED" ? (status.progress?.lastProgressTime ?? status.startTime) : status.endTime;
    return html`<li data-job=${job.id}>
      <mp-state .state=${state}></mp-state>
      <a class="cut" dir="auto" href=${href("jobs", job.id)}>${title(job)}</a>
      <span class="cut quiet" dir="auto">${state === "STALLED" ? `no word from ${status.workerId}` : (status.error?.message ?? "")}</span>
      <span class="cut quiet who" dir="auto">${job.userId}</span>
      <mp-time class="quiet" .time=${since}></mp-time>
    </li>`;
  }

  #waiting({ queuedTypes = [], omittedTypeCount = 0 }) {
    const more = queuedTypes.length - ROWS + omittedTypeCount;
    return html`<div>
      <h2>Waiting</h2>
      ${queuedTypes.length
        ? html`<ul class="rows two">
              ${queuedTypes.slice(0, ROWS).map(({ type, queuedCount, workerCount }) => html`<li>
                <a class="cut" dir="auto" href=${href("jobs", "", { state: "QUEUED", type })}>${type}</a>
                <span class="numeric">${count(queuedCount)}</span>
                ${workerCount === undefined
                  ? nothing
                  : workerCount
                    ? html`<span class="quiet">${plural(workerCount, "worker")}</span>`
                    : html`<span class="none">no worker</span>`}
              </li>`)}
            </ul>
            ${more > 0 ? html`<p class="quiet">and ${plural(more, "more type")}</p>` : nothing}`
        : html`<p class="quiet">No job waits.</p>`}
    </div>`;
  }

  #workers({ workers = [], knownCount = 0 }) {
    return html`<div>
      <h2>Workers</h2>
      ${workers.length
        ? html`<ul class="rows two">
              ${workers.slice(0, ROWS).map((one) => html`<li data-worker=${one.workerId}>
                <span class="cut" dir="auto" title=${(one.types ?? []).join(", ")}>${one.workerId}</span>
                <span class="quiet numeric">${busy(one)}</span>
                ${one.waiting ? html`<span class="quiet">waits</span>` : html`<mp-time class="quiet" .time=${one.lastSeenTime}></mp-time>`}
              </li>`)}
            </ul>
            ${knownCount > ROWS ? html`<p class="quiet">and ${count(knownCount - ROWS)} more</p>` : nothing}`
        : html`<p class="quiet">No worker has asked for jobs in the last 24 hours.</p>`}
    </div>`;
  }

  #activity({ periods, history }) {
    const router = this.context.router;
    return html`<div class="charts">
        <div>
          <h2>Throughput</h2>
          <mp-throughput .history=${history} .router=${router}></mp-throughput>
        </div>
        <div>
          <h2>Durations</h2>
          <mp-durations .history=${history} .day=${periods[2]} .router=${router}></mp-durations>
        </div>
      </div>
      <div class="sums" tabindex="0" role="region" aria-label="What has happened">
        <table>
          <thead>
            <tr>
              <th scope="col" class="quiet">in the last</th>
              ${EVENTS.map(([, word]) => html`<th scope="col">${word}</th>`)}
            </tr>
          </thead>
          <tbody>
            ${periods.map((period, i) => html`<tr>
              <th scope="row">${PERIODS[i] ?? period.length}</th>
              ${EVENTS.map(([field]) => html`<td class="numeric ${Number(period[field] ?? 0) ? "" : "quiet"}">${count(period[field] ?? 0)}</td>`)}
            </tr>`)}
          </tbody>
        </table>
      </div>`;
  }
}

/** What one wants to know of a state besides its number. */
function note(state, jobs, attention, periods) {
  if (state === "QUEUED" && jobs.oldestClaimableTime) {
    return html`oldest <mp-time .time=${jobs.oldestClaimableTime}></mp-time>`;
  }
  if (state === "FAILED") {
    const failed = periods ? count(periods[1].failedCount ?? 0) : some(attention.failedJobs, attention.hasMoreFailed);
    return `${failed} in the last hour`;
  }
  if (state === "RUNNING" && attention.stalledJobs?.length) {
    return `${some(attention.stalledJobs, attention.hasMoreStalled)} stalled`;
  }
  return "";
}

function some(jobs, hasMore) {
  return `${count(jobs?.length ?? 0)}${hasMore ? "+" : ""}`;
}

/** How busy a worker is, as far as it is known. */
function busy({ heldJobCount, capacity, waiting }) {
  if (heldJobCount === undefined) {
    return "";
  }
  if (capacity) {
    return `${count(heldJobCount)} of ${count(capacity)} busy`;
  }
  return heldJobCount ? `${count(heldJobCount)} busy` : waiting ? "idle" : "away";
}

customElements.define("mp-overview", MpOverview);
