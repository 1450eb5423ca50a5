import { LitElement, css, html, nothing } from "lit";
import { base } from "../base/styles.js";
import { filterOf } from "../../app/search.js";
import { href } from "../../app/links.js";
import { count, plural } from "../../app/format.js";
import { JobListStore, PAGE_SIZE } from "../../stores/job-list-store.js";
import { StoreController } from "../../stores/store.js";
import { possible } from "../job-list/mp-job-list.js";
import { all, call, consequence, each, offered, preview } from "./bulk.js";
import "../error/mp-error.js";
import "../live/mp-live.js";
import "./mp-empty.js";
import "./mp-filters.js";

/** The URL says where one is once one has stopped there. */
const SCROLL_PAUSE_MS = 200;

/** The list of jobs: what matches the URL's filter, kept current by one stream. */
export class MpJobs extends LitElement {
  static properties = {
    context: { attribute: false },
    route: { attribute: false },
    selected: { state: true },
    outcome: { state: true },
    failure: { state: true },
  };

  static styles = [
    base,
    css`
      .head {
        display: flex;
        flex-wrap: wrap;
        align-items: baseline;
        gap: 4px 12px;
        margin-bottom: 12px;
      }
      .bar {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 8px;
        min-height: 44px;
        padding: 8px 0;
      }
      mp-error {
        display: block;
        margin: 8px 0;
      }
      .new {
        color: var(--accent);
        border-color: var(--accent);
      }
      .list {
        border-top: 1px solid var(--line);
      }
    `,
  ];

  #shown = new StoreController(this);
  #key = null;
  #store = null;

  constructor() {
    super();
    this.selected = new Set();
  }

  /** Parameters of the URL that select jobs: all but the position. */
  #params = new URLSearchParams();
  /** Creation time of the first job that is shown; empty: the newest. */
  #at = "";
  #scrolling = 0;

  #scrolled = () => {
    this.#scrolling ||= setTimeout(() => {
      this.#scrolling = 0;
      this.#remember();
    }, SCROLL_PAUSE_MS);
  };

  connectedCallback() {
    super.connectedCallback();
    addEventListener("scroll", this.#scrolled, { passive: true });
  }

  willUpdate() {
    const params = new URLSearchParams(this.route.params);
    const at = params.get("at") ?? "";
    params.delete("at");
    const key = params.toString();
    if (key !== this.#key || at !== this.#at) {
      this.#key = key;
      this.#at = at;
      this.#params = params;
      this.#open();
    }
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    removeEventListener("scroll", this.#scrolled);
    clearTimeout(this.#scrolling);
    this.#scrolling = 0;
    this.#store?.close();
    this.#key = null;
  }

  #open() {
    this.#store?.close();
    this.selected = new Set();
    this.#store = this.#shown.show(new JobListStore(this.context.client, filterOf(this.#params), this.#at));
    this.#store.start();
  }

  /** Keeps the page of the list that is seen in the URL, so that back, reload and links lead to it. */
  #remember() {
    const { jobs, hasNewer } = this.#store;
    const seen = this.renderRoot.querySelector("mp-job-list")?.firstSeen() ?? 0;
    const first = seen - (seen % PAGE_SIZE);
    const at = first > 0 || hasNewer ? (jobs[first]?.createTime ?? "") : "";
    if (at !== this.#at) {
      this.#at = at;
      this.context.router.set({ at });
    }
  }

  /** Another filter starts with its newest jobs. */
  #filter({ detail }) {
    this.context.router.set({ ...detail.changes, at: null }, { replace: detail.isTyped });
  }

  render() {
    const store = this.#store;
    return html`<section data-view="jobs">
      <div class="head">
        <h1 tabindex="-1">Jobs</h1>
        <span class="quiet numeric" aria-live="polite">
          ${store.total === null ? nothing : plural(store.total, "job")}
        </span>
        <mp-live .state=${store.stream}></mp-live>
      </div>
      <mp-filters .params=${this.#params} @filter=${this.#filter}></mp-filters>
      ${store.jobs.length || this.outcome ? html`<div class="bar">${this.#bar(store)}</div>` : nothing}
      ${store.error ? html`<mp-error .error=${store.error}></mp-error>` : nothing}
      ${this.failure ? html`<mp-error .error=${this.failure}></mp-error>` : nothing}
      ${store.unreadable.length
        ? html`<p class="quiet">${plural(store.unreadable.length, "job")} cannot be read, because the stored record is
          damaged: ${store.unreadable.join(", ")}</p>`
        : nothing}
      ${store.jobs.length
        ? html`<div class="list">
            <mp-job-list
              .store=${store}
              .selected=${this.selected}
              .newest=${href("jobs", "", Object.fromEntries([...this.#params.keys()].map((name) => [name, this.#params.getAll(name)])))}
              @selection=${(event) => (this.selected = event.detail)}
            ></mp-job-list>
          </div>`
        : store.isLoading || store.error
          ? store.hasMore && !store.error
            ? html`<p class="quiet" role="status">No match so far. Searching older jobs…</p>`
            : nothing
          : html`<mp-empty
              .params=${this.#params}
              .session=${this.context.session}
              .hasMore=${store.hasMore}
              @more=${() => store.more()}
              @filter=${this.#filter}
            ></mp-empty>`}
    </section>`;
  }

  #bar(store) {
    const chosen = store.jobs.filter((job) => this.selected.has(job.id));
    const news = store.waiting.size + store.gone.size;
    return html`
      ${news
        ? html`<button class="new" @click=${() => store.showNew()}>
            ${store.waiting.size ? `${count(store.waiting.size)} new` : `${count(store.gone.size)} gone`}
          </button>`
        : nothing}
      ${chosen.length
        ? html`<span>${chosen.length} selected</span> ${this.#buttons(chosen, null)}
            <button class="plain" @click=${() => (this.selected = new Set())}>Clear selection</button>`
        : store.jobs.length
          ? html`<button class="plain" @click=${() => (this.selected = new Set(store.jobs.map((job) => job.id)))}>
                Select all shown
              </button>
              ${[...this.#params.keys()].length
                ? html`<span class="quiet">all matching:</span> ${this.#buttons(null, store.filter)}`
                : nothing}`
          : nothing}
      <span class="quiet" role="status">${this.outcome ?? ""}</span>
    `;
  }

  #buttons(jobs, filter) {
    const { session } = this.context;
    return offered(session, filter !== null).map((action) => {
      const ids = jobs && possible(jobs, action, session).map((job) => job.id);
      return html`<button
        class=${action === "delete" ? "danger" : ""}
        ?disabled=${ids?.length === 0}
        @click=${() => this.#change(action, ids, filter)}
      >
        ${call(action).verb}${ids ? ` ${ids.length || ""}` : ""}…
      </button>`;
    });
  }

  async #change(action, ids, filter) {
    const { client, confirm } = this.context;
    const { verb, done } = call(action);
    this.failure = undefined;
    try {
      const found = ids ? { count: ids.length, isExact: true } : await preview(client, action, filter);
      if (found.count === 0) {
        this.outcome = `No job that matches can be ${done}.`;
        return;
      }
      const jobs = `${found.isExact ? "" : "at least "}${plural(found.count, "job")}`;
      const reason = await confirm({
        title: `${verb} ${jobs}?`,
        text: consequence(action, found.count, found.isExact),
        action: `${verb} ${jobs}`,
        isDangerous: action !== "retry",
        reason: action === "cancel",
      });
      if (reason === null) {
        return;
      }
      const progress = (so) => (this.outcome = `${plural(so, "job")} ${done}…`);
      if (ids) {
        const result = await each(client, action, ids, reason, progress);
        this.outcome = `${plural(result.count, "job")} ${done}.`;
        this.failure = result.errors[0];
      } else {
        this.outcome = `${plural(await all(client, action, filter, reason, progress), "job")} ${done}.`;
      }
      this.selected = new Set();
      if (action === "delete") {
        this.#store.showNew();
      }
    } catch (error) {
      this.failure = error;
    }
  }

  /** Handles a key of the keyboard map. Returns whether it did. */
  key(key) {
    const list = this.renderRoot.querySelector("mp-job-list");
    if (key === "/") {
      this.renderRoot.querySelector("mp-filters").focus();
    } else if (key === "j" || key === "k") {
      list?.move(key === "j" ? 1 : -1);
    } else if (key === "x") {
      list?.toggle();
    } else if (key === "n") {
      this.#store.showNew();
    } else if (key === "c" && list?.focused) {
      this.#change("cancel", possible([list.focused], "cancel", this.context.session).map((job) => job.id), null);
    } else if (key === "Enter" && list?.focused) {
      this.context.router.go(href("jobs", list.focused.id));
    } else {
      return false;
    }
    return true;
  }
}

customElements.define("mp-jobs", MpJobs);
