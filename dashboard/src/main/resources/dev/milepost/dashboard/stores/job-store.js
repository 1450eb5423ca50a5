import { Stream } from "../app/stream.js";
import { short } from "../app/states.js";
import { Store } from "./store.js";

const EXPLAIN_INTERVAL_MS = 10_000;

/**
 * One job and its journal, by one stream. The journal only grows here: what the server no longer
 * keeps stays in the page until it is closed.
 */
export class JobStore extends Store {
  job = null;
  /** Entries of the journal, in order; `sequence` is a number. */
  entries = [];
  /** Ranges of the journal that the server no longer keeps: {first, last}, in order. */
  skipped = [];
  /** Why the job is not claimed; null if that is not known or no question. */
  explanation = null;
  error = null;
  stream = "connecting";

  #client;
  #id;
  #watch = null;
  #explaining = 0;
  #abort = new AbortController();

  constructor(client, id) {
    super();
    this.#client = client;
    this.#id = id;
  }

  start() {
    this.#follow(0);
    return this;
  }

  /**
   * Follows a job again whose stream is complete, since it may have been retried. Continues after
   * the last entry, and keeps what is shown.
   */
  again() {
    this.#follow(this.entries.at(-1)?.sequence ?? 0);
  }

  /** Whether the stream is complete, so that a change of the job would not be seen. */
  get isOver() {
    return this.stream === "ended";
  }

  #follow(after) {
    this.#watch?.close();
    const path = `/v1/jobs/${encodeURIComponent(this.#id)}:watch`;
    const from = after ? `?${new URLSearchParams({ after_sequence: after, job_create_time: this.job.createTime })}` : "";
    this.#watch = new Stream(
      this.#client,
      { method: "GET", path: path + from },
      {
        receive: (name, message) => this.#receive(message),
        become: (state, error) => {
          this.stream = state;
          this.error = state === "failed" ? error : null;
          this.changed();
        },
        restart: () => {
          this.entries = [];
          this.skipped = [];
          this.#follow(0);
        },
      },
    ).start();
  }

  /** Takes a newer state of the job that a call has returned. */
  update(job) {
    if (job) {
      this.job = job;
      this.changed();
    }
  }

  close() {
    this.#abort.abort();
    this.#watch?.close();
    clearTimeout(this.#explaining);
  }

  #receive(message) {
    if (message.job) {
      this.job = message.job;
    } else if (message.status && this.job) {
      this.job = { ...this.job, status: message.status };
    }
    for (const entry of message.entries ?? []) {
      entry.sequence = Number(entry.sequence);
      this.entries.push(entry);
    }
    for (const range of message.skipped ?? []) {
      this.skipped.push({ first: Number(range.firstSequence), last: Number(range.lastSequence) });
    }
    if (short(this.job?.status?.state) === "QUEUED") {
      this.#explaining ||= setTimeout(() => this.#explain(), 0);
    } else {
      this.explanation = null;
    }
    this.changed();
  }

  async #explain() {
    try {
      const found = await this.#client.get(
        `/v1/jobs/${encodeURIComponent(this.#id)}:explain`, {}, this.#abort.signal);
      this.explanation = short(this.job?.status?.state) === "QUEUED" ? found : null;
      this.changed();
    } catch {
      // It explains, and no more: the page is complete without it.
    }
    this.#explaining = 0;
    if (this.explanation && !this.#abort.signal.aborted) {
      this.#explaining = setTimeout(() => this.#explain(), EXPLAIN_INTERVAL_MS);
    }
  }
}
