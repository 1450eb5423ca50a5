import { LitElement, html, nothing, svg } from "lit";
import { base } from "../base/styles.js";
import { styles } from "./styles.js";
import { Client } from "../../app/client.js";
import { listen } from "../../app/keyboard.js";
import { ROOT, href } from "../../app/links.js";
import { Router } from "../../app/router.js";
import { Session } from "../../app/session.js";
import { nextTheme, readTheme, useTheme } from "../../app/theme.js";
import { VIEWS, load, loadDialogs } from "./views.js";
import "../error/mp-error.js";
import "../sign-in/mp-sign-in.js";
import "../sign-in/mp-sign-in-again.js";

const THEME_ICON = {
  system: svg`<circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="1.5"/><path d="M8 2a6 6 0 0 1 0 12z" fill="currentColor"/>`,
  light: svg`<circle cx="8" cy="8" r="3" fill="currentColor"/><path d="M8 1v2M8 13v2M1 8h2M13 8h2M3 3l1.5 1.5M11.5 11.5L13 13M13 3l-1.5 1.5M4.5 11.5L3 13" stroke="currentColor" stroke-width="1.5" stroke-linecap="round"/>`,
  dark: svg`<path d="M13 10A6 6 0 0 1 6 3a6 6 0 1 0 7 7z" fill="currentColor"/>`,
};

/** The dialogs are loaded after the view that is shown first, which they would delay. */
const DIALOGS_AFTER_MILLIS = 2000;

/** The frame around all views: who the caller is, where one is, and where one can go. */
export class MpApp extends LitElement {
  static properties = { theme: { state: true }, failure: { state: true } };

  static styles = [base, styles];

  #loaded = new Set();

  constructor() {
    super();
    this.theme = readTheme(localStorage);
    useTheme(this.theme, localStorage);
    this.router = new Router(window);
    this.router.addEventListener("change", () => this.#moved());
    listen(window, { go: (view) => this.router.go(href(view)), press: (key) => this.#press(key) });
    this.#begin();
  }

  async #begin() {
    try {
      const response = await fetch(new URL("ui/site.json", ROOT), { cache: "no-store" });
      this.session = new Session(await response.json(), sessionStorage);
    } catch {
      this.failure = new Error("The server does not respond. Reload the page when it runs.");
      return;
    }
    this.client = new Client(this.session);
    this.context = {
      client: this.client,
      session: this.session,
      router: this.router,
      confirm: async (question) => (await this.#dialog("mp-confirm")).ask(question),
    };
    this.session.addEventListener("change", () => this.#identified());
    this.#identified();
  }

  /** Shows the views again as another caller sees them. */
  async #identified() {
    this.failure = undefined;
    this.requestUpdate();
    // Without a view first, so that none keeps what another caller has seen.
    await this.updateComplete;
    if (this.session.identity && !this.session.caller) {
      try {
        await this.session.discover(this.client);
      } catch (error) {
        this.failure = error;
      }
    }
  }

  #moved() {
    this.requestUpdate();
    const { view, id } = this.router.route;
    const place = `${view}/${id}`;
    if (this.place !== undefined && this.place !== place) {
      scrollTo(0, 0);
      this.updateComplete.then(() => this.renderRoot.querySelector("main")?.focus({ preventScroll: true }));
    }
    this.place = place;
  }

  render() {
    const { view } = this.router.route;
    const session = this.session;
    document.title = `${VIEWS[view].title} · Milepost`;
    return html`<header>
        <button class="skip" @click=${this.#skip}>Skip to the content</button>
        <a class="brand" href=${href("overview")}><img alt="" src=${new URL("ui/icon.svg", ROOT).href} />Milepost</a>
        <nav aria-label="Views">
          <ul>
            ${Object.entries(VIEWS).map(([name, { title }]) => this.#mayShow(name)
              ? html`<li><a href=${href(name)} aria-current=${name === view ? "page" : nothing}>${title}</a></li>`
              : nothing)}
          </ul>
        </nav>
        <div class="tools">
          ${session?.identity && !this.#isRefused
            ? html`<mp-sign-in mode="chip" .session=${session} .caller=${session.caller}></mp-sign-in>`
            : nothing}
          <button class="plain icon" title="Theme: ${this.theme}" aria-label="Theme: ${this.theme}" @click=${this.#theme}>
            <svg viewBox="0 0 16 16" aria-hidden="true">${THEME_ICON[this.theme]}</svg>
          </button>
          <button class="plain icon" title="Help (?)" aria-label="Help and keyboard map" @click=${this.#help}>?</button>
        </div>
      </header>
      <main id="main" tabindex="-1">${this.#content()}</main>
      <mp-confirm></mp-confirm>
      <mp-help .site=${session?.site}></mp-help>`;
  }

  #content() {
    const session = this.session;
    if (!session) {
      return this.failure ? html`<mp-error .error=${this.failure}></mp-error>` : nothing;
    }
    if (!session.identity || this.#isRefused) {
      return html`<mp-sign-in mode="page" .session=${session} .error=${this.failure}></mp-sign-in>`;
    }
    if (this.failure) {
      return html`<mp-error .error=${this.failure}></mp-error
        ><p><button @click=${() => this.#identified()}>Try again</button></p>`;
    }
    // Until it is known what the caller may do, nothing is offered that may be refused.
    if (!session.caller) {
      return nothing;
    }
    if (!session.may("ListJobs")) {
      return html`<p>
        ${session.name} may not see jobs here: its role is ${session.power.toLowerCase() || "none"}. Use a token of a user,
        an operator or an administrator.
      </p>`;
    }
    return html`<mp-sign-in-again .session=${session} .client=${this.client}></mp-sign-in-again>${this.#view()}`;
  }

  /** Whether the server does not accept the credential. */
  get #isRefused() {
    return this.failure?.status === 401;
  }

  #view() {
    const { route } = this.router;
    const name = route.view === "jobs" && route.id ? "job" : route.view;
    if (!this.#loaded.has(name)) {
      load(name).then(
        () => {
          this.#loaded.add(name);
          this.requestUpdate();
          // While the server is there; one may be needed when it is not.
          setTimeout(() => loadDialogs().catch(() => {}), DIALOGS_AFTER_MILLIS);
        },
        () => {
          this.failure = new Error("A part of the page could not be loaded.");
        },
      );
      return nothing;
    }
    const context = this.context;
    switch (name) {
      case "job":
        return html`<mp-job .context=${context} .route=${route}></mp-job>`;
      case "jobs":
        return html`<mp-jobs .context=${context} .route=${route}></mp-jobs>`;
      case "tasks":
        return html`<mp-tasks .context=${context} .route=${route}></mp-tasks>`;
      case "server":
        return html`<mp-server .context=${context}></mp-server>`;
      default:
        return html`<mp-overview .context=${context}></mp-overview>`;
    }
  }

  #mayShow(view) {
    return view !== "server" || this.session?.may("GetServerInfo");
  }

  #theme() {
    this.theme = nextTheme(this.theme);
    useTheme(this.theme, localStorage);
  }

  async #help() {
    (await this.#dialog("mp-help")).open();
  }

  async #dialog(name) {
    await loadDialogs();
    const dialog = this.renderRoot.querySelector(name);
    await dialog.updateComplete;
    return dialog;
  }

  #skip() {
    this.renderRoot.querySelector("main").focus();
  }

  #press(key) {
    if (key === "?") {
      this.#help();
      return true;
    }
    const view = this.renderRoot.querySelector("main > :not(mp-sign-in-again)");
    if (view?.key?.(key)) {
      return true;
    }
    if (key === "/") {
      this.router.go(href("jobs"));
      return true;
    }
    return false;
  }
}

customElements.define("mp-app", MpApp);
