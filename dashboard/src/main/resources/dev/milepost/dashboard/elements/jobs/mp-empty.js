import { LitElement, css, html, nothing } from "lit";
import { base } from "../base/styles.js";
import { ROOT } from "../../app/links.js";

/** What to do if no job is shown: search otherwise, or create the first one. */
export class MpEmpty extends LitElement {
  static properties = { params: { attribute: false }, session: { attribute: false }, hasMore: { type: Boolean } };

  static styles = [
    base,
    css`
      .empty {
        border: 1px dashed var(--line);
        border-radius: 8px;
        padding: 24px;
        margin-top: 12px;
      }
      p {
        margin: 4px 0 12px;
      }
      pre {
        background: var(--raised);
        border-radius: var(--radius);
        padding: 12px;
      }
      .ways {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
      }
    `,
  ];

  render() {
    const isFiltered = [...this.params.keys()].length > 0;
    if (this.hasMore) {
      return html`<div class="empty">
        <h2>No match so far</h2>
        <p class="quiet">The server reads a limited number of jobs at a time.</p>
        <button @click=${() => this.dispatchEvent(new Event("more"))}>Search older jobs</button>
      </div>`;
    }
    return html`<div class="empty">${isFiltered ? this.#noMatch() : this.#noJobs()}</div>`;
  }

  #noMatch() {
    const q = this.params.get("q") ?? "";
    const isPlain = q !== "" && !q.includes(":") && !q.includes(" ");
    return html`<h2>No job matches</h2>
      <p class="quiet">Text is looked for in ids, names, types and projects.</p>
      <div class="ways">
        ${isPlain
          ? ["user", "type", "id"].map(
              (name) => html`<button @click=${() => this.#send({ q: `${name}:${q}` })}>Search for ${name} “${q}”</button>`,
            )
          : nothing}
        <button @click=${() => this.#send(Object.fromEntries([...this.params.keys()].map((name) => [name, null])))}>
          Show all jobs
        </button>
      </div>`;
  }

  #noJobs() {
    const headers = this.session.identity?.token
      ? "-H \"Authorization: Bearer $TOKEN\""
      : `-H 'x-milepost-user: ${this.session.identity?.user ?? "alice"}'`;
    return html`<h2>No jobs yet</h2>
      <p class="quiet">This creates one. It waits here until a worker for its type asks for jobs.</p>
      <pre>curl ${headers} -H 'Content-Type: application/json' \\
  ${ROOT.href}v1/jobs -d '{"spec": {"type": "resize-photos"}}'</pre>`;
  }

  #send(changes) {
    this.dispatchEvent(new CustomEvent("filter", { detail: { changes, isTyped: false } }));
  }
}

customElements.define("mp-empty", MpEmpty);
