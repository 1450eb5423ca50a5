import { LitElement, html, nothing } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { base } from "../base/styles.js";
import { styles } from "./styles.js";
import { href } from "../../app/links.js";
import { actions, isFinished, stateOf, title } from "../../app/states.js";
import { duration, seconds } from "../../app/format.js";
import { StoreController } from "../../stores/store.js";
import { left } from "../progress/mp-progress.js";
import "../progress/mp-progress.js";
import "../state/mp-state.js";
import "../time/mp-time.js";

/** Height of what stays at the top of the page. */
const HEADER_PX = 48;

/**
 * Rows of jobs. Sends "selection" when the selected ids have changed.
 *
 * @property store a JobListStore
 * @property newest address of the list that begins with the newest job
 * @property selected set of ids; without it, rows cannot be selected
 */
export class MpJobList extends LitElement {
  static properties = { store: { attribute: false }, newest: {}, selected: { attribute: false } };

  static styles = [base, styles];

  #shown = new StoreController(this);

  render() {
    const store = this.#shown.show(this.store);
    if (!store) {
      return nothing;
    }
    return html`${store.hasNewer
        ? html`<div class="more">
            <button @click=${() => store.newer()} ?disabled=${store.isLoading}>Load newer jobs</button>
            <a href=${this.newest}>Go to the newest</a>
          </div>`
        : nothing}
      <ul class=${this.selected ? "selectable" : ""} aria-label="Jobs" aria-busy=${store.isLoading}>
        ${repeat(store.jobs, (job) => job.id, (job) => this.#row(job, store.gone.has(job.id)))}
      </ul>
      ${store.hasMore
        ? html`<div class="more">
            <button @click=${() => store.more()} ?disabled=${store.isLoading}>
              ${store.isLoading ? "Loading…" : "Load older jobs"}
            </button>
          </div>`
        : nothing}`;
  }

  #row(job, isGone) {
    const isSelected = this.selected?.has(job.id);
    const name = title(job);
    return html`<li class="row ${isSelected ? "selected" : ""} ${isGone ? "gone" : ""}" data-job=${job.id}>
      ${this.selected
        ? html`<input
            type="checkbox"
            aria-label="Select ${name}"
            .checked=${isSelected}
            @click=${(event) => this.#select(job.id, event)}
          />`
        : nothing}
      <mp-state class="state" .state=${stateOf(job)}></mp-state>
      <span class="name">
        <a class="cut" dir="auto" title=${name} href=${href("jobs", job.id)}>${name}</a>
        <span class="cut quiet small" dir="auto">${subtitle(job)}</span>
      </span>
      <span class="what">${isGone ? html`<span class="quiet">No longer matches</span>` : what(job)}</span>
      <span class="user cut quiet" dir="auto" title=${job.userId}>${job.userId}</span>
      <span class="time quiet"><mp-time .time=${job.status?.endTime ?? job.createTime}></mp-time></span>
    </li>`;
  }

  #select(id, event) {
    const selected = new Set(this.selected);
    const ids = this.store.jobs.map((job) => job.id);
    const to = ids.indexOf(id);
    const from = event.shiftKey && this.last ? ids.indexOf(this.last) : to;
    for (const one of ids.slice(Math.min(from, to), Math.max(from, to) + 1)) {
      event.target.checked ? selected.add(one) : selected.delete(one);
    }
    this.last = id;
    this.dispatchEvent(new CustomEvent("selection", { detail: selected }));
  }

  /** Moves the focus by so many rows. */
  move(by) {
    const links = [...this.renderRoot.querySelectorAll(".name a")];
    const at = links.indexOf(this.renderRoot.activeElement);
    links[Math.max(0, Math.min(links.length - 1, at + by))]?.focus();
  }

  /** Returns the index of the first row that is in sight. */
  firstSeen() {
    const rows = [...this.renderRoot.querySelectorAll(".row")];
    return Math.max(0, rows.findIndex((row) => row.getBoundingClientRect().bottom > HEADER_PX));
  }

  /** Returns the job that has the focus, if one has. */
  get focused() {
    const id = this.renderRoot.activeElement?.closest(".row")?.dataset.job;
    return this.store?.jobs.find((job) => job.id === id);
  }

  /** Changes whether the job that has the focus is selected. */
  toggle() {
    this.renderRoot.activeElement?.closest(".row")?.querySelector("input")?.click();
  }
}

function subtitle(job) {
  const parts = [job.spec?.displayName ? job.spec.type : "", job.spec?.projectId, job.step && `step ${job.step}`];
  const kind = { JOB_KIND_BATCH: "batch", JOB_KIND_TASK: "task" }[job.kind];
  return [kind, ...parts].filter(Boolean).join(" · ") || job.id;
}

/** What one most wants to know: why it failed, how far it is, what it waits for. */
function what(job) {
  const status = job.status ?? {};
  const state = stateOf(job);
  if (state === "FAILED" || (state === "QUEUED" && status.error)) {
    const attempt = status.attempt > 1 || state === "QUEUED" ? ` · attempt ${status.attempt}` : "";
    return html`<span class="cut ${state === "FAILED" ? "failure" : ""}" dir="auto" title=${status.error?.message ?? ""}
      >${[status.error?.code, status.error?.message].filter(Boolean).join(": ")}${attempt}</span
    >`;
  }
  if (state === "SUCCEEDED" || state === "CANCELLED") {
    const took = duration(seconds(status.duration));
    const reason = state === "CANCELLED" ? status.cancel?.reason : "";
    return html`<span class="cut quiet" dir="auto">${[took && `took ${took}`, reason].filter(Boolean).join(" · ")}</span>`;
  }
  if (state === "QUEUED" && !status.progress?.lastProgressTime && !job.kind?.match(/BATCH|TASK/)) {
    return html`<span class="cut quiet"
      >${status.claimableTime ? html`can start <mp-time .time=${status.claimableTime}></mp-time>` : "waits for a worker"}</span
    >`;
  }
  const text = [status.stage?.name || status.progress?.message, left(status.progress)].filter(Boolean).join(" · ");
  return html`${text ? html`<span class="cut quiet" dir="auto" title=${text}>${text}</span>` : nothing}<mp-progress compact .progress=${status.progress} .state=${state}></mp-progress>`;
}

/** Returns the jobs of those that the caller of a session may do something with. */
export function possible(jobs, action, session) {
  return jobs.filter(
    (job) => actions(job, session)[action] && (action !== "delete" || isFinished(job) || stateOf(job) === "QUEUED"),
  );
}

customElements.define("mp-job-list", MpJobList);
