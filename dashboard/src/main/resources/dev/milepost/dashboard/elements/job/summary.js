// What is said of a job above the fold: how far it is, and why it does not move.

import { html, nothing } from "lit";
import { about, count, duration, exact, millis } from "../../app/format.js";
import { href } from "../../app/links.js";
import { isFinished, short, stateOf } from "../../app/states.js";
import { message } from "./message.js";

const PART_MARKS = { DONE: "✓", FAILED: "✕", PENDING: "–" };

/** What the job is doing, with its numbers. */
export function progress(job) {
  const status = job.status ?? {};
  const now = status.progress ?? {};
  const stage = isFinished(job) ? "" : status.stage?.name;
  const detail = isFinished(job) ? "" : [status.stage?.detail, now.message].filter(Boolean).join(" · ");
  const counters = ["succeeded", "failed", "skipped"].filter((name) => Number(now[name]));
  return html`${stage || detail
      ? html`<div><span class="stage" dir="auto">${stage}</span> <span class="quiet words" dir="auto">${detail}</span></div>`
      : nothing}
    <mp-progress .progress=${status.progress} .state=${stateOf(job)}></mp-progress>
    ${now.subOperations?.length || counters.length
      ? html`<div class="parts">
          ${(now.subOperations ?? []).map((part) => subOperation(part))}
          ${counters.map((name) => html`<span class="quiet numeric">${name} ${count(now[name])}</span>`)}
        </div>`
      : nothing}`;
}

function subOperation(part) {
  const state = short(part.state);
  const percent = `${Math.floor((part.fraction ?? 0) * 100)} %`;
  return html`<span class=${state} dir="auto">${part.displayName || part.id} ${PART_MARKS[state] ?? percent}</span>`;
}

/** Why the job is not claimed. */
export function waiting(job, explanation) {
  if (stateOf(job) !== "QUEUED" || !explanation) {
    return nothing;
  }
  const queued = Number(explanation.queuedJobs ?? 0);
  return html`<div class="note">
    <strong>Why it waits</strong>
    ${(explanation.reasons ?? []).map(
      (reason) => html`<div>${reason.message}
        ${reason.parentId ? html`<a href=${href("jobs", reason.parentId)}>Parent job</a>` : nothing}</div>`,
    )}
    ${queued > 1 ? html`<div class="quiet">${count(queued)} jobs of its type and scope are queued, this one included.</div>` : nothing}
    ${explanation.lastMatchTime
      ? html`<div class="quiet">A worker for it was last seen <mp-time .time=${explanation.lastMatchTime}></mp-time>.</div>`
      : nothing}
  </div>`;
}

/** That the worker is alive and says nothing new. */
export function stalled(job) {
  if (stateOf(job) !== "STALLED") {
    return nothing;
  }
  const status = job.status;
  const since = status.progress?.lastProgressTime ?? status.attempts?.at(-1)?.startTime;
  return html`<div class="note">
    <strong>No word since <mp-time .time=${since}></mp-time>.</strong> The worker
    <span dir="auto">${status.workerId}</span> is alive (heard <mp-time .time=${status.heartbeatTime}></mp-time>), but
    reports nothing new.
  </div>`;
}

/** Why it did not succeed. */
export function failure(job) {
  const error = job.status?.error;
  if (!error) {
    return nothing;
  }
  const isLast = short(job.status.state) === "FAILED";
  return html`<div class="note ${isLast ? "failed" : ""}">
    <div><strong>${isLast ? "Failed" : "The last attempt failed"}: <code>${error.code}</code></strong></div>
    ${message(error.message ?? "")}
    ${error.stackTrace
      ? html`<details><summary class="quiet">Stack trace</summary><pre>${error.stackTrace}</pre></details>`
      : nothing}
    ${error.details ? html`<mp-tree label="Details" .value=${error.details}></mp-tree>` : nothing}
  </div>`;
}

/** Whether the cancel has reached the worker, and what came of it. */
export function cancel(job) {
  const found = job.status?.cancel;
  if (!found) {
    return nothing;
  }
  const state = short(job.status.state);
  const took = (millis(found.deliverTime) - millis(found.requestTime)) / 1000;
  const steps = [
    html`requested by <span dir="auto">${found.requestedBy}</span> <mp-time .time=${found.requestTime}></mp-time>`,
  ];
  if (found.deliverTime) {
    steps.push(html`delivered to <span dir="auto">${job.status.workerId}</span> after ${duration(Math.max(took, 0.001))}`);
  } else if (state === "CANCELLING") {
    steps.push(html`not yet delivered to <span dir="auto">${job.status.workerId}</span>`);
  }
  if (state === "CANCELLING" && found.graceExpireTime) {
    const rest = (millis(found.graceExpireTime) - Date.now()) / 1000;
    steps.push(html`<span title=${exact(found.graceExpireTime)}>waits for its confirmation, at most ${about(rest)} more</span>`);
  } else if (state === "CANCELLED") {
    const unconfirmed = job.status.error?.code === "CANCEL_UNCONFIRMED";
    steps.push(found.deliverTime || unconfirmed ? (unconfirmed ? "not confirmed in time" : "confirmed") : "cancelled at once");
  } else if (state === "SUCCEEDED") {
    steps.push("the work ended first");
  }
  return html`<div class="note info" role="status">
    <strong>Cancel</strong> ${steps.map((step, i) => html`${i ? " → " : ""}${step}`)}
    ${found.reason ? html`<div class="quiet words" dir="auto">Reason: ${found.reason}</div>` : nothing}
  </div>`;
}
