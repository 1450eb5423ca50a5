import { LitElement, css, html, nothing } from "lit";
import { base } from "../base/styles.js";
import { dialog } from "../base/dialog.js";

/**
 * Asks once before something is changed. `ask` says what will happen, and returns the answer: null
 * if it is no, else the reason that was given, which may be empty.
 */
export class MpConfirm extends LitElement {
  static properties = { question: { state: true } };

  static styles = [
    base,
    dialog,
    css`
      p {
        margin: 8px 0 16px;
        overflow-wrap: anywhere;
      }
      label {
        display: block;
        margin-bottom: 16px;
      }
      textarea {
        width: 100%;
        margin-top: 4px;
        resize: vertical;
      }
      .danger.primary {
        background: var(--failed);
        border-color: var(--failed);
        color: var(--on-accent);
      }
    `,
  ];

  #answer = null;

  /**
   * @param question title, text, action (the word on the button), isDangerous, reason (whether to
   *     ask for one)
   */
  async ask(question) {
    this.question = question;
    await this.updateComplete;
    const dialog = this.renderRoot.querySelector("dialog");
    dialog.returnValue = "";
    dialog.showModal();
    return new Promise((resolve) => {
      this.#answer = resolve;
    });
  }

  render() {
    const question = this.question;
    return html`<dialog aria-labelledby="title" @close=${this.#closed}>
      ${question
        ? html`<form method="dialog">
            <h2 id="title">${question.title}</h2>
            <p>${question.text}</p>
            ${question.reason
              ? html`<label
                  >Reason, for people and for the worker <span class="quiet">(optional)</span>
                  <textarea name="reason" rows="2" maxlength="1024"></textarea>
                </label>`
              : nothing}
            <div class="buttons">
              <button value="no" autofocus>Keep as it is</button>
              <button value="yes" class="primary ${question.isDangerous ? "danger" : ""}">${question.action}</button>
            </div>
          </form>`
        : nothing}
    </dialog>`;
  }

  #closed(event) {
    const dialog = event.currentTarget;
    const reason = dialog.querySelector("textarea")?.value ?? "";
    this.question = undefined;
    this.#answer?.(dialog.returnValue === "yes" ? reason : null);
  }
}

customElements.define("mp-confirm", MpConfirm);
