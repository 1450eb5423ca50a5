// Draws every element in every state, without a server: for those who change one, and for pictures.
import { LitElement, html, render } from "lit";
import { STATES } from "../app/states.js";
import { base } from "../elements/base/styles.js";
import { styles } from "../elements/job/styles.js";
import { cancel, failure, progress, stalled, waiting } from "../elements/job/summary.js";
import { history, input, outcome } from "../elements/job/tabs.js";
import "../elements/attempts/mp-attempts.js";
import "../elements/error/mp-error.js";
import "../elements/job-list/mp-job-list.js";
import "../elements/jobs/mp-empty.js";
import "../elements/live/mp-live.js";
import "../elements/log/mp-log.js";
import "../elements/progress/mp-progress.js";
import "../elements/state/mp-state.js";
import "../elements/time/mp-time.js";
import "../elements/tree/mp-tree.js";
import { ERROR, EXPLANATION, JOBS, PROGRESSES, entries, journal, listStore } from "./samples.js";

const none = new URLSearchParams();

/** A part of the job's page, with its styles. */
class JobPart extends LitElement {
  static properties = { content: { attribute: false } };

  static styles = [base, styles];

  render() {
    return html`<div class="panel">${this.content}</div>`;
  }
}

customElements.define("mp-job-part", JobPart);

const part = (content) => html`<mp-job-part .content=${content}></mp-job-part>`;

const SECTIONS = {
  "mp-state": () => [...Object.keys(STATES), "STALLED"].map((state) => [state, html`<mp-state .state=${state}></mp-state>`]),
  "mp-progress": () =>
    Object.entries(PROGRESSES).map(([name, [value, state]]) => [
      name,
      html`<mp-progress .progress=${value} .state=${state}></mp-progress><mp-progress compact .progress=${value} .state=${state}></mp-progress>`,
    ]),
  "mp-time": () =>
    [1, 50, 3000, 90_000, -600].map((ago) => [
      `${ago} s ago`,
      html`<mp-time .time=${new Date(Date.now() - ago * 1000).toISOString()}></mp-time>`,
    ]),
  "mp-live": () => ["connecting", "live", "reconnecting", "failed"].map((state) => [state, html`<mp-live .state=${state}></mp-live>`]),
  "mp-error": () => [["the server's sentence", html`<mp-error .error=${ERROR}></mp-error>`]],
  "mp-empty": () => [
    ["no jobs", html`<mp-empty .params=${none} .session=${{ identity: { user: "alice" } }}></mp-empty>`],
    ["no match", html`<mp-empty .params=${new URLSearchParams("q=reindex")}></mp-empty>`],
  ],
  "mp-job-list": () => [["all states, odd names", html`<mp-job-list .store=${listStore()} .selected=${new Set([JOBS[1].id])}></mp-job-list>`]],
  "summary of a job": () =>
    JOBS.map((job) => [
      job.spec.displayName.slice(0, 40),
      part(html`${failure(job)} ${stalled(job)} ${cancel(job)} ${waiting(job, EXPLANATION)} ${progress(job)}
        <mp-attempts .job=${job}></mp-attempts>`),
    ]),
  "input, outcome, history": () => [
    ["input", part(input(JOBS[0]))],
    ["outcome", part(outcome(JOBS[3]))],
    ["history", part(history(entries()))],
  ],
  "mp-log": () => [
    ["groups, colors, gaps", html`<mp-log .job=${JOBS[0]} .journal=${journal(entries())} .params=${new URLSearchParams("line=5")}></mp-log>`],
    ["the end of a long one", html`<mp-log .job=${JOBS[0]} .journal=${journal(entries(), { hasOlder: true })} .params=${none}></mp-log>`],
    ["empty", html`<mp-log .job=${JOBS[0]} .journal=${journal([])} .params=${none}></mp-log>`],
  ],
};

const column = (theme) => html`<section class=${theme} aria-label=${theme}>
  ${Object.entries(SECTIONS).map(
    ([name, cases]) => html`<h2>${name}</h2>
      ${cases().map(([title, element]) => html`<div class="case"><div class="name" dir="auto">${title}</div>${element}</div>`)}`,
  )}
</section>`;

document.title = "Elements · Milepost";
const style = Object.assign(document.createElement("link"), { rel: "stylesheet", href: new URL("catalog.css", import.meta.url).href });
document.head.append(style);
const main = Object.assign(document.createElement("main"), { id: "catalog" });
document.querySelector("mp-app").replaceWith(main);
render([column("light"), column("dark")], main);
