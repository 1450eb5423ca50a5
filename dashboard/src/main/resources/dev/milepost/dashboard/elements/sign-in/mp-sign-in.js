import { LitElement, css, html, nothing } from "lit";
import { base } from "../base/styles.js";
import "../error/mp-error.js";
import "../time/mp-time.js";

const CREDENTIALS = {
  CREDENTIAL_TYPE_API_TOKEN: "API token",
  CREDENTIAL_TYPE_JWT: "JWT",
  CREDENTIAL_TYPE_CERTIFICATE: "client certificate",
  CREDENTIAL_TYPE_SHARE_TOKEN: "share token",
};

const ROLES = {
  USER: "own jobs",
  OPERATOR: "all jobs of the tenant",
  ADMIN: "all tenants",
};

/**
 * Who the caller is: as a page to sign in, or as a chip that says it and lets one change it. A token
 * is kept for the session of this tab only.
 */
export class MpSignIn extends LitElement {
  static properties = { mode: {}, session: { attribute: false }, caller: { attribute: false }, error: { attribute: false }, isOpen: { state: true } };

  static styles = [
    base,
    css`
      mp-error {
        display: block;
        margin-top: 12px;
      }
      .page {
        max-width: 400px;
        margin: 8vh auto 0;
      }
      form {
        display: grid;
        gap: 12px;
        margin-top: 12px;
      }
      label {
        display: grid;
        gap: 4px;
      }
      input,
      select {
        width: 100%;
      }
      .chip {
        position: relative;
      }
      .chip > button {
        display: inline-flex;
        gap: 6px;
        align-items: center;
      }
      .facts {
        margin: 8px 0;
      }
      .role {
        font-size: var(--size-0);
        color: var(--quiet);
      }
      .name {
        max-width: 128px;
      }
      .menu {
        position: absolute;
        right: 0;
        top: 36px;
        width: min(320px, calc(100vw - 24px));
        background: var(--page);
        border: 1px solid var(--line);
        border-radius: 8px;
        box-shadow: var(--shadow);
        padding: 16px;
        z-index: 4;
      }
      @media (max-width: 420px) {
        .role {
          display: none;
        }
        .name {
          max-width: 80px;
        }
      }
    `,
  ];

  render() {
    return this.mode === "page" ? this.#page() : this.#chip();
  }

  #page() {
    const { site } = this.session;
    return html`<div class="page">
      <h1>Sign in</h1>
      <p class="quiet">
        ${site.development
          ? "This server runs in development mode: it believes the name that you give."
          : "Paste an API token or a JWT. It is kept until you close this tab, and sent to this server only."}
      </p>
      ${this.error ? html`<mp-error .error=${this.error}></mp-error>` : nothing}
      ${site.development ? this.#asDeveloper() : this.#withToken()}
    </div>`;
  }

  #chip() {
    const { session } = this;
    return html`<div class="chip" @keydown=${(event) => event.key === "Escape" && (this.isOpen = false)}>
      <button aria-expanded=${this.isOpen ?? false} aria-haspopup="dialog" @click=${() => (this.isOpen = !this.isOpen)}>
        <span class="cut name" dir="auto">${session.name}</span><span class="role">${session.power.toLowerCase()}</span>
      </button>
      ${this.isOpen
        ? html`<div class="menu" role="dialog" aria-label="Identity">
            ${session.site.development && !session.identity.token
              ? html`<h2>Development mode</h2>
                  ${this.#facts("The server takes you for this user, without proof.")} ${this.#asDeveloper()}`
              : html`<h2 dir="auto">${session.name}</h2>
                  ${this.#facts("The token is kept until this tab closes.")}
                  <form @submit=${this.#signOut}><button>Sign out</button></form>`}
          </div>`
        : nothing}
    </div>`;
  }

  /** Whom the server takes the caller for. */
  #facts(note) {
    const caller = this.caller ?? {};
    return html`<dl class="facts">
        <dt>User</dt><dd dir="auto">${caller.userId}</dd>
        <dt>Tenant</dt><dd dir="auto">${caller.tenantId}</dd>
        <dt>Roles</dt><dd>${(caller.roles ?? []).map((role) => role.replace("ROLE_", "").toLowerCase()).join(", ")}</dd>
        ${caller.credentialId ? html`<dt>Proved by</dt><dd>${CREDENTIALS[caller.credentialType] ?? ""} <code>${caller.credentialId}</code></dd>` : nothing}
        ${caller.expireTime ? html`<dt>Expires</dt><dd><mp-time .time=${caller.expireTime}></mp-time></dd>` : nothing}
      </dl>
      <p class="quiet">${note}</p>`;
  }

  #asDeveloper() {
    const { user, tenant, roles } = this.session.identity ?? { user: "developer", tenant: "default", roles: ["OPERATOR"] };
    const role = ["ADMIN", "OPERATOR", "USER"].find((one) => roles?.includes(one));
    return html`<form @submit=${this.#developer}>
      <label>User <input type="text" name="user" required maxlength="128" .value=${user ?? ""} /></label>
      <label>Tenant <input type="text" name="tenant" required maxlength="128" .value=${tenant ?? ""} /></label>
      <label
        >Role
        <select name="role">
          ${Object.entries(ROLES).map(
            ([name, what]) => html`<option value=${name} .selected=${name === role}>${name.toLowerCase()}: ${what}</option>`,
          )}
        </select>
      </label>
      <button class="primary">Use this identity</button>
    </form>`;
  }

  #withToken() {
    return html`<form @submit=${this.#token}>
      <label
        >Token
        <input type="password" name="token" required autocomplete="off" spellcheck="false" autofocus />
      </label>
      <button class="primary">Sign in</button>
    </form>`;
  }

  #developer(event) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const roles = [...new Set(["USER", form.get("role")])];
    this.isOpen = false;
    this.session.use({ user: form.get("user").trim(), tenant: form.get("tenant").trim(), roles });
  }

  #token(event) {
    event.preventDefault();
    const token = new FormData(event.currentTarget).get("token").trim().replace(/^Bearer +/i, "");
    this.session.use({ token });
  }

  #signOut(event) {
    event.preventDefault();
    this.isOpen = false;
    this.session.use(null);
  }
}

customElements.define("mp-sign-in", MpSignIn);
