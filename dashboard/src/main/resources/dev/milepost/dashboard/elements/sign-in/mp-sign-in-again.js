import { LitElement, css, html, nothing } from "lit";
import { base } from "../base/styles.js";
import "../error/mp-error.js";

/**
 * Says that the server no longer accepts the credential, and asks for another one. What is shown
 * stays, and goes on then.
 */
export class MpSignInAgain extends LitElement {
  static properties = { session: { attribute: false }, client: { attribute: false }, failure: { state: true }, isBusy: { state: true } };

  static styles = [
    base,
    css`
      form {
        display: flex;
        flex-wrap: wrap;
        gap: 8px 12px;
        align-items: center;
        border: 1px solid var(--line);
        border-left: 3px solid var(--stalled);
        border-radius: var(--radius);
        background: var(--raised);
        padding: 12px;
        margin-bottom: 16px;
      }
      .text {
        flex: 1 1 280px;
      }
      input {
        flex: 1 1 160px;
        min-width: 0;
      }
      mp-error {
        flex: 1 0 100%;
      }
    `,
  ];

  #changed = () => {
    this.failure = undefined;
    this.requestUpdate();
  };

  connectedCallback() {
    super.connectedCallback();
    for (const type of ["refused", "renewed", "change"]) {
      this.session.addEventListener(type, this.#changed);
    }
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    for (const type of ["refused", "renewed", "change"]) {
      this.session.removeEventListener(type, this.#changed);
    }
  }

  render() {
    if (!this.session.isRefused) {
      return nothing;
    }
    return html`<form @submit=${this.#submit}>
      <span class="text" role="alert">
        <strong>You are signed out.</strong> The token has expired or was revoked. What you see stays, but is no longer live.
      </span>
      <input type="password" name="token" aria-label="Token" placeholder="Token" required autocomplete="off" spellcheck="false" />
      <button class="primary" ?disabled=${this.isBusy}>Sign in again</button>
      ${this.failure ? html`<mp-error .error=${this.failure}></mp-error>` : nothing}
    </form>`;
  }

  async #submit(event) {
    event.preventDefault();
    const token = new FormData(event.currentTarget).get("token").trim().replace(/^Bearer +/i, "");
    this.failure = undefined;
    this.isBusy = true;
    try {
      await this.session.renew(token, this.client);
    } catch (error) {
      this.failure = error;
    }
    this.isBusy = false;
  }
}

customElements.define("mp-sign-in-again", MpSignInAgain);
