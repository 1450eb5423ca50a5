import { LitElement, css, html, nothing } from "lit";
import { base } from "../base/styles.js";
import { Refresh } from "../../app/refresh.js";
import { bytes, count, duration, exact, seconds } from "../../app/format.js";
import { StatsStore } from "../../stores/stats-store.js";
import { StoreController } from "../../stores/store.js";
import "../error/mp-error.js";
import "../live/mp-live.js";
import "../time/mp-time.js";

/** What a server says of itself hardly changes, but for its store's health. */
const INTERVAL_MS = 60_000;

const DURABILITY = {
  STORE_DURABILITY_NONE: "nothing: jobs are lost with the process",
  STORE_DURABILITY_CONFIGURED: "what the store is configured to survive",
  STORE_DURABILITY_DURABLE: "a power loss",
};

const LOAD = [
  ["openCalls", "Open calls"],
  ["openWatches", "Open watches"],
  ["waitingClaims", "Waiting workers' calls"],
  ["pendingChanges", "Changes that wait for the store"],
];

/** The server that responds: what it is, what it guarantees, what it is busy with. */
export class MpServer extends LitElement {
  static properties = { context: { attribute: false }, info: { state: true }, failure: { state: true } };

  static styles = [
    base,
    css`
      h1 {
        outline: none;
      }
      .head {
        display: flex;
        align-items: baseline;
        gap: 12px;
        margin-bottom: 12px;
      }
      .two {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(360px, 100%), 1fr));
        gap: 24px 40px;
        margin-bottom: 24px;
      }
      h2 {
        margin-bottom: 8px;
      }
      .limits {
        columns: 2 360px;
        column-gap: 40px;
      }
      .limits div {
        display: flex;
        justify-content: space-between;
        gap: 16px;
        padding: 4px 0;
        border-bottom: 1px solid var(--line);
        break-inside: avoid;
      }
      .limits dt {
        overflow-wrap: anywhere;
      }
      .bad {
        color: var(--failed);
        font-weight: 600;
      }
    `,
  ];

  #shown = new StoreController(this);
  #stats = null;
  #stream = "";
  #refresh = new Refresh(this, INTERVAL_MS);

  willUpdate() {
    // What it is busy with, only an administrator is told.
    if (!this.#stats && this.context.session.power === "ADMIN") {
      this.#stats = this.#shown.show(new StatsStore(this.context.client).start());
    }
    const stream = this.#stats?.stream ?? "";
    if (stream !== this.#stream && (stream === "reconnecting" || this.#stream === "reconnecting")) {
      this.#refresh.now();
    }
    this.#stream = stream;
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#stats?.close();
    this.#stats = null;
  }

  async refresh(signal) {
    try {
      this.info = await this.context.client.get("/v1/server", {}, signal);
      this.failure = undefined;
    } catch (error) {
      if (error.name !== "AbortError") {
        this.failure = error;
      }
    }
  }

  render() {
    return html`<section data-view="server">
      <div class="head">
        <h1 tabindex="-1">Server</h1>
        <mp-live .state=${this.#stats?.stream}></mp-live>
      </div>
      ${this.failure ? html`<mp-error .error=${this.failure}></mp-error>` : nothing}
      ${this.info ? this.#facts(this.info) : nothing}
    </section>`;
  }

  #facts(info) {
    const store = info.store ?? {};
    const load = this.#stats?.load;
    return html`<div class="two">
        <div>
          <h2>This server</h2>
          ${facts([
            ["Address", info.server],
            ["Version", info.version],
            ["Commit", info.commit],
            ["Java", info.javaVersion],
            ["Started", html`${exact(info.startTime)}, <mp-time .time=${info.startTime}></mp-time>`],
            ["Run", info.serverId],
          ])}
        </div>
        <div>
          <h2>Store</h2>
          ${facts([
            ["Kind", store.kind],
            ["Available", store.available ? "yes" : html`<span class="bad">no: it cannot be reached, or accepts no changes</span>`],
            ["An acknowledged change survives", DURABILITY[store.durability]],
            ["Note", store.durabilityNote],
            ["News of other servers", seconds(store.feedLag) > 0 ? `${duration(seconds(store.feedLag))} old` : ""],
          ])}
        </div>
        ${load
          ? html`<div>
              <h2>Busy with</h2>
              ${facts(LOAD.map(([field, name]) => [name, count(load[field] ?? 0)]))}
            </div>`
          : nothing}
      </div>
      <h2>Limits</h2>
      <dl class="limits">
        ${(info.limits ?? []).map(({ name, value, unit }) => html`<div>
          <dt class="mono">${name}</dt>
          <dd class="numeric">${limit(Number(value ?? 0), unit)}</dd>
        </div>`)}
      </dl>`;
  }
}

function facts(rows) {
  return html`<dl class="facts">
    ${rows.filter(([, value]) => value).map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}
  </dl>`;
}

function limit(value, unit) {
  return unit === "bytes" ? bytes(value) : unit === "ms" ? duration(value / 1000) : count(value);
}

customElements.define("mp-server", MpServer);
