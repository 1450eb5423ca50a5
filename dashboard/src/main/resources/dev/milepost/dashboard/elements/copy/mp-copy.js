import { LitElement, css, html, nothing } from "lit";
import { base } from "../base/styles.js";
import { ROOT, href } from "../../app/links.js";

/** Copies what one passes on about a job: its link, its id, or a command that follows it. */
export class MpCopy extends LitElement {
  static properties = { job: { attribute: false }, session: { attribute: false }, isOpen: { state: true }, copied: { state: true } };

  static styles = [
    base,
    css`
      :host {
        position: relative;
        display: inline-block;
      }
      .menu {
        position: absolute;
        right: 0;
        top: 32px;
        display: grid;
        min-width: 180px;
        background: var(--page);
        border: 1px solid var(--line);
        border-radius: 8px;
        box-shadow: var(--shadow);
        padding: 4px;
        z-index: 1;
      }
      .menu button {
        text-align: left;
      }
      @media (max-width: 720px) {
        .menu {
          right: auto;
          left: 0;
        }
      }
    `,
  ];

  render() {
    return html`<span
      @keydown=${(event) => event.key === "Escape" && (this.isOpen = false)}
      @focusout=${(event) => this.renderRoot.contains(event.relatedTarget) || (this.isOpen = false)}
    >
      <button aria-expanded=${this.isOpen ?? false} @click=${() => (this.isOpen = !this.isOpen)}>${this.copied ?? "Copy"}</button>
      ${this.isOpen
        ? html`<span class="menu">
            ${[
              ["Link", () => new URL(href("jobs", this.job.id), ROOT).href],
              ["Id", () => this.job.id],
              ["Command that follows it", () => this.#command()],
            ].map(([what, text]) => html`<button class="plain" @click=${() => this.#copy(what, text())}>${what}</button>`)}
          </span>`
        : nothing}
    </span>`;
  }

  /** Without the token: a command ends up in histories and messages. */
  #command() {
    const identity = this.session.identity;
    const headers = identity.token
      ? '-H "Authorization: Bearer $TOKEN"'
      : `-H 'x-milepost-user: ${identity.user}' -H 'x-milepost-tenant: ${identity.tenant}' -H 'x-milepost-roles: ${identity.roles.join(",")}'`;
    return `curl -N ${headers} '${ROOT.href}v1/jobs/${this.job.id}:watch'`;
  }

  async #copy(what, text) {
    await navigator.clipboard?.writeText(text);
    this.isOpen = false;
    this.copied = "Copied";
    setTimeout(() => (this.copied = undefined), 1500);
  }
}

customElements.define("mp-copy", MpCopy);
