// How the rows of a log are drawn.

import { html, nothing } from "lit";
import { clock, duration, exact, millis, plural } from "../../app/format.js";
import { parts } from "./ansi.js";
import { contextOf, levelOf, textOf } from "./rows.js";

const WORDS = { DEBUG: "DEBUG", INFO: "INFO", MILESTONE: "STEP", WARNING: "WARN", ERROR: "ERROR" };

/** One line of the journal. */
export function line(entry, index, { address, isMarked }) {
  const level = entry.log ? levelOf(entry) : entry.stateChange?.error ? "ERROR" : "MILESTONE";
  const context = contextOf(entry);
  const text = entry.log ? parts(entry.log.message ?? "") : [{ text: textOf(entry), className: "" }];
  return html`<div class="row ${level} ${isMarked ? "marked" : ""}" data-index=${index} data-sequence=${entry.sequence}>
    <a class="number" href=${address} aria-label="Link to line ${entry.sequence}">${entry.sequence}</a>
    <span class="time" title=${exact(entry.time)}>${clock(entry.log?.writeTime ?? entry.time)}</span>
    <span class="level">${entry.log ? WORDS[level] : ""}</span>
    <span class="text"
      >${text.map((part) => (part.className ? html`<span class=${part.className}>${part.text}</span>` : part.text))}${context
        ? html` <span class="context">${context}</span>`
        : nothing}</span
    >
  </div>`;
}

/** The head of the lines of one stage and attempt. */
export function group(row, index, { isFolded, fold }) {
  const took = row.isCut ? "" : duration((millis(row.until) - millis(row.from)) / 1000);
  return html`<div class="row group" data-index=${index}>
    <button aria-expanded=${!isFolded} @click=${fold}>
      <span aria-hidden="true">${isFolded ? "▸" : "▾"}</span>
      <span class="name" dir="auto">${row.stage}</span>
      <span class="quiet numeric">${row.isCut ? "at least " : ""}${plural(row.lines, "line")}</span>
      <span class="quiet numeric">${took}</span>
      ${row.attempt > 1 ? html`<span class="quiet">attempt ${row.attempt}</span>` : nothing}
      ${row.warnings ? html`<span class="yellow">${plural(row.warnings, "warning")}</span>` : nothing}
      ${row.errors ? html`<span class="red">${plural(row.errors, "error")}</span>` : nothing}
      <span class="quiet">${row.detail ?? ""}</span>
    </button>
  </div>`;
}

/** Where entries are missing. */
export function gap(row, index) {
  const what = row.level
    ? plural(row.count, `${row.level.toLowerCase()} line`)
    : plural(row.count, "entry", "entries");
  return html`<div class="row gap" data-index=${index}>── ${what} dropped: the journal keeps a limited number of each level ──</div>`;
}

/** Where there is more than what is loaded. */
export function edge(row, index, { isLoading, more, jump }) {
  const isOlder = row.side === "older";
  return html`<div class="row edge" data-index=${index}>
    ${isLoading
      ? html`<span class="quiet">Reading ${row.side} lines…</span>`
      : html`<button class="plain" @click=${more}>Show ${row.side} lines</button>
          <button class="plain" @click=${jump}>Go to the ${isOlder ? "first" : "last"} line</button>`}
  </div>`;
}
