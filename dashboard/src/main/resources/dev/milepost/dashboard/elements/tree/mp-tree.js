import { LitElement, css, html, nothing } from "lit";
import { base } from "../base/styles.js";

/** Entries of one map or list that are drawn at first. */
const MAX_ENTRIES = 100;
const OPEN_LEVELS = 2;

/** A value of JSON as a tree that can be folded. */
export class MpTree extends LitElement {
  static properties = { value: { attribute: false }, label: {} };

  static styles = [
    base,
    css`
      :host {
        display: block;
      }
      :host(:not(:first-child)) .head {
        margin-top: 16px;
      }
      .tree {
        font: var(--size-0) / 20px var(--mono);
        overflow-wrap: anywhere;
      }
      details > div,
      .leaf {
        padding-left: 16px;
      }
      summary {
        cursor: pointer;
        list-style-position: outside;
        margin-left: 16px;
      }
      .key {
        color: var(--quiet);
      }
      .text {
        white-space: pre-wrap;
      }
      .literal {
        color: var(--accent);
      }
      h2 {
        font-size: var(--size-1);
      }
      .head button {
        color: var(--quiet);
      }
      .head {
        display: flex;
        align-items: center;
        gap: 12px;
      }
    `,
  ];

  render() {
    if (this.value === undefined || this.value === null) {
      return nothing;
    }
    return html`<div class="head">
        <h2>${this.label}</h2>
        <button class="plain small" @click=${this.#copy}>Copy JSON</button>
      </div>
      <div class="tree">${node("", this.value, 0)}</div>`;
  }

  #copy(event) {
    navigator.clipboard?.writeText(JSON.stringify(this.value, null, 2));
    event.currentTarget.textContent = "Copied";
  }
}

function node(key, value, level) {
  const name = key === "" ? nothing : html`<span class="key" dir="auto">${key}: </span>`;
  if (value === null || typeof value !== "object") {
    return html`<div class="leaf">${name}${typeof value === "string"
      ? html`<span class="text" dir="auto">${value}</span>`
      : html`<span class="literal">${String(value)}</span>`}</div>`;
  }
  const entries = Object.entries(value);
  const size = Array.isArray(value) ? `[${entries.length}]` : `{${entries.length}}`;
  if (entries.length === 0) {
    return html`<div class="leaf">${name}<span class="key">${Array.isArray(value) ? "[]" : "{}"}</span></div>`;
  }
  const drawn = entries.slice(0, MAX_ENTRIES).map(([k, v]) => node(k, v, level + 1));
  const rest = entries.length > MAX_ENTRIES
    ? html`<div class="leaf key">and ${entries.length - MAX_ENTRIES} more: copy the JSON to see them</div>`
    : nothing;
  if (level === 0) {
    return html`${drawn}${rest}`;
  }
  return html`<details ?open=${level <= OPEN_LEVELS}>
    <summary>${name}<span class="key">${size}</span></summary>
    <div>${drawn}${rest}</div>
  </details>`;
}

customElements.define("mp-tree", MpTree);
