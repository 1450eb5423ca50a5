import { LitElement, css, html, nothing } from "lit";
import { base } from "../base/styles.js";
import { duration, exact, millis, plural } from "../../app/format.js";
import { href } from "../../app/links.js";
import { isFinished } from "../../app/states.js";

const WORDS = {
  RUNNING: "running",
  SUCCEEDED: "succeeded",
  FAILED: "failed",
  CANCELLED: "cancelled",
  RELEASED: "released",
  LOST: "lease lost",
};

/** The attempts of a job in order, each with how it ended and why. */
export class MpAttempts extends LitElement {
  static properties = { job: { attribute: false } };

  static styles = [
    base,
    css`
      ol {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
      }
      li {
        flex: 1 1 160px;
        max-width: 360px;
        min-width: 0;
        border-top: 3px solid var(--quiet);
        background: var(--raised);
        border-radius: 0 0 var(--radius) var(--radius);
        padding: 6px 10px 8px;
      }
      a {
        font-weight: 600;
        color: inherit;
      }
      .SUCCEEDED {
        border-color: var(--succeeded);
      }
      .RUNNING {
        border-color: var(--running);
      }
      .FAILED {
        border-color: var(--failed);
      }
      .LOST {
        border-color: var(--stalled);
      }
      .error {
        display: -webkit-box;
        -webkit-line-clamp: 2;
        -webkit-box-orient: vertical;
        overflow: hidden;
        overflow-wrap: anywhere;
      }
    `,
  ];

  render() {
    const { job } = this;
    const status = job?.status ?? {};
    const attempts = status.attempts ?? [];
    if (!job || (attempts.length === 0 && !isFinished(job) && /BATCH|TASK/.test(job.kind))) {
      return nothing;
    }
    const earlier = (status.attempt ?? 0) - attempts.length;
    return html`<ol aria-label="Attempts">
      ${this.#queued(job, attempts[0], earlier)}
      ${attempts.map((attempt) => this.#attempt(job, attempt))}
      ${attempts.length && status.state === "JOB_STATE_QUEUED"
        ? html`<li class="QUEUED"><strong>Queued again</strong>
            <div class="quiet">${duration((Date.now() - millis(status.queueTime)) / 1000)}</div></li>`
        : nothing}
    </ol>`;
  }

  #queued(job, first, earlier) {
    if (earlier > 0) {
      return html`<li><strong>${plural(earlier, "earlier attempt")}</strong><div class="quiet">see the log</div></li>`;
    }
    const until = millis(first?.startTime ?? job.status?.endTime) || Date.now();
    const wait = duration((until - millis(job.createTime)) / 1000);
    return html`<li title=${exact(job.createTime)}><strong>Queued</strong><div class="quiet numeric">${wait}</div></li>`;
  }

  #attempt(job, attempt) {
    const outcome = (attempt.outcome ?? "").replace("ATTEMPT_OUTCOME_", "");
    const took = duration(((millis(attempt.endTime) || Date.now()) - millis(attempt.startTime)) / 1000);
    return html`<li class=${outcome} title=${exact(attempt.startTime)}>
      <div class="cut"><a href=${href("jobs", job.id, { attempt: attempt.number })} title="What attempt ${attempt.number} wrote"
        >Attempt ${attempt.number}</a> <span class="quiet" dir="auto">${attempt.workerId}</span></div>
      <div class="numeric">${WORDS[outcome] ?? outcome} ${outcome === "RUNNING" ? took : html`<span class="quiet">after ${took}</span>`}</div>
      ${attempt.error
        ? html`<div class="error quiet small" dir="auto" title=${attempt.error.message ?? ""}
            >${[attempt.error.code, attempt.error.message].filter(Boolean).join(": ")}</div>`
        : nothing}
    </li>`;
  }
}

customElements.define("mp-attempts", MpAttempts);
