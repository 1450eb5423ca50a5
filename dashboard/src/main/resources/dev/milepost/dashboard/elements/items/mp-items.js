import { LitElement, css, html, nothing } from "lit";
import { base } from "../base/styles.js";
import { count } from "../../app/format.js";
import { href } from "../../app/links.js";
import { short } from "../../app/states.js";
import "../error/mp-error.js";
import "../time/mp-time.js";

const PAGE_SIZE = 100;

/** Most items that the server returns at once. */
const MAX_PAGE_SIZE = 1000;

/** Item states, with the state of a job that has the same look. */
const STATES = {
  PENDING: ["Pending", "QUEUED"],
  RUNNING: ["Running", "RUNNING"],
  DONE: ["Done", "SUCCEEDED"],
  FAILED: ["Failed", "FAILED"],
  SKIPPED: ["Skipped", "CANCELLED"],
};

/**
 * The items of a job, page by page, those of one state if wanted.
 *
 * @property state the only state of items to show; empty: all
 * @property shown number of items to begin with. Sends "shown" when more have been loaded.
 */
export class MpItems extends LitElement {
  static properties = {
    context: { attribute: false },
    job: { attribute: false },
    state: {},
    shown: { attribute: false },
    items: { state: true },
    failure: { state: true },
    isLoading: { state: true },
  };

  static styles = [
    base,
    css`
      .filter {
        display: flex;
        flex-wrap: wrap;
        gap: 4px;
        margin-bottom: 12px;
        align-items: center;
      }
      .filter button[aria-pressed="true"] {
        background: var(--selected);
        border-color: var(--accent);
      }
      li {
        display: grid;
        grid-template-columns: 88px minmax(96px, 1fr) minmax(120px, 2fr) 72px;
        gap: 2px 12px;
        padding: 6px 4px;
        border-bottom: 1px solid var(--line);
      }
      .message {
        overflow-wrap: anywhere;
      }
      .time {
        text-align: right;
      }
      .FAILED {
        color: var(--failed);
      }
      .DONE {
        color: var(--succeeded);
      }
      .RUNNING {
        color: var(--running);
      }
      .more {
        text-align: center;
        padding: 12px;
      }
      @media (max-width: 720px) {
        li {
          grid-template-columns: 1fr auto;
        }
        .message {
          grid-column: 1 / -1;
        }
        .state {
          order: 1;
        }
        .time {
          display: none;
        }
      }
    `,
  ];

  #token = "";
  #shown = "";

  willUpdate() {
    const counts = JSON.stringify(this.job?.status?.itemCounts ?? {});
    const wanted = `${this.job?.id} ${this.state} ${this.items === undefined ? "" : this.#token ? "" : counts}`;
    if (this.job && wanted !== this.#shown && !this.isLoading) {
      this.#shown = wanted;
      this.#token = "";
      this.#load(true);
    }
  }

  async #load(isFirst) {
    this.isLoading = true;
    this.failure = undefined;
    try {
      const states = this.state ? [`ITEM_STATE_${this.state}`] : [];
      const page = await this.context.client.get(`/v1/jobs/${encodeURIComponent(this.job.id)}/items`, {
        states,
        page_size: isFirst ? Math.min(MAX_PAGE_SIZE, Math.max(PAGE_SIZE, this.shown ?? 0)) : PAGE_SIZE,
        page_token: isFirst ? "" : this.#token,
      });
      this.items = [...(isFirst ? [] : this.items), ...(page.items ?? [])];
      this.#token = page.nextPageToken ?? "";
      if (!isFirst) {
        this.dispatchEvent(new CustomEvent("shown", { detail: this.items.length }));
      }
    } catch (error) {
      this.failure = error;
    }
    this.isLoading = false;
  }

  render() {
    const counts = this.job?.status?.itemCounts ?? {};
    const total = Object.values(counts).reduce((sum, one) => sum + Number(one), 0);
    return html`<div class="filter" role="group" aria-label="States of items">
        <button aria-pressed=${!this.state} @click=${() => this.#choose("")}>All ${count(total)}</button>
        ${Object.entries(STATES).map(([state, [word]]) => {
          const number = Number(counts[state.toLowerCase()] ?? 0);
          return number
            ? html`<button aria-pressed=${this.state === state} @click=${() => this.#choose(state)}>${word} ${count(number)}</button>`
            : nothing;
        })}
        <slot></slot>
      </div>
      ${this.failure ? html`<mp-error .error=${this.failure}></mp-error>` : nothing}
      <ul aria-label="Items">
        ${(this.items ?? []).map((item) => this.#item(item))}
      </ul>
      ${this.#token
        ? html`<div class="more"><button ?disabled=${this.isLoading} @click=${() => this.#load(false)}>Load more items</button></div>`
        : nothing}
      ${this.items?.length === 0 && !this.isLoading && !this.#token ? html`<p class="quiet">No items.</p>` : nothing}`;
  }

  #item(item) {
    const state = short(item.state);
    return html`<li>
      <span class="state ${state}">${STATES[state]?.[0] ?? ""}</span>
      <span class="mono cut" dir="auto" title=${item.id}>${item.id}</span>
      <span class="message" dir="auto">${item.message ?? ""}
        ${item.jobId && item.jobId !== this.job.id ? html`<a class="small" href=${href("jobs", item.jobId)}>child</a>` : nothing}</span>
      <span class="time quiet"><mp-time .time=${item.updateTime}></mp-time></span>
    </li>`;
  }

  #choose(state) {
    this.dispatchEvent(new CustomEvent("state", { detail: state }));
  }
}

customElements.define("mp-items", MpItems);
