import { LitElement, css, html, nothing } from "lit";
import { base } from "../base/styles.js";
import { dialog } from "../base/dialog.js";
import { KEYS } from "../../app/keyboard.js";
import { ROOT } from "../../app/links.js";

/** The keyboard map, and where to read more. */
export class MpHelp extends LitElement {
  static properties = { site: { attribute: false } };

  static styles = [
    base,
    dialog,
    css`
      dl {
        display: grid;
        grid-template-columns: 64px 1fr;
        gap: 6px 12px;
        margin: 12px 0 16px;
      }
      .foot {
        display: flex;
        flex-wrap: wrap;
        gap: 4px 16px;
        align-items: center;
        border-top: 1px solid var(--line);
        padding-top: 12px;
      }
      .foot button {
        margin-left: auto;
      }
    `,
  ];

  open() {
    this.renderRoot.querySelector("dialog").showModal();
  }

  render() {
    return html`<dialog aria-labelledby="title">
      <h2 id="title">Keyboard</h2>
      <dl>
        ${KEYS.map(([keys, text]) => html`<dt>${keys.split(" ").map((key) => html`<kbd>${key}</kbd> `)}</dt><dd>${text}</dd>`)}
      </dl>
      <form method="dialog" class="foot">
        <a href=${new URL("openapi.json", ROOT).href} target="_blank">API</a>
        <a href=${new URL("metrics", ROOT).href} target="_blank">Metrics</a>
        <a href=${new URL("health/ready", ROOT).href} target="_blank">Health</a>
        ${this.site ? html`<span class="quiet">Milepost ${this.site.version}, gRPC on ${this.site.grpc}</span>` : nothing}
        <button autofocus>Close</button>
      </form>
    </dialog>`;
  }
}

customElements.define("mp-help", MpHelp);
