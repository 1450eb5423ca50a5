import { LitElement, html, nothing } from "lit";
import { base } from "../base/styles.js";
import { styles } from "./styles.js";
import { Refresh } from "../../app/refresh.js";
import { href } from "../../app/links.js";
import { count, duration, plural, seconds } from "../../app/format.js";
import { short, stateOf, title } from "../../app/states.js";
import "../error/mp-error.js";
import "../state/mp-state.js";
import "../throughput/mp-throughput.js";
import "../time/mp-time.js";

const INTERVAL_MS = 5000;
const ATTENTION = 8;
const HOUR_MS = 3_600_000;
const COUNTED = ["RUNNING", "QUEUED", "CANCELLING", "SUCCEEDED", "FAILED", "CANCELLED"];
const PERIODS = ["minute", "hour", "24 hours"];
const EVENTS = [
  ["createdCount", "created"],
  ["claimedCount", "started"],
  ["succeededCount", "succeeded"],
  ["failedCount", "failed"],
  ["cancelledCount", "cancelled"],
];

/** What is failing, what is stuck, since when, and who works: without a click. */
export class MpOverview extends LitElement {
  static properties = { context: { attribute: false }, seen: { state: true }, failure: { state: true } };

  static styles = [base, styles];

  constructor() {
    super();
    new Refresh(this, INTERVAL_MS);
  }

  async refresh(signal) {
    const { client, session } = this.context;
    const since = new Date(Date.now() - HOUR_MS).toISOString();
    const search = (filter, orderBy) =>
      client.post("/v1/jobs:search", { filter, orderBy, pageSize: ATTENTION, view: "JOB_VIEW_BASIC" }, signal);
    const groups = (filter, groupBy) => client.post("/v1/jobs:count", { filter, groupBy }, signal);
    const forOperators = (path) => (session.isOperator ? client.get(path, {}, signal) : Promise.resolve(null));
    try {
      const [states, failed, stalled, failedCount, queued, stats, workers] = await Promise.all([
        groups({}, ["JOB_GROUP_STATE"]),
        search({ states: ["JOB_STATE_FAILED"], endTimeFrom: since }),
        search({ states: ["JOB_STATE_RUNNING"], health: "JOB_HEALTH_STALLED" }),
        groups({ states: ["JOB_STATE_FAILED"], endTimeFrom: since }, []).catch(() => null),
        groups({ states: ["JOB_STATE_QUEUED"] }, ["JOB_GROUP_TYPE"]),
        forOperators("/v1/stats"),
        forOperators("/v1/workers"),
      ]);
      this.seen = { states, failed, stalled, failedCount, queued, stats, workers: workers?.workers ?? [] };
      this.failure = undefined;
    } catch (error) {
      if (error.name !== "AbortError") {
        this.failure = error;
      }
    }
  }

  render() {
    const { seen } = this;
    return html`<section data-view="overview">
      <h1 tabindex="-1">Overview</h1>
      ${this.failure ? html`<mp-error .error=${this.failure}></mp-error>` : nothing}
      ${seen
        ? html`${this.#counters(seen)}
            <div class="columns">
              ${this.#attention(seen)} ${this.#waiting(seen)} ${this.context.session.isOperator ? this.#workers(seen) : nothing}
            </div>
            ${seen.stats ? this.#throughput(seen.stats) : nothing}`
        : nothing}
    </section>`;
  }

  #counters({ states, failedCount, stalled, stats }) {
    const counts = Object.fromEntries((states.counts ?? []).map((one) => [short(one.state), one.count]));
    const oldest = seconds(stats?.oldestClaimableAge);
    const stuck = stalled.jobs?.length ?? 0;
    return html`<ul class="counters" aria-label="Jobs by state">
      ${COUNTED.filter((state) => state !== "CANCELLING" || counts[state]).map(
        (state) => html`<li>
          <a href=${href("jobs", "", { state })}>
            <mp-state .state=${state}></mp-state>
            <span class="number numeric">${count(counts[state] ?? 0)}</span>
            <span class="quiet small">${state === "QUEUED" && oldest > 0
              ? `oldest ${duration(oldest)}`
              : state === "FAILED" && failedCount
                ? `${count(failedCount.total ?? 0)} in the last hour`
                : state === "RUNNING" && stuck
                  ? `${count(stuck)}${stalled.nextPageToken ? "+" : ""} stalled`
                  : ""}</span>
          </a>
        </li>`,
      )}
    </ul>`;
  }

  #attention({ failed, stalled }) {
    const jobs = [...(stalled.jobs ?? []), ...(failed.jobs ?? [])].slice(0, ATTENTION);
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

  #waiting({ queued, workers }) {
    const types = (queued.counts ?? []).slice(0, ATTENTION);
    const isOperator = this.context.session.isOperator;
    return html`<div>
      <h2>Waiting</h2>
      ${types.length
        ? html`<ul class="rows two">
            ${types.map(({ type, count: number }) => {
              const able = new Set(workers.filter((one) => !one.types?.length || one.types.includes(type)).map((one) => one.workerId)).size;
              return html`<li>
                <a class="cut" dir="auto" href=${href("jobs", "", { state: "QUEUED", type })}>${type}</a>
                <span class="numeric">${count(number)}</span>
                ${isOperator
                  ? able
                    ? html`<span class="quiet">${plural(able, "worker")}</span>`
                    : html`<span class="none">no worker</span>`
                  : nothing}
              </li>`;
            })}
          </ul>`
        : html`<p class="quiet">No job waits.</p>`}
    </div>`;
  }

  #workers({ workers: asking }) {
    const workers = byName(asking);
    return html`<div>
      <h2>Workers</h2>
      ${workers.length
        ? html`<ul class="rows two">
            ${workers.slice(0, ATTENTION).map((one) => html`<li>
              <span class="cut" dir="auto" title=${(one.types ?? []).join(", ")}>${one.workerId}</span>
              <span class="quiet">${one.waiting ? "waits" : one.heldJobCount ? plural(one.heldJobCount, "job") : "away"}</span>
              <mp-time class="quiet" .time=${one.lastSeenTime}></mp-time>
            </li>`)}
          </ul>
          ${workers.length > ATTENTION ? html`<p class="quiet">and ${workers.length - ATTENTION} more</p>` : nothing}`
        : html`<p class="quiet">No worker has asked for jobs in the last 24 hours.</p>`}
    </div>`;
  }

  #throughput(stats) {
    return html`<div class="throughput" tabindex="0" role="region" aria-labelledby="throughput">
      <h2 id="throughput">Throughput</h2>
      <mp-throughput .history=${stats.history ?? []} .router=${this.context.router}></mp-throughput>
      <table>
        <thead>
          <tr><th scope="col" class="quiet">in the last</th>${EVENTS.map(([, word]) => html`<th scope="col">${word}</th>`)}</tr>
        </thead>
        <tbody>
          ${(stats.periods ?? []).map((period, i) => html`<tr>
            <th scope="row">${PERIODS[i] ?? period.length}</th>
            ${EVENTS.map(([field]) => html`<td class="numeric ${Number(period[field] ?? 0) ? "" : "quiet"}">${count(period[field] ?? 0)}</td>`)}
          </tr>`)}
        </tbody>
      </table>
    </div>`;
  }
}

/** A worker that has asked for something else before is listed as often: here once, as it is now. */
function byName(workers) {
  const found = new Map();
  for (const one of workers) {
    const key = `${one.tenantId} ${one.workerId}`;
    const known = found.get(key);
    if (!known || known.lastSeenTime < one.lastSeenTime) {
      found.set(key, { ...one, waiting: one.waiting || known?.waiting });
    }
  }
  return [...found.values()].sort((one, other) => (one.lastSeenTime < other.lastSeenTime ? 1 : -1));
}

customElements.define("mp-overview", MpOverview);
