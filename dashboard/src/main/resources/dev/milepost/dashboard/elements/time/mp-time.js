import { LitElement, css, html } from "lit";
import { exact, millis, relative } from "../../app/format.js";

/** A time: how long ago it is, and exactly when if the pointer rests on it. Keeps itself current. */
export class MpTime extends LitElement {
  static properties = { time: {} };

  static styles = css`
    time {
      font-variant-numeric: tabular-nums;
      white-space: nowrap;
    }
  `;

  #timer = 0;

  disconnectedCallback() {
    super.disconnectedCallback();
    clearTimeout(this.#timer);
  }

  connectedCallback() {
    super.connectedCallback();
    this.requestUpdate();
  }

  render() {
    if (!this.time) {
      return html``;
    }
    clearTimeout(this.#timer);
    const age = Math.abs(Date.now() - millis(this.time));
    this.#timer = setTimeout(() => this.requestUpdate(), age < 60_000 ? 1000 : 20_000);
    return html`<time datetime=${this.time} title=${exact(this.time)}>${relative(this.time)}</time>`;
  }
}

customElements.define("mp-time", MpTime);
