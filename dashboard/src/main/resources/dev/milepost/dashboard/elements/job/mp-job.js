import { LitElement, html, nothing } from "lit";
import { base } from "../base/styles.js";
import { styles } from "./styles.js";
import { plural } from "../../app/format.js";
import { href } from "../../app/links.js";
import { actions, isFinished, short, stateOf, title } from "../../app/states.js";
import { CHANGES, filterOf } from "../../stores/journal-filter.js";
import { JournalStore } from "../../stores/journal-store.js";
import { JobStore } from "../../stores/job-store.js";
import { JobListStore } from "../../stores/job-list-store.js";
import { StoreController } from "../../stores/store.js";
import { call, consequence, one } from "../jobs/bulk.js";
import { cancel, failure, progress, stalled, waiting } from "./summary.js";
import { history, input, outcome, tabsOf, webhooks } from "./tabs.js";
import "../attempts/mp-attempts.js";
import "../copy/mp-copy.js";
import "../error/mp-error.js";
import "../items/mp-items.js";
import "../job-list/mp-job-list.js";
import "../live/mp-live.js";
import "../log/mp-log.js";
import "../progress/mp-progress.js";
import "../share/mp-share.js";
import "../state/mp-state.js";
import "../time/mp-time.js";
import "../tree/mp-tree.js";

/** Durations of what runs are drawn again so often. */
const TICK_MS = 1000;

/** One job: how far it is, when it is done, why it does not move. Live by one stream. */
export class MpJob extends LitElement {
  static properties = {
    context: { attribute: false },
    route: { attribute: false },
    failure: { state: true },
    isDeleted: { state: true },
  };

  static styles = [base, styles];

  #shown = new StoreController(this);
  #id = null;
  #store = null;
  #children = null;
  #read = new StoreController(this);
  #journal = null;
  #tick = 0;

  /** Somebody else may have retried the job meanwhile. */
  #seen = () => {
    if (!document.hidden && this.#store?.isOver && !this.isDeleted) {
      this.#store.again();
    }
  };

  connectedCallback() {
    super.connectedCallback();
    document.addEventListener("visibilitychange", this.#seen);
    this.#tick = setInterval(() => isFinished(this.#store?.job) || this.requestUpdate(), TICK_MS);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearInterval(this.#tick);
    document.removeEventListener("visibilitychange", this.#seen);
    this.#close();
    this.#id = null;
  }

  willUpdate() {
    if (this.route.id !== this.#id) {
      this.#close();
      this.#id = this.route.id;
      this.failure = undefined;
      this.isDeleted = false;
      this.#store = this.#shown.show(new JobStore(this.context.client, this.#id));
      this.#store.start();
    }
  }

  #close() {
    this.#store?.close();
    this.#children?.close();
    this.#children = null;
    this.#journal?.close();
    this.#journal = null;
  }

  render() {
    const store = this.#store;
    const { job } = store;
    if (!job) {
      return html`<section data-view="job">
        <h1 tabindex="-1">${this.#id}</h1>
        ${store.error
          ? html`<mp-error .error=${store.error}></mp-error><p><a href=${href("jobs")}>All jobs</a></p>`
          : html`<mp-live .state=${store.stream}></mp-live>`}
      </section>`;
    }
    if (this.isDeleted) {
      return html`<section data-view="job"><h1 tabindex="-1">Deleted</h1>
        <p>The job ${title(job)} was deleted. <a href=${href("jobs")}>All jobs</a></p></section>`;
    }
    const tabs = tabsOf(job);
    const tab = tabs.find(({ name }) => name === this.route.params.get("tab"))?.name ?? tabs[0].name;
    return html`<section data-view="job" data-job=${job.id}>
      ${this.#head(job, store)}
      ${this.failure ? html`<mp-error .error=${this.failure}></mp-error>` : nothing}
      ${store.error ? html`<mp-error .error=${store.error}></mp-error>` : nothing}
      <div class="panel">
        ${failure(job)} ${stalled(job)} ${cancel(job)} ${waiting(job, store.explanation)} ${progress(job)}
        <mp-attempts .job=${job}></mp-attempts>
      </div>
      <nav class="tabs" aria-label="Parts of the job">
        ${tabs.map(({ name, title: text }) => html`<a
            href=${href("jobs", job.id, { tab: name === "log" ? undefined : name })}
            aria-current=${name === tab ? "page" : nothing}
          >${text}</a>`)}
      </nav>
      ${this.#tab(tab, job, store)}
      <mp-share .context=${this.context} .job=${job}></mp-share>
    </section>`;
  }

  #head(job, store) {
    const { session } = this.context;
    const may = actions(job, session);
    const status = job.status ?? {};
    const stream = isFinished(job) && store.stream === "ended" ? "" : store.stream;
    return html`<div class="head">
        <h1 tabindex="-1" dir="auto">${title(job)}</h1>
        <mp-state .state=${stateOf(job)}></mp-state>
        ${status.attempt ? html`<span class="quiet">attempt ${status.attempt}${may.cancel || short(status.state) === "FAILED" ? ` of ${mostAttempts(job)}` : ""}</span>` : nothing}
        <mp-live .state=${stream}></mp-live>
        <span class="buttons">
          ${may.cancel ? html`<button @click=${() => this.#change("cancel")}>Cancel…</button>` : nothing}
          ${may.retry ? html`<button @click=${() => this.#change("retry")}>Retry…</button>` : nothing}
          ${may.delete ? html`<button class="danger" @click=${() => this.#change("delete")}>Delete…</button>` : nothing}
          ${session.may("ShareJob")
            ? html`<button @click=${() => this.renderRoot.querySelector("mp-share").open()}>Share…</button>`
            : nothing}
          <mp-copy .job=${job} .session=${session}></mp-copy>
        </span>
      </div>
      <div class="sub">
        <code>${job.id}</code>
        ${job.spec?.displayName ? html`<span dir="auto">${job.spec.type}</span>` : nothing}
        <span dir="auto">${job.userId}</span>
        <span>created <mp-time .time=${job.createTime}></mp-time></span>
        ${status.endTime ? html`<span>ended <mp-time .time=${status.endTime}></mp-time></span>` : nothing}
        ${job.parentId ? html`<a href=${href("jobs", job.parentId)}>${job.step ? `step ${job.step} of a task` : "part of a batch"}</a>` : nothing}
        ${job.retriedJobId ? html`<a href=${href("jobs", job.retriedJobId)}>retries failed items</a>` : nothing}
      </div>`;
  }

  #tab(tab, job, store) {
    switch (tab) {
      case "items":
        return html`<mp-items
          .context=${this.context}
          .job=${job}
          .state=${this.route.params.get("state") ?? ""}
          .shown=${Number(this.route.params.get("shown")) || 0}
          @state=${(event) => this.context.router.set({ state: event.detail, shown: null }, { replace: false })}
          @shown=${(event) => this.context.router.set({ shown: String(event.detail) })}
          >${this.context.session.may("RetryFailedItems") && isFinished(job) && Number(job.status.itemCounts?.failed) && job.kind !== "JOB_KIND_TASK"
            ? html`<button @click=${() => this.#retryItems()}>Retry failed items…</button>`
            : nothing}</mp-items
        >`;
      case "input":
        return input(job);
      case "outcome":
        return outcome(job);
      case "children":
        this.#children ??= this.#openChildren(job);
        return html`<mp-job-list .store=${this.#children}></mp-job-list>`;
      case "webhooks":
        return webhooks(job);
      case "history":
        return this.#history(this.#open(CHANGES, store));
      default:
        return html`<mp-log
          .job=${job}
          .journal=${this.#open(filterOf(this.route.params), store, Number(this.route.params.get("line")) || 0)}
          .params=${this.route.params}
          @params=${({ detail }) => this.context.router.set(detail.changes, { replace: detail.replace })}
        ></mp-log>`;
    }
  }

  /** Returns the part of the journal that is looked at: one at a time. */
  #open(filter, store, line) {
    if (JSON.stringify(filter) !== JSON.stringify(this.#journal?.filter)) {
      this.#journal?.close();
      this.#journal = this.#read.show(new JournalStore(this.context.client, store, filter).open(line));
    }
    return this.#journal;
  }

  /** Changes of state are few: all of them are loaded. */
  #history(journal) {
    if (!journal.isPaused) {
      journal.older();
    }
    return html`${journal.error ? html`<mp-error .error=${journal.error}></mp-error>` : nothing} ${history(journal.entries)}`;
  }

  #openChildren(job) {
    const store = new JobListStore(this.context.client, { parentId: job.id, tenantId: job.tenantId });
    // Children are not looked for under the pointer: a new one appears at once.
    store.addEventListener("change", () => store.waiting.size && store.showNew());
    store.start();
    return store;
  }

  async #change(action) {
    const { job } = this.#store;
    const { verb } = call(action);
    const isQueued = short(job.status?.state) === "QUEUED";
    const reason = await this.context.confirm({
      title: `${verb} ${title(job)}?`,
      text: action === "cancel" && !isQueued
        ? `The worker ${job.status.workerId ?? ""} is asked to stop, and confirms that it has.`
        : consequence(action, 1),
      action: `${verb} job`,
      isDangerous: action !== "retry",
      reason: action === "cancel",
    });
    if (reason === null) {
      return;
    }
    await this.#attempt(async () => {
      const response = await one(this.context.client, action, job.id, reason);
      if (action === "delete") {
        this.#store.close();
        this.isDeleted = true;
      } else {
        this.#store.update(response.job);
        if (action === "retry") {
          this.#store.again();
        }
      }
    });
  }

  async #retryItems() {
    const { job } = this.#store;
    const failed = Number(job.status.itemCounts.failed);
    const reason = await this.context.confirm({
      title: "Retry the failed items?",
      text: `This creates a new job with ${plural(failed, "failed item")}. This job stays as it is.`,
      action: "Create the job",
    });
    if (reason !== null) {
      await this.#attempt(async () => {
        const path = `/v1/jobs/${encodeURIComponent(job.id)}:retryFailedItems`;
        const response = await this.context.client.post(path, { requestId: `dashboard-${crypto.randomUUID?.() ?? Date.now()}` });
        this.context.router.go(href("jobs", response.job.id));
      });
    }
  }

  async #attempt(action) {
    this.failure = undefined;
    try {
      await action();
    } catch (error) {
      this.failure = error;
    }
  }

  /** Handles a key of the keyboard map. Returns whether it did. */
  key(key) {
    const log = this.renderRoot.querySelector("mp-log");
    if (key === "c" && actions(this.#store.job, this.context.session).cancel) {
      this.#change("cancel");
    } else if (key === "/" && log) {
      log.focus();
    } else if (key === "f" && log) {
      log.follow();
    } else {
      return false;
    }
    return true;
  }
}

/** How many attempts the job has at most; one that is queued again has taken a retry for the next. */
function mostAttempts({ spec, status }) {
  const left = Math.max(0, (spec?.maxRetries ?? 0) - (status.retryCount ?? 0));
  return status.attempt + left + (short(status.state) === "QUEUED" && status.retryCount ? 1 : 0);
}

customElements.define("mp-job", MpJob);
