import { LitElement, css, html, nothing } from "lit";
import { base } from "../base/styles.js";
import { STATES } from "../../app/states.js";

const TYPING_PAUSE_MS = 300;

/** Parameters behind "More". */
const MORE = [
  { name: "type", label: "Type", hint: "resize-photos" },
  { name: "user", label: "User", hint: "alice" },
  { name: "project", label: "Project", hint: "acme/42" },
  { name: "label", label: "Label", hint: "region:eu" },
  { name: "from", label: "Created from", type: "datetime-local" },
  { name: "until", label: "Created until", type: "datetime-local" },
];

/** The filters of the jobs view. Sends "filter" with the parameters of the URL that change. */
export class MpFilters extends LitElement {
  static properties = { params: { attribute: false }, counts: { attribute: false }, isOpen: { state: true } };

  static styles = [
    base,
    css`
      form {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
        align-items: center;
      }
      .search {
        flex: 1 1 280px;
        min-width: 0;
      }
      input[type="search"],
      .more input,
      .more select {
        width: 100%;
      }
      .states {
        display: flex;
        flex-wrap: wrap;
        gap: 4px;
      }
      .states button {
        display: inline-flex;
        align-items: center;
        gap: 6px;
      }
      .states button[aria-pressed="true"] {
        background: var(--selected);
        border-color: var(--accent);
      }
      .more {
        flex: 1 0 100%;
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(180px, 1fr));
        gap: 8px 12px;
        padding: 12px;
        background: var(--raised);
        border-radius: var(--radius);
      }
      @media (max-width: 720px) {
        .states {
          flex-wrap: nowrap;
          overflow-x: auto;
          flex: 1 0 100%;
          padding: 2px;
          scrollbar-width: none;
        }
        .states .n {
          display: none;
        }
      }
    `,
  ];

  #typing = 0;

  render() {
    const params = this.params;
    const states = params.getAll("state");
    const inUse = MORE.filter(({ name }) => params.get(name)).length + (params.get("kind") ? 1 : 0) + (params.get("health") ? 1 : 0);
    const isOpen = this.isOpen ?? false;
    return html`<form role="search" @submit=${this.#submit}>
      <span class="search">
        <label class="unseen" for="q">Search jobs</label>
        <input
          id="q"
          type="search"
          autocomplete="off"
          spellcheck="false"
          placeholder="Search: id, name, text, user:alice, label:value"
          .value=${params.get("q") ?? ""}
          @input=${this.#typed}
        />
      </span>
      <span class="states" role="group" aria-label="States">
        ${Object.entries(STATES).map(
          ([state, word]) =>
            html`<button
              type="button"
              aria-pressed=${states.includes(state)}
              @click=${() => this.#toggle(states, state)}
            >
              <mp-state .state=${state} aria-hidden="true" short></mp-state> ${word}
            </button>`,
        )}
      </span>
      <button type="button" aria-expanded=${isOpen} @click=${() => (this.isOpen = !isOpen)}>
        More${inUse ? ` (${inUse})` : ""}
      </button>
      ${[...params.keys()].length ? html`<button type="button" class="plain" @click=${this.#clear}>Clear</button>` : nothing}
      ${isOpen ? this.#more() : nothing}
    </form>`;
  }

  #more() {
    return html`<div class="more">
      ${MORE.map(
        ({ name, label, hint, type }) =>
          html`<label
            >${label}
            <input
              type=${type ?? "text"}
              placeholder=${hint ?? ""}
              .value=${this.params.get(name) ?? ""}
              @change=${(event) => this.#send({ [name]: event.target.value })}
          /></label>`,
      )}
      ${this.#choice("kind", "Kind", { "": "All", single: "Jobs", batch: "Batches", task: "Tasks" })}
      ${this.#choice("health", "Health", { "": "All", OK: "Reports progress", STALLED: "Stalled" })}
    </div>`;
  }

  #choice(name, label, options) {
    return html`<label
      >${label}
      <select @change=${(event) => this.#send({ [name]: event.target.value })}>
        ${Object.entries(options).map(
          ([value, text]) => html`<option value=${value} .selected=${(this.params.get(name) ?? "") === value}>${text}</option>`,
        )}
      </select>
    </label>`;
  }

  #typed(event) {
    clearTimeout(this.#typing);
    const q = event.target.value;
    this.#typing = setTimeout(() => this.#send({ q }, true), TYPING_PAUSE_MS);
  }

  #submit(event) {
    event.preventDefault();
    clearTimeout(this.#typing);
    this.#send({ q: this.renderRoot.querySelector("#q").value }, true);
  }

  #toggle(states, state) {
    this.#send({ state: states.includes(state) ? states.filter((one) => one !== state) : [...states, state] });
  }

  #clear() {
    this.#send(Object.fromEntries([...this.params.keys()].map((name) => [name, null])));
  }

  /** @param isTyped whether more may follow at once: then one does not go back to what was before */
  #send(changes, isTyped = false) {
    this.dispatchEvent(new CustomEvent("filter", { detail: { changes, isTyped } }));
  }

  focus() {
    this.renderRoot.querySelector("#q")?.select();
  }
}

customElements.define("mp-filters", MpFilters);
