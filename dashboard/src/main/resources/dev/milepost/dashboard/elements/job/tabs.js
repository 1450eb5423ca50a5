// The parts of a job below the fold, one tab each.

import { html, nothing } from "lit";
import { count, duration, exact, plural, seconds } from "../../app/format.js";
import { short } from "../../app/states.js";
import { message } from "./message.js";

/** Returns the tabs that a job has: {name, title}. */
export function tabsOf(job) {
  const status = job.status ?? {};
  const items = Object.values(status.itemCounts ?? {}).reduce((sum, one) => sum + Number(one), 0);
  const failed = Number(status.itemCounts?.failed ?? 0);
  const children = Object.values(status.childCounts ?? {}).reduce((sum, one) => sum + Number(one), 0);
  return [
    { name: "log", title: "Log" },
    items && { name: "items", title: failed ? `Items ${count(failed)} failed` : `Items ${count(items)}` },
    { name: "input", title: "Input" },
    { name: "outcome", title: "Outcome" },
    /BATCH|TASK/.test(job.kind) && { name: "children", title: children ? `Children ${count(children)}` : "Children" },
    status.webhookDeliveries?.length && { name: "webhooks", title: "Webhooks" },
    { name: "history", title: "History" },
  ].filter(Boolean);
}

/** What the owner requested. */
export function input(job) {
  const spec = job.spec ?? {};
  const { params, metadata, labels, displayName, type, ...rest } = spec;
  const facts = [
    ["Type", type],
    ["Owner", job.userId],
    ["Tenant", job.tenantId],
    ["Project", rest.projectId],
    ["Scope", short(rest.scope?.replace("JOB_SCOPE_", "")).toLowerCase().replace("_", " ")],
    ["Priority", rest.priority],
    ["Trigger", rest.trigger?.replace("JOB_TRIGGER_", "").toLowerCase()],
    ["Version", rest.algorithmVersion],
    ["Automatic retries", rest.maxRetries],
    ["Not before", exact(rest.notBeforeTime)],
    ["Expires", exact(rest.expireTime)],
    ["Webhook", rest.webhook?.url],
    ["Trace", rest.traceParent],
  ].filter(([, value]) => value !== undefined && value !== "" && value !== null);
  return html`<div class="two">
    <div>
      <mp-tree label="Params" .value=${params}></mp-tree>
      ${params ? nothing : html`<p class="quiet">The job has no params.</p>`}
      <mp-tree label="Metadata" .value=${metadata}></mp-tree>
    </div>
    <div>
      <dl class="facts">${facts.map(([name, value]) => html`<dt>${name}</dt><dd dir="auto">${value}</dd>`)}</dl>
      ${labels ? html`<mp-tree label="Labels" .value=${labels}></mp-tree>` : nothing}
      ${rest.timeouts ? html`<mp-tree label="Timeouts" .value=${rest.timeouts}></mp-tree>` : nothing}
      ${rest.retryBackoff ? html`<mp-tree label="Retry backoff" .value=${rest.retryBackoff}></mp-tree>` : nothing}
    </div>
  </div>`;
}

/** What has come of the job. */
export function outcome(job) {
  const status = job.status ?? {};
  const counters = Object.entries(status.outcome ?? {});
  const isEmpty = !counters.length && !status.result && !status.checkpoint && !status.error;
  return html`${counters.length
      ? html`<dl class="counters">${counters.map(([name, value]) => html`<div><dt dir="auto">${name}</dt><dd class="numeric">${count(value)}</dd></div>`)}</dl>`
      : nothing}
    <mp-tree label="Result" .value=${status.result}></mp-tree>
    <mp-tree label="Error" .value=${status.error}></mp-tree>
    <mp-tree label="Checkpoint" .value=${status.checkpoint}></mp-tree>
    ${isEmpty ? html`<p class="quiet">There is nothing yet. Counters, the result and errors appear here.</p>` : nothing}
    ${status.endTime
      ? html`<p class="quiet">Ended <mp-time .time=${status.endTime}></mp-time>, after ${duration(seconds(status.duration)) || "no run"}.
          ${status.expireTime ? html`It is deleted <mp-time .time=${status.expireTime}></mp-time>.` : nothing}</p>`
      : nothing}`;
}

/** The changes of its state. */
export function history(entries) {
  return html`<ol class="history" aria-label="History">
    ${entries
      .filter((entry) => entry.stateChange)
      .map(({ stateChange: change, time, attempt }) => html`<li>
        <span class="quiet numeric" title=${exact(time)}><mp-time .time=${time}></mp-time></span>
        <mp-state .state=${short(change.toState)}></mp-state>
        ${message([
          change.cause && `by ${change.cause}`,
          attempt && `attempt ${attempt}`,
          change.reason,
          change.error && [change.error.code, change.error.message].filter(Boolean).join(": "),
        ].filter(Boolean).join(" · "))}
      </li>`)}
  </ol>`;
}

/** The deliveries of its webhook. */
export function webhooks(job) {
  return html`<ul class="deliveries" aria-label="Webhook deliveries">
    ${job.status.webhookDeliveries.map((one) => html`<li>
      <mp-state .state=${short(one.state)}></mp-state>
      <span class="words">${short(one.deliveryState).toLowerCase()} · ${plural(one.tries ?? 0, "try", "tries")}
        ${one.statusCode ? html`· HTTP ${one.statusCode}` : nothing}
        ${one.error ? html`<span class="quiet" dir="auto">${one.error}</span>` : nothing}
        ${one.nextTryTime ? html`· next try <mp-time .time=${one.nextTryTime}></mp-time>` : nothing}</span>
      <mp-time class="quiet" .time=${one.lastTryTime ?? one.eventTime}></mp-time>
    </li>`)}
  </ul>`;
}
