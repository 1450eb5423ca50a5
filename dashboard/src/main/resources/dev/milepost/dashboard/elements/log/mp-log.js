import { LitElement, html, nothing } from "lit";
import { base } from "../base/styles.js";
import { styles } from "./styles.js";
import { StoreController } from "../../stores/store.js";
import { plural } from "../../app/format.js";
import { href } from "../../app/links.js";
import { Layout, LINE_HEIGHT, linesOf } from "./layout.js";
import { contextOf, rowsOf, textOf } from "./rows.js";
import { edge, gap, group, line } from "./lines.js";
import { tools } from "./tools.js";
import { amount, nothingToShow, unsent, unwritten } from "./words.js";
import { download } from "./download.js";
import "../error/mp-error.js";

/** Rows that are drawn above and below what is seen. */
const MARGIN_PX = 400;

/** So near to the end of what is loaded, more is loaded. */
const NEAR_PX = 800;

/** A short log does not take a whole page. */
const MIN_HEIGHT_PX = 160;

/** Width of one character of the log's font, at 12 px. */
const COLUMN_PX = 7.25;

const TYPING_PAUSE_MS = 300;

/**
 * The journal of a job. Only what is seen is drawn, and only what is near it is loaded, so that its
 * length does not matter. Follows the end until one scrolls up.
 *
 * @property job the job
 * @property journal a JournalStore, which has what the parameters select
 * @property params of the URL: attempt, level, search, line. Sends "params" to change them.
 */
export class MpLog extends LitElement {
  static properties = {
    job: { attribute: false },
    journal: { attribute: false },
    params: { attribute: false },
    isFollowing: { state: true },
    isWrapped: { state: true },
    saving: { state: true },
    failure: { state: true },
  };

  static styles = [base, styles];

  #shown = new StoreController(this);
  #folded = new Set();
  #rows = [];
  #layout = new Layout([]);
  #built = [];
  #journal = null;
  #line = 0;
  /** The line to scroll to as soon as it is loaded. */
  #goal = 0;
  /** A line that must stay where it is: {sequence, distance from the top of what is seen}. */
  #anchor = null;
  #typing = 0;
  #resize = new ResizeObserver(() => this.requestUpdate());

  constructor() {
    super();
    this.isFollowing = true;
    this.isWrapped = matchMedia("(max-width: 720px)").matches;
    this.saving = null;
  }

  firstUpdated() {
    this.#resize.observe(this.#scroller);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#resize.disconnect();
    clearTimeout(this.#typing);
  }

  get #scroller() {
    return this.renderRoot.querySelector(".scroll");
  }

  willUpdate() {
    const marked = Number(this.params.get("line")) || 0;
    if (this.journal !== this.#journal) {
      this.#journal = this.#shown.show(this.journal);
      this.#folded.clear();
      this.#line = marked;
      this.#goal = marked;
      this.isFollowing = !marked;
    } else if (marked !== this.#line) {
      this.#line = marked;
      if (marked) {
        this.#goal = marked;
        this.isFollowing = false;
        if (!this.journal.has(marked)) {
          this.journal.open(marked);
        }
      }
    }
    this.#build();
  }

  /** Puts the rows together again if anything that they depend on has changed. */
  #build() {
    const { entries, hasOlder, hasNewer } = this.journal;
    const columns = this.#columns();
    const key = [entries, hasOlder, hasNewer, columns, [...this.#folded].join()];
    if (key.every((part, i) => part === this.#built[i])) {
      return;
    }
    this.#built = key;
    this.#anchor = this.isFollowing || this.#goal ? null : (this.#anchor ?? this.#topLine());
    this.#rows = rowsOf(entries, this.#folded, { hasOlder, hasNewer });
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
    return Math.max(8, Math.floor(((this.#scroller?.clientWidth || 800) - gutter - 2) / COLUMN_PX));
  }

  /** Returns the first line that is seen. */
  #topLine() {
    const y = this.#scroller?.scrollTop ?? 0;
    for (let i = this.#rows.length ? this.#layout.at(y) : 0; i < this.#rows.length; i++) {
      if (this.#rows[i].kind === "line") {
        return { sequence: this.#rows[i].entry.sequence, distance: this.#layout.tops[i] - y };
      }
    }
    return null;
  }

  render() {
    const { job, journal } = this;
    const { top, bottom } = this.#window();
    const drawn = [];
    for (let i = this.#rows.length ? this.#layout.at(top) : 0; i < this.#rows.length && this.#layout.tops[i] < bottom; i++) {
      drawn.push(this.#row(this.#rows[i], i));
    }
    return html`${tools({
        filter: journal.filter,
        attempts: job?.status?.attempt ?? 0,
        isFollowing: this.isFollowing,
        isWrapped: this.isWrapped,
        saving: this.saving,
        send: (changes) => this.#send(changes, false),
        type: (event) => this.#type(event.target.value),
        follow: () => this.follow(),
        wrap: () => (this.isWrapped = !this.isWrapped),
        save: () => this.#save(),
      })}
      ${journal.error ?? this.failure ? html`<mp-error .error=${journal.error ?? this.failure}></mp-error>` : nothing}
      <div
        class="scroll ${this.isWrapped ? "wrap" : ""}"
        tabindex="0"
        role="region"
        aria-label="Log"
        aria-busy=${journal.loading !== ""}
        @scroll=${this.#scrolled}
        @keydown=${this.#key}
        @wheel=${{ handleEvent: (event) => event.deltaY < 0 && (this.isFollowing = false), passive: true }}
      >
        <div class="space">${drawn}</div>
        ${journal.entries.length === 0 ? html`<div class="empty quiet" role="status">${nothingToShow(journal)}</div>` : nothing}
      </div>
      <div class="foot quiet small numeric">
        <span>${amount(journal, job)}</span>
        <span>${unwritten(job)}</span>
        <span>${unsent(job)}</span>
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
      this.#scrollTo(this.#layout.height);
    } else if (this.#anchor) {
      const { sequence, distance } = this.#anchor;
      this.#anchor = null;
      const index = this.#rows.findIndex((row) => row.kind === "line" && row.entry.sequence === sequence);
      if (index >= 0) {
        this.#scrollTo(this.#layout.tops[index] - distance);
      }
    }
    this.#loadMore(scroller);
  }

  #scrollTo(y) {
    const scroller = this.#scroller;
    const before = scroller.scrollTop;
    scroller.scrollTop = y;
    // Only if it has moved: the browser decides where the end is, and a hidden log has none.
    if (scroller.scrollTop !== before) {
      this.requestUpdate();
    }
  }

  /** Scrolls to a line as soon as it is loaded, unless it is seen already. */
  #show(sequence) {
    const { journal } = this;
    if (journal.loading) {
      return;
    }
    this.#goal = 0;
    if (this.#rows.length === 0) {
      return;
    }
    const found = this.#rows.findIndex((row) => row.kind === "line" && row.entry.sequence >= sequence);
    const top = this.#layout.tops[found < 0 ? this.#rows.length - 1 : found];
    const { scrollTop, clientHeight } = this.#scroller;
    if (top < scrollTop || top + LINE_HEIGHT > scrollTop + clientHeight) {
      this.#scrollTo(top - clientHeight / 3);
    }
  }

  /** Loads what one is about to see. */
  #loadMore({ scrollTop, clientHeight }) {
    const { journal } = this;
    if (this.#goal || journal.loading || journal.isPaused || clientHeight === 0) {
      return;
    }
    if (scrollTop < NEAR_PX && journal.hasOlder) {
      journal.older();
    } else if (scrollTop + clientHeight > this.#layout.height - NEAR_PX && journal.hasNewer) {
      journal.newer();
    } else if (this.isFollowing) {
      journal.trim();
    }
  }

  #scrolled() {
    const { scrollTop, clientHeight } = this.#scroller;
    const isAtEnd = scrollTop + clientHeight >= this.#layout.height - 2 * LINE_HEIGHT;
    if (!this.#goal && this.journal.loading !== "all") {
      this.isFollowing = isAtEnd && !this.journal.hasNewer;
    }
    this.requestUpdate();
  }

  #key(event) {
    if (event.key === "Home" && this.journal.hasOlder) {
      this.#toStart();
      event.preventDefault();
    } else if (event.key === "End" && this.journal.hasNewer) {
      this.#toEnd();
      event.preventDefault();
    }
  }

  #toStart() {
    this.isFollowing = false;
    this.#goal = 1;
    this.journal.toStart();
  }

  #toEnd() {
    this.isFollowing = true;
    this.journal.toEnd();
  }

  #row(row, index) {
    switch (row.kind) {
      case "gap":
        return gap(row, index);
      case "edge":
        return edge(row, index, {
          isLoading: this.journal.loading !== "",
          more: () => (row.side === "older" ? this.journal.older() : this.journal.newer()),
          jump: () => (row.side === "older" ? this.#toStart() : this.#toEnd()),
        });
      case "group":
        return group(row, index, { isFolded: this.#folded.has(row.key), fold: () => this.#fold(row.key) });
      default:
        return line(row.entry, index, {
          address: this.#link(row.entry.sequence),
          isMarked: row.entry.sequence === this.#line,
        });
    }
  }

  #link(sequence) {
    const params = Object.fromEntries([...this.params.entries()].filter(([name]) => name !== "tab"));
    return href("jobs", this.job?.id, { ...params, line: String(sequence) });
  }

  #fold(key) {
    this.#folded.delete(key) || this.#folded.add(key);
    this.isFollowing = false;
    this.requestUpdate();
  }

  #type(search) {
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => this.#send({ search }, true), TYPING_PAUSE_MS);
  }

  #send(changes, replace) {
    this.dispatchEvent(new CustomEvent("params", { detail: { changes: { ...changes, line: null }, replace } }));
  }

  async #save() {
    this.failure = undefined;
    this.saving = "Reading…";
    try {
      await download(this.job.id, this.journal, (lines) => (this.saving = plural(lines, "line")));
    } catch (error) {
      this.failure = error;
    }
    this.saving = null;
  }

  /** Follows the end from now on, or no longer. */
  follow() {
    if (this.journal.hasNewer) {
      this.#toEnd();
    } else {
      this.isFollowing = !this.isFollowing;
    }
  }

  focus() {
    this.renderRoot.querySelector("input")?.focus();
  }
}

customElements.define("mp-log", MpLog);
