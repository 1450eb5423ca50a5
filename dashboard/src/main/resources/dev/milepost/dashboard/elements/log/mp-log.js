import { LitElement, html, nothing } from "lit";
import { base } from "../base/styles.js";
import { styles } from "./styles.js";
import { StoreController } from "../../stores/store.js";
import { clock, count, duration, exact, millis, plural } from "../../app/format.js";
import { href } from "../../app/links.js";
import { Layout, LINE_HEIGHT, linesOf } from "./layout.js";
import { LEVELS, contextOf, levelOf, rowsOf, textOf } from "./rows.js";
import { parts } from "./ansi.js";
import { download } from "./download.js";

/** Rows that are drawn above and below what is seen. */
const MARGIN_PX = 400;

/** A short log does not take a whole page. */
const MIN_HEIGHT_PX = 160;

/** Width of one character of the log's font, at 12 px; measured once it is drawn. */
const DEFAULT_COLUMN_PX = 7.25;

const SHORT = { DEBUG: "DEBUG", INFO: "INFO", MILESTONE: "STEP", WARNING: "WARN", ERROR: "ERROR" };

/**
 * The journal of a job. Only what is seen is drawn, so that its length does not matter. Follows the
 * end until one scrolls up.
 *
 * @property store a JobStore
 * @property params of the URL: attempt, level, search, line. Sends "params" to change them.
 */
export class MpLog extends LitElement {
  static properties = {
    store: { attribute: false },
    params: { attribute: false },
    isFollowing: { state: true },
    isWrapped: { state: true },
  };

  static styles = [base, styles];

  #shown = new StoreController(this);
  #folded = new Set();
  #rows = [];
  #layout = new Layout([]);
  #built = "";
  #goal = 0;
  #columnPx = DEFAULT_COLUMN_PX;
  #resize = new ResizeObserver(() => this.requestUpdate());

  constructor() {
    super();
    this.isFollowing = true;
    this.isWrapped = matchMedia("(max-width: 720px)").matches;
  }

  firstUpdated() {
    this.#resize.observe(this.#scroller);
    const line = Number(this.params.get("line"));
    if (line) {
      this.#goal = line;
      this.isFollowing = false;
    }
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#resize.disconnect();
  }

  get #scroller() {
    return this.renderRoot.querySelector(".scroll");
  }

  #filter() {
    return {
      attempt: Number(this.params.get("attempt")) || 0,
      level: this.params.get("level") ?? "DEBUG",
      search: (this.params.get("search") ?? "").toLowerCase(),
    };
  }

  /** Puts the rows together again if anything that they depend on has changed. */
  #build() {
    const { entries, skipped } = this.store;
    const columns = this.#columns();
    const key = [entries.length, skipped.length, entries[0]?.sequence, ...Object.values(this.#filter()), [...this.#folded], columns].join("|");
    if (key === this.#built) {
      return;
    }
    this.#built = key;
    this.#rows = rowsOf(entries, skipped, this.#filter(), this.#folded);
    this.#layout = new Layout(
      this.#rows.map((row) =>
        row.kind === "line" ? linesOf(`${textOf(row.entry)} ${contextOf(row.entry)}`, columns) : 1,
      ),
    );
  }

  #columns() {
    if (!this.isWrapped) {
      return Number.POSITIVE_INFINITY;
    }
    const isNarrow = matchMedia("(max-width: 720px)").matches;
    const gutter = isNarrow ? 44 + 16 + 12 : 56 + 104 + 48 + 12;
    return Math.max(8, Math.floor(((this.#scroller?.clientWidth || 800) - gutter - 2) / this.#columnPx));
  }

  render() {
    const store = this.#shown.show(this.store);
    this.#build();
    const { top, bottom } = this.#window();
    const first = this.#rows.length ? this.#layout.at(top) : 0;
    const drawn = [];
    for (let i = first; i < this.#rows.length && this.#layout.tops[i] < bottom; i++) {
      drawn.push(this.#row(this.#rows[i], i));
    }
    const lines = this.#rows.filter((row) => row.kind === "line").length;
    return html`${this.#tools()}
      <div
        class="scroll ${this.isWrapped ? "wrap" : ""}"
        tabindex="0"
        role="region"
        aria-label="Log"
        @scroll=${this.#scrolled}
        @wheel=${{ handleEvent: (event) => event.deltaY < 0 && (this.isFollowing = false), passive: true }}
      >
        <div class="space">${drawn}</div>
        ${this.#rows.length === 0 ? html`<div class="empty quiet">${this.#empty()}</div>` : nothing}
      </div>
      <div class="foot quiet small numeric">
        <span>${plural(lines, "line")}${lines === store.entries.length ? "" : ` of ${count(store.entries.length)}`}</span>
        ${Number(store.job?.status?.logCounts?.unwritten)
          ? html`<span>${plural(Number(store.job.status.logCounts.unwritten), "line")} not kept: the log had reached its size limit</span>`
          : nothing}
      </div>`;
  }

  #window() {
    const scroller = this.#scroller;
    const y = scroller?.scrollTop ?? 0;
    return { top: y - MARGIN_PX, bottom: y + (scroller?.clientHeight ?? 600) + MARGIN_PX };
  }

  updated() {
    const scroller = this.#scroller;
    const space = this.renderRoot.querySelector(".space");
    scroller.style.maxHeight = `${Math.max(MIN_HEIGHT_PX, this.#layout.height + LINE_HEIGHT)}px`;
    space.style.height = `${this.#layout.height}px`;
    for (const row of space.querySelectorAll(".row")) {
      row.style.top = `${this.#layout.tops[Number(row.dataset.index)]}px`;
    }
    if (this.#goal) {
      this.#show(this.#goal);
    } else if (this.isFollowing) {
      this.#toEnd(scroller);
    }
  }

  #toEnd(scroller) {
    const before = scroller.scrollTop;
    scroller.scrollTop = this.#layout.height;
    // Only if it has moved: the browser decides where the end is, and a hidden log has none.
    if (scroller.scrollTop !== before) {
      this.requestUpdate();
    }
  }

  /** Scrolls to a line, as soon as it has arrived. */
  #show(sequence) {
    const index = this.#rows.findIndex((row) => row.kind === "line" && row.entry.sequence >= sequence);
    if (index < 0) {
      return;
    }
    this.#goal = 0;
    const scroller = this.#scroller;
    scroller.scrollTop = this.#layout.tops[index] - scroller.clientHeight / 3;
    this.requestUpdate();
  }

  #scrolled() {
    const scroller = this.#scroller;
    const isAtEnd = scroller.scrollTop + scroller.clientHeight >= this.#layout.height - 2 * LINE_HEIGHT;
    if (!isAtEnd && this.isFollowing && scroller.scrollTop < this.#layout.height - scroller.clientHeight - 2 * LINE_HEIGHT) {
      this.isFollowing = false;
    } else if (isAtEnd && !this.#goal && !this.isFollowing) {
      this.isFollowing = true;
    }
    this.requestUpdate();
  }

  #row(row, index) {
    if (row.kind === "gap") {
      return html`<div class="row gap" data-index=${index}>── ${plural(row.count, "entry", "entries")} dropped: the journal keeps a limited number of each level ──</div>`;
    }
    if (row.kind === "group") {
      const isFolded = this.#folded.has(row.key);
      const took = duration((millis(row.until) - millis(row.from)) / 1000);
      return html`<div class="row group" data-index=${index}>
        <button aria-expanded=${!isFolded} @click=${() => this.#fold(row.key)}>
          <span aria-hidden="true">${isFolded ? "▸" : "▾"}</span>
          <span class="name" dir="auto">${row.stage}</span>
          <span class="quiet numeric">${plural(row.lines, "line")}</span>
          <span class="quiet numeric">${took}</span>
          ${row.attempt > 1 ? html`<span class="quiet">attempt ${row.attempt}</span>` : nothing}
          ${row.warnings ? html`<span class="yellow">${plural(row.warnings, "warning")}</span>` : nothing}
          ${row.errors ? html`<span class="red">${plural(row.errors, "error")}</span>` : nothing}
          <span class="quiet">${row.detail ?? ""}</span>
        </button>
      </div>`;
    }
    return this.#line(row.entry, index);
  }

  #line(entry, index) {
    const level = levelOf(entry);
    const context = contextOf(entry);
    const isMarked = Number(this.params.get("line")) === entry.sequence;
    const text = entry.log ? parts(entry.log.message ?? "") : [{ text: textOf(entry), className: "" }];
    return html`<div class="row ${level} ${isMarked ? "marked" : ""}" data-index=${index} data-sequence=${entry.sequence}>
      <a class="number" href=${this.#link(entry.sequence)} aria-label="Link to line ${entry.sequence}">${entry.sequence}</a>
      <span class="time" title=${exact(entry.time)}>${clock(entry.log?.writeTime ?? entry.time)}</span>
      <span class="level">${entry.log ? SHORT[level] : ""}</span>
      <span class="text"
        >${text.map((part) => (part.className ? html`<span class=${part.className}>${part.text}</span>` : part.text))}${context
          ? html` <span class="context">${context}</span>`
          : nothing}</span
      >
    </div>`;
  }

  #link(sequence) {
    const params = Object.fromEntries([...this.params.entries()].filter(([name]) => name !== "tab"));
    return href("jobs", this.store.job?.id, { ...params, line: String(sequence) });
  }

  #tools() {
    const { level, attempt } = this.#filter();
    const attempts = this.store.job?.status?.attempt ?? 0;
    return html`<div class="tools">
      ${attempts > 1
        ? html`<label
            >Attempt
            <select @change=${(event) => this.#send({ attempt: event.target.value })}>
              <option value="" .selected=${!attempt}>all</option>
              ${Array.from({ length: attempts }, (_, i) => i + 1).map(
                (number) => html`<option value=${number} .selected=${number === attempt}>${number}</option>`,
              )}
            </select></label
          >`
        : nothing}
      <label
        >Level
        <select @change=${(event) => this.#send({ level: event.target.value === "DEBUG" ? "" : event.target.value })}>
          ${LEVELS.map(
            (one) =>
              html`<option value=${one} .selected=${one === level}>
                ${one === "DEBUG" ? "all" : `${one.toLowerCase()} and above`}
              </option>`,
          )}
        </select></label
      >
      <input
        type="search"
        aria-label="Search the log"
        placeholder="Search the log"
        .value=${this.params.get("search") ?? ""}
        @input=${(event) => this.#send({ search: event.target.value })}
      />
      <button aria-pressed=${this.isFollowing} @click=${() => this.follow()}>↓ ${this.isFollowing ? "Following" : "Follow"}</button>
      <span class="push"></span>
      <button aria-pressed=${this.isWrapped} @click=${() => (this.isWrapped = !this.isWrapped)}>Wrap</button>
      <button @click=${() => download(this.store.job.id, this.#rows)}>Download</button>
    </div>`;
  }

  #empty() {
    if (this.store.entries.length) {
      return "No line matches.";
    }
    return this.store.stream === "connecting" ? "" : "Nothing is written yet. Lines appear here as the worker reports them.";
  }

  #fold(key) {
    this.#folded.delete(key) || this.#folded.add(key);
    this.isFollowing = false;
    this.requestUpdate();
  }

  #send(changes) {
    this.dispatchEvent(new CustomEvent("params", { detail: { ...changes, line: null } }));
  }

  /** Follows the end from now on, or no longer. */
  follow() {
    this.isFollowing = !this.isFollowing;
  }

  focus() {
    this.renderRoot.querySelector("input")?.focus();
  }
}

customElements.define("mp-log", MpLog);
