import { LitElement, css, html, nothing, svg } from "lit";
import { base } from "../base/styles.js";
import { unitFor } from "../../progress/words.js";
import { about, amount, millis, rate } from "../../app/format.js";

const WIDTH = 1000;

/** Returns the fraction done of a progress, or NaN if it is unknown. */
export function fraction(progress) {
  if (!progress) {
    return Number.NaN;
  }
  if (progress.fraction !== undefined) {
    return progress.fraction;
  }
  const total = Number(progress.total);
  return total > 0 ? Math.min(1, Number(progress.current ?? 0) / total) : Number.NaN;
}

/** Returns what a progress has counted, such as "730 of 1,204 files"; empty if it counts nothing. */
export function units(progress) {
  const unit = progress?.unit ?? "";
  const named = (value) => (unit === "bytes" ? amount(value, unit) : `${amount(value, unit)} ${unitFor(value, unit)}`.trim());
  if (progress?.total !== undefined) {
    return `${amount(progress.current ?? 0, unit)} of ${named(progress.total)}`;
  }
  return Number(progress?.current) > 0 ? named(progress.current) : "";
}

/** Returns how long the work will take at its recent rate; a guess, and marked as one. */
export function left(progress, now = Date.now()) {
  const rest = (millis(progress?.estimatedEndTime) - now) / 1000;
  return rest >= 1 ? `about ${about(rest)} left` : "";
}

/**
 * How far a job is: a bar and the numbers that it stands for.
 *
 * @property progress of the contract
 * @property state of the job, which colors the bar
 * @property compact only the bar and the percentage
 */
export class MpProgress extends LitElement {
  static properties = { progress: { attribute: false }, state: {}, compact: { type: Boolean } };

  static styles = [
    base,
    css`
      :host {
        display: block;
      }
      .line {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 4px 16px;
      }
      svg {
        display: block;
        height: 8px;
        width: 100%;
        border-radius: 4px;
        background: var(--line);
      }
      .bar {
        flex: 1 1 160px;
        min-width: 80px;
      }
      .compact .bar {
        flex-basis: 64px;
        min-width: 48px;
      }
      .compact svg {
        height: 6px;
      }
      rect {
        fill: var(--running);
      }
      .QUEUED rect,
      .CANCELLED rect {
        fill: var(--quiet);
      }
      .SUCCEEDED rect {
        fill: var(--succeeded);
      }
      .FAILED rect {
        fill: var(--failed);
      }
      .CANCELLING rect,
      .STALLED rect {
        fill: var(--stalled);
      }
      .percent {
        font-weight: 600;
      }
      .compact .percent {
        font-weight: 400;
        min-width: 36px;
      }
    `,
  ];

  render() {
    const progress = this.progress;
    const done = fraction(progress);
    const known = Number.isFinite(done);
    const percent = progress?.percent ?? (known ? Math.floor(done * 100) : undefined);
    const counted = units(progress);
    if (!known && !counted) {
      return nothing;
    }
    const text = [percent === undefined ? "" : `${percent} %`, counted].filter(Boolean).join(" · ");
    const bar = known
      ? html`<div
          class="bar"
          role="progressbar"
          aria-label="Progress"
          aria-valuemin="0"
          aria-valuemax="100"
          aria-valuenow=${percent}
          aria-valuetext=${text}
        >
          <svg viewBox="0 0 ${WIDTH} 8" preserveAspectRatio="none" aria-hidden="true">
            ${svg`<rect height="8" width=${Math.round(done * WIDTH)}></rect>`}
          </svg>
        </div>`
      : nothing;
    if (this.compact) {
      return html`<div class="line compact ${this.state}">
        ${bar}<span class="percent numeric">${percent === undefined ? counted : `${percent} %`}</span>
      </div>`;
    }
    const running = this.state === "RUNNING" || this.state === "STALLED" || this.state === "CANCELLING";
    return html`<div class="line ${this.state}">
      ${bar}
      ${percent === undefined ? nothing : html`<span class="percent numeric">${percent} %</span>`}
      ${counted ? html`<span class="numeric">${counted}</span>` : nothing}
      ${running && rate(progress.rate, progress.unit)
        ? html`<span class="quiet numeric">${rate(progress.rate, progress.unit)}</span>`
        : nothing}
      ${running && left(progress) ? html`<span class="quiet numeric">${left(progress)}</span>` : nothing}
    </div>`;
  }
}

customElements.define("mp-progress", MpProgress);
