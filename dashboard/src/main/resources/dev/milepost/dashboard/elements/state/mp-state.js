import { LitElement, css, html, svg } from "lit";
import { base } from "../base/styles.js";
import { word } from "../../app/states.js";

// Each state has its own shape, so that color is never the only difference.
const SHAPES = {
  QUEUED: svg`<circle cx="8" cy="8" r="5" fill="none" stroke="currentColor" stroke-width="2"/>`,
  RUNNING: svg`<circle cx="8" cy="8" r="6" fill="currentColor"/>`,
  CANCELLING: svg`<circle cx="8" cy="8" r="5" fill="none" stroke="currentColor" stroke-width="2"/><path d="M8 3a5 5 0 0 1 0 10z" fill="currentColor"/>`,
  SUCCEEDED: svg`<path d="M3 8.5l3.2 3.2L13 5" fill="none" stroke="currentColor" stroke-width="2.2" stroke-linecap="round" stroke-linejoin="round"/>`,
  FAILED: svg`<path d="M4 4l8 8M12 4l-8 8" fill="none" stroke="currentColor" stroke-width="2.2" stroke-linecap="round"/>`,
  CANCELLED: svg`<circle cx="8" cy="8" r="5" fill="none" stroke="currentColor" stroke-width="1.6"/><path d="M4.5 11.5l7-7" stroke="currentColor" stroke-width="1.6"/>`,
  STALLED: svg`<path d="M8 2.5v6.2" stroke="currentColor" stroke-width="2.6" stroke-linecap="round"/><circle cx="8" cy="12.6" r="1.7" fill="currentColor"/>`,
};

/**
 * A state as color, shape and word. `short` leaves the word to screen readers.
 *
 * @property state such as RUNNING, or STALLED
 */
export class MpState extends LitElement {
  static properties = { state: {}, short: { type: Boolean } };

  static styles = [
    base,
    css`
      :host {
        display: inline-flex;
        vertical-align: middle;
        line-height: 20px;
      }
      .state {
        display: inline-flex;
        position: relative;
        align-items: center;
        gap: 6px;
        font-weight: 500;
        white-space: nowrap;
      }
      svg {
        width: 14px;
        height: 14px;
        flex: none;
      }
      [data-state="QUEUED"] {
        color: var(--queued);
      }
      [data-state="RUNNING"] {
        color: var(--running);
      }
      [data-state="CANCELLING"] {
        color: var(--cancelling);
      }
      [data-state="SUCCEEDED"] {
        color: var(--succeeded);
      }
      [data-state="FAILED"] {
        color: var(--failed);
      }
      [data-state="CANCELLED"] {
        color: var(--cancelled);
      }
      [data-state="STALLED"] {
        color: var(--stalled);
      }
    `,
  ];

  render() {
    const shape = SHAPES[this.state];
    if (!shape) {
      return html``;
    }
    return html`<span class="state" data-state=${this.state} title=${this.short ? word(this.state) : ""}
      ><svg viewBox="0 0 16 16" aria-hidden="true">${shape}</svg
      ><span class=${this.short ? "unseen" : ""}>${word(this.state)}</span></span
    >`;
  }
}

customElements.define("mp-state", MpState);
