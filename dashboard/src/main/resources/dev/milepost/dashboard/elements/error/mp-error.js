import { LitElement, css, html, nothing } from "lit";
import { base } from "../base/styles.js";

/** A call that failed: the server's sentence, its reason, and a way to pass them on. */
export class MpError extends LitElement {
  static properties = { error: { attribute: false }, heading: {} };

  static styles = [
    base,
    css`
      .error {
        display: flex;
        flex-wrap: wrap;
        gap: 4px 12px;
        align-items: baseline;
        border: 1px solid var(--line);
        border-left: 3px solid var(--failed);
        border-radius: var(--radius);
        padding: 8px 12px;
        background: var(--raised);
      }
      .text {
        flex: 1 1 320px;
        overflow-wrap: anywhere;
      }
    `,
  ];

  render() {
    const error = this.error;
    if (!error) {
      return nothing;
    }
    return html`<div class="error" role="alert">
      <span class="text">
        ${this.heading ? html`<strong>${this.heading}</strong> ` : nothing}${error.message}
        ${error.code && error.code !== "UNKNOWN"
          ? html`<code class="quiet">${[...new Set([error.code, error.reason])].filter(Boolean).join(" · ")}</code>`
          : nothing}
      </span>
      <button class="plain" @click=${this.#copy}>Copy details</button>
    </div>`;
  }

  #copy(event) {
    const { message, code, status, details } = this.error;
    navigator.clipboard?.writeText(JSON.stringify({ status, code, message, details }, null, 2));
    event.currentTarget.textContent = "Copied";
  }
}

customElements.define("mp-error", MpError);
