import { LitElement, css, html, nothing } from "lit";
import { base } from "../base/styles.js";
import { count } from "../../app/format.js";
import { href } from "../../app/links.js";
import { short, stateOf } from "../../app/states.js";
import { StoreController } from "../../stores/store.js";
import { TaskListStore } from "../../stores/task-list-store.js";
import "../error/mp-error.js";
import "../live/mp-live.js";
import "../progress/mp-progress.js";
import "../state/mp-state.js";
import "../time/mp-time.js";

const MARKS = { DONE: "✓", FAILED: "✕", RUNNING: "●", PENDING: "○" };
const WORDS = { DONE: "done", FAILED: "failed", RUNNING: "running", PENDING: "pending" };

/** Tasks with their steps, newest first, kept current by one stream. */
export class MpTasks extends LitElement {
  static properties = {
    context: { attribute: false },
    route: { attribute: false },
    definitions: { state: true },
    failure: { state: true },
  };

  static styles = [
    base,
    css`
      h1 {
        outline: none;
      }
      .head {
        display: flex;
        flex-wrap: wrap;
        gap: 8px 16px;
        align-items: center;
        margin-bottom: 12px;
      }
      .task {
        display: grid;
        grid-template-columns: 108px minmax(140px, 1fr) minmax(0, 3fr) 96px 72px;
        gap: 4px 16px;
        padding: 10px 8px;
        border-bottom: 1px solid var(--line);
        align-items: center;
      }
      .list {
        border-top: 1px solid var(--line);
      }
      .steps {
        display: flex;
        flex-wrap: wrap;
        gap: 4px 8px;
      }
      .step {
        border: 1px solid var(--line);
        border-radius: var(--radius);
        padding: 1px 8px;
        color: var(--quiet);
        max-width: 100%;
      }
      a.step {
        color: var(--text);
      }
      .DONE .mark {
        color: var(--succeeded);
      }
      .FAILED {
        border-color: var(--failed);
      }
      .FAILED .mark {
        color: var(--failed);
      }
      .RUNNING {
        border-color: var(--running);
      }
      .RUNNING .mark {
        color: var(--running);
      }
      .time {
        text-align: right;
      }
      .new {
        color: var(--accent);
        border-color: var(--accent);
      }
      .empty {
        border: 1px dashed var(--line);
        border-radius: 8px;
        padding: 24px;
      }
      pre {
        background: var(--raised);
        border-radius: var(--radius);
        padding: 12px;
        margin-top: 12px;
      }
      @media (max-width: 720px) {
        .task {
          grid-template-columns: minmax(0, 1fr) auto;
          padding: 10px 4px;
        }
        .task > mp-state {
          order: 1;
          justify-self: end;
        }
        .steps {
          order: 2;
          grid-column: 1 / -1;
        }
        .user {
          display: none;
        }
        .time {
          order: 3;
          text-align: left;
        }
      }
    `,
  ];

  #shown = new StoreController(this);
  #definition = null;
  #store = null;

  willUpdate() {
    const definition = this.route.params.get("definition") ?? "";
    if (definition !== this.#definition) {
      this.#definition = definition;
      this.#store?.close();
      this.#store = this.#shown.show(new TaskListStore(this.context.client, definition));
      this.#store.start();
    }
  }

  firstUpdated() {
    this.context.client.get("/v1/taskDefinitions").then(
      ({ definitions }) => (this.definitions = definitions ?? []),
      (error) => (this.failure = error),
    );
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#store?.close();
    this.#definition = null;
  }

  render() {
    const store = this.#store;
    const failure = store.error ?? this.failure;
    const news = store.waiting.size + store.gone.size;
    return html`<section data-view="tasks">
      <div class="head">
        <h1 tabindex="-1">Tasks</h1>
        <mp-live .state=${store.stream}></mp-live>
        ${this.definitions?.length
          ? html`<label
              ><span class="unseen">Definition</span>
              <select @change=${this.#choose}>
                <option value="">All definitions</option>
                ${this.definitions.map(
                  ({ name, displayName }) =>
                    html`<option value=${name} .selected=${this.route.params.get("definition") === name}>${displayName || name}</option>`,
                )}
              </select></label
            >`
          : nothing}
      </div>
      ${failure ? html`<mp-error .error=${failure}></mp-error>` : nothing}
      ${store.jobs.length
        ? html`${news
              ? html`<p><button class="new" @click=${() => store.showNew()}>
                  ${store.waiting.size ? `${count(store.waiting.size)} new` : `${count(store.gone.size)} gone`}
                </button></p>`
              : nothing}
            <ul class="list" aria-label="Tasks" aria-busy=${store.isLoading}>${store.tasks.map((task) => this.#task(task))}</ul>
            ${store.hasMore
              ? html`<p><button ?disabled=${store.isLoading} @click=${() => store.more()}>
                  ${store.isLoading ? "Loading…" : "Load older tasks"}
                </button></p>`
              : nothing}`
        : store.isLoading || failure
          ? nothing
          : this.#empty()}
    </section>`;
  }

  #task({ job, steps }) {
    const name = job.spec?.displayName || job.spec?.type?.replace(/^task:/, "");
    return html`<li class="task" data-job=${job.id}>
      <mp-state .state=${stateOf(job)}></mp-state>
      <a class="cut" dir="auto" title=${name} href=${href("jobs", job.id)}>${name}</a>
      <ol class="steps" aria-label="Steps">
        ${steps.map((step) => {
          const state = short(step.state);
          const text = html`<span class="mark" aria-hidden="true">${MARKS[state]}</span> ${step.displayName || step.id}
            <span class="unseen">${WORDS[state]}</span>
            ${state === "RUNNING" ? html`<span class="quiet numeric">${Math.floor((step.fraction ?? 0) * 100)} %</span>` : nothing}`;
          return html`<li>
            ${step.jobId
              ? html`<a class="step cut ${state}" href=${href("jobs", step.jobId)}>${text}</a>`
              : html`<span class="step cut ${state}">${text}</span>`}
          </li>`;
        })}
      </ol>
      <span class="user cut quiet" dir="auto">${job.userId}</span>
      <mp-time class="time quiet" .time=${job.createTime}></mp-time>
    </li>`;
  }

  #empty() {
    return html`<div class="empty">
      <h2>No tasks</h2>
      ${this.definitions?.length
        ? html`<p class="quiet">Start one of the definitions: ${this.definitions.map(({ name }) => name).join(", ")}.</p>`
        : html`<p class="quiet">
            A task runs jobs one after the other. Its steps are defined in a file that milepost.tasks.file names; see
            docs/TASKS.md.
          </p>`}
    </div>`;
  }

  #choose(event) {
    this.context.router.set({ definition: event.target.value });
  }

  /** Handles a key of the keyboard map. Returns whether it did. */
  key(key) {
    if (key !== "n") {
      return false;
    }
    this.#store.showNew();
    return true;
  }
}

customElements.define("mp-tasks", MpTasks);
