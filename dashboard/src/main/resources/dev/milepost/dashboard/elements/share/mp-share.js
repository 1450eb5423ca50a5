import { LitElement, css, html, nothing } from "lit";
import { base } from "../base/styles.js";
import { dialog } from "../base/dialog.js";
import { exact } from "../../app/format.js";
import { ROOT } from "../../app/links.js";
import { title } from "../../app/states.js";
import "../error/mp-error.js";
import "../time/mp-time.js";

/** How long a share may be valid, in seconds. */
const LIFETIMES = [
  [3600, "1 hour"],
  [86_400, "1 day"],
  [7 * 86_400, "7 days"],
  [30 * 86_400, "30 days"],
];
const DEFAULT_LIFETIME = 86_400;

/**
 * Shares a job with people who have no account: makes a token that shows its progress and nothing
 * else, and gives it as a link and as an element for any page. Also revokes what was shared.
 */
export class MpShare extends LitElement {
  static properties = {
    context: { attribute: false },
    job: { attribute: false },
    shares: { state: true },
    made: { state: true },
    copied: { state: true },
    isBusy: { state: true },
    failure: { state: true },
  };

  static styles = [
    base,
    dialog,
    css`
      dialog {
        width: min(560px, calc(100vw - 32px));
      }
      p {
        margin: 8px 0 16px;
        overflow-wrap: anywhere;
      }
      .make,
      li {
        display: flex;
        flex-wrap: wrap;
        gap: 8px 12px;
        align-items: center;
      }
      .make {
        margin-bottom: 16px;
      }
      label {
        display: inline-flex;
        gap: 6px;
        align-items: center;
      }
      .given {
        margin: 0 0 12px;
      }
      .given .head {
        display: flex;
        align-items: center;
        justify-content: space-between;
        margin-bottom: 4px;
      }
      .words {
        min-width: 0;
        overflow-wrap: anywhere;
      }
      pre {
        background: var(--raised);
        border-radius: var(--radius);
        padding: 8px 12px;
        max-height: 128px;
        overflow: auto;
      }
      ul {
        margin: 4px 0 16px;
      }
      li {
        justify-content: space-between;
        padding: 4px 0;
        border-bottom: 1px solid var(--line);
      }
      mp-error {
        display: block;
        margin-bottom: 12px;
      }
    `,
  ];

  /** Asks how long, and shows what is shared already. */
  async open() {
    Object.assign(this, { made: undefined, failure: undefined, shares: undefined, copied: "" });
    await this.updateComplete;
    this.renderRoot.querySelector("dialog").showModal();
    this.#attempt(async () => this.#read());
  }

  render() {
    return html`<dialog aria-labelledby="title">
      <h2 id="title">Share ${title(this.job)}</h2>
      <p>
        Whoever has the link sees this job's name, type, state, stage, times and progress with its counters, live.
        They see nothing of its owner, log, items, input and result, and can change nothing.
      </p>
      ${this.failure ? html`<mp-error .error=${this.failure}></mp-error>` : nothing}
      ${this.made ? this.#given(this.made) : this.#question()}
      ${this.shares?.length ? this.#existing() : nothing}
      <form method="dialog" class="buttons"><button>Close</button></form>
    </dialog>`;
  }

  #question() {
    return html`<form class="make" @submit=${this.#make}>
      <label
        >Valid for
        <select name="lifetime">
          ${LIFETIMES.map(
            ([seconds, words]) => html`<option value=${seconds} .selected=${seconds === DEFAULT_LIFETIME}>${words}</option>`,
          )}
        </select></label
      >
      <label
        >For whom <input type="text" name="label" maxlength="128" autocomplete="off" placeholder="optional, a note for you"
      /></label>
      <button class="primary" ?disabled=${this.isBusy}>Create the link</button>
    </form>`;
  }

  #given({ token, share }) {
    const link = new URL("ui/shared.html", ROOT);
    link.hash = new URLSearchParams({ job: this.job.id, token });
    const script = new URL("ui/progress.js", ROOT).href;
    return html`<p role="status">
        Valid until <strong>${exact(share.expireTime)}</strong>. Copy it now: the token in it is not shown again.
      </p>
      ${this.#text("link", "Link", link.href)}
      ${this.#text(
        "snippet",
        "For a page of your own",
        `<script type="module" src="${script}"></script>\n<milepost-progress job="${this.job.id}" token="${token}"></milepost-progress>`,
      )}
      <p class="quiet small">
        A page of another site may show it if its origin is among <code>milepost.http.allowed-origins</code>.
      </p>`;
  }

  #text(name, heading, text) {
    return html`<div class="given">
      <div class="head">
        <h3>${heading}</h3>
        <button @click=${() => this.#copy(name, text)}>${this.copied === name ? "Copied" : `Copy ${name}`}</button>
      </div>
      <pre tabindex="0" aria-label=${heading} data-text=${name}>${text}</pre>
    </div>`;
  }

  #existing() {
    return html`<h3>Valid links</h3>
      <ul>
        ${this.shares.map(
          (share) => html`<li data-share=${share.shareId}>
            <span class="words">
              ${share.label ? html`<span dir="auto">${share.label}</span> · ` : nothing}
              <span class="quiet">by <span dir="auto">${share.createdBy}</span>, ends <mp-time .time=${share.expireTime}></mp-time></span>
            </span>
            <button class="plain danger" ?disabled=${this.isBusy} @click=${() => this.#revoke(share)}>Revoke</button>
          </li>`,
        )}
      </ul>`;
  }

  #make(event) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    this.#attempt(async () => {
      const request = { lifetime: `${form.get("lifetime")}s`, label: form.get("label").trim() };
      this.made = await this.context.client.post(`${this.#path}:share`, request);
      await this.#read();
    });
  }

  #revoke({ shareId }) {
    this.#attempt(async () => {
      await this.context.client.post(`${this.#path}:unshare`, { shareId });
      if (this.made?.share.shareId === shareId) {
        this.made = undefined;
      }
      await this.#read();
    });
  }

  async #read() {
    this.shares = (await this.context.client.get(`${this.#path}/shares`)).shares ?? [];
  }

  async #attempt(action) {
    this.failure = undefined;
    this.isBusy = true;
    try {
      await action();
    } catch (error) {
      this.failure = error;
    }
    this.isBusy = false;
  }

  get #path() {
    return `/v1/jobs/${encodeURIComponent(this.job.id)}`;
  }

  async #copy(name, text) {
    await navigator.clipboard?.writeText(text);
    this.copied = name;
  }
}

customElements.define("mp-share", MpShare);
