import { LitElement, css, html, nothing } from "lit";
import { base } from "../base/styles.js";

const WORDS = {
  connecting: "connecting",
  live: "live",
  reconnecting: "reconnecting",
  refused: "signed out",
  failed: "not live",
};

/** Says quietly whether what is shown is kept current. */
export class MpLive extends LitElement {
  static properties = { state: {} };

  static styles = [
    base,
    css`
      span {
        color: var(--quiet);
        font-size: var(--size-0);
      }
      .reconnecting,
      .refused,
      .failed {
        color: var(--stalled);
      }
    `,
  ];

  render() {
    const text = WORDS[this.state];
    return text ? html`<span class=${this.state} role="status" data-stream=${this.state}>${text}</span>` : nothing;
  }
}

customElements.define("mp-live", MpLive);
