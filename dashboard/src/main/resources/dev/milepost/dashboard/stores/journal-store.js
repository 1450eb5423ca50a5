import { matches } from "./journal-filter.js";
import { JournalReader } from "./journal-reader.js";
import { Store } from "./store.js";

/** Entries that a page holds at most. Those further away are read again when they are needed. */
const MAX_ENTRIES = 20_000;

/**
 * The part of a job's journal that one looks at, of what matches a filter: the end, which grows with
 * the job's stream, or any part before it. The server finds what matches, so that the length of the
 * journal does not matter.
 */
export class JournalStore extends Store {
  /** Loaded entries that match, in order and without a gap between them; `sequence` is a number. */
  entries = [];
  /** What is read now: "older", "newer", "all" or nothing. */
  loading = "";
  /** Whether the last read has found nothing although there is more. */
  isPaused = false;
  error = null;

  #client;
  #source;
  #older = null;
  #newer = null;
  /** What has arrived during a read. */
  #arrived = [];
  #abort = new AbortController();
  #line = 0;

  /** @param source the JobStore whose stream says what is new */
  constructor(client, source, filter) {
    super();
    this.#client = client;
    this.#source = source;
    this.filter = filter;
    source.addEventListener("entries", this.#arrive);
    source.addEventListener("restart", this.#restart);
    source.addEventListener("change", this.#retry);
  }

  get hasOlder() {
    return this.#older !== null && !this.#older.isDone;
  }

  get hasNewer() {
    return this.#newer !== null && !this.#newer.isDone;
  }

  /** Shows the part around a line, or the end without one. Returns itself. */
  open(line = 0) {
    this.#line = line;
    this.#older = this.#reader({ before: line || Number.POSITIVE_INFINITY });
    this.#newer = line ? this.#reader({ after: line - 1 }) : null;
    this.#load("all", async (signal) => {
      const [before, after] = await Promise.all([this.#older.next(signal), this.#newer?.next(signal) ?? []]);
      this.entries = [...before, ...after];
      return this.entries.length > 0;
    });
    return this;
  }

  /** Shows the beginning. */
  toStart() {
    this.#older = null;
    this.#newer = this.#reader({ after: 0 });
    this.#load("all", async (signal) => {
      this.entries = await this.#newer.next(signal);
      return this.entries.length > 0;
    });
  }

  /** Shows the end, and follows it. */
  toEnd() {
    this.open();
  }

  /** Loads what comes before. */
  older() {
    if (this.hasOlder && !this.loading) {
      this.#load("older", async (signal) => {
        const found = await this.#older.next(signal);
        this.entries = [...found, ...this.entries];
        if (this.entries.length > MAX_ENTRIES) {
          this.entries.length = MAX_ENTRIES;
          this.#newer = this.#reader({ after: this.entries.at(-1).sequence });
        }
        return found.length > 0;
      });
    }
  }

  /** Loads what comes after. */
  newer() {
    if (this.hasNewer && !this.loading) {
      this.#load("newer", async (signal) => {
        const found = await this.#newer.next(signal);
        this.entries = [...this.entries, ...found];
        this.#dropOldest();
        return found.length > 0;
      });
    }
  }

  /** Drops what is far away from the end, which is followed. */
  trim() {
    this.#dropOldest();
  }

  /** Whether a line is loaded, or would be if it were there. */
  has(line) {
    const { entries } = this;
    return (
      (!this.hasOlder || entries[0]?.sequence <= line) && (!this.hasNewer || entries.at(-1)?.sequence >= line)
    );
  }

  /** Reads everything that matches, oldest first: an asynchronous iterator of lists of entries. */
  async *everything() {
    const reader = this.#reader({ after: 0 });
    while (!reader.isDone) {
      yield await reader.next(this.#abort.signal);
    }
  }

  close() {
    this.#abort.abort();
    this.#source.removeEventListener("entries", this.#arrive);
    this.#source.removeEventListener("restart", this.#restart);
    this.#source.removeEventListener("change", this.#retry);
  }

  #reader(range) {
    return new JournalReader(this.#client, this.#source.id, this.filter, range);
  }

  #reading = null;

  /** @param read returns whether it has found something */
  async #load(what, read) {
    this.#reading?.abort();
    const reading = new AbortController();
    this.#reading = reading;
    const signal = AbortSignal.any([reading.signal, this.#abort.signal]);
    this.loading = what;
    this.isPaused = false;
    this.#arrived = [];
    this.changed();
    try {
      this.isPaused = !(await read(signal)) && (this.hasOlder || this.hasNewer);
      this.error = null;
    } catch (error) {
      if (signal.aborted) {
        return; // another read has taken its place
      }
      this.error = error;
      this.isPaused = true;
    }
    this.loading = "";
    this.#append(this.#arrived);
    this.changed();
  }

  #arrive = ({ detail }) => {
    if (this.loading) {
      this.#arrived.push(...detail);
    } else {
      this.#append(detail);
    }
  };

  #append(entries) {
    if (this.hasNewer || (this.error && this.entries.length === 0)) {
      return; // they will be read
    }
    const last = this.entries.at(-1)?.sequence ?? 0;
    const found = entries.filter((entry) => entry.sequence > last && (entry.dropped || matches(entry, this.filter)));
    if (found.length) {
      this.entries = [...this.entries, ...found];
      this.changed();
    }
  }

  #dropOldest() {
    if (this.entries.length > MAX_ENTRIES) {
      this.entries = this.entries.slice(-MAX_ENTRIES);
      this.#older = this.#reader({ before: this.entries[0].sequence });
    }
  }

  /** Another job has this id now. */
  #restart = () => {
    this.entries = [];
    this.open();
  };

  /** The server is back. */
  #retry = () => {
    if (this.error?.isTransient && !this.loading && this.#source.stream === "live" && this.entries.length === 0) {
      this.open(this.#line);
    }
  };
}
