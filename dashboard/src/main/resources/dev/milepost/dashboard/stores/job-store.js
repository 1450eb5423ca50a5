import { Stream } from "../app/stream.js";
import { short } from "../app/states.js";
import { Store } from "./store.js";

const EXPLAIN_INTERVAL_MS = 10_000;

/**
 * One job, by one stream. Sends "entries" with what is new in its journal, as a list in order, and
 * "restart" if another job has its id now.
 */
export class JobStore extends Store {
  job = null;
  /** Why the job is not claimed; null if that is not known or no question. */
  explanation = null;
  error = null;
  stream = "connecting";

  #client;
  #position = 0;
  #watch = null;
  #explaining = 0;
  #abort = new AbortController();

  constructor(client, id) {
    super();
    this.#client = client;
    this.id = id;
  }

  start() {
    this.#follow();
    return this;
  }

  /**
   * Follows a job again whose stream is complete, since it may have been retried. Continues after
   * the last entry, and keeps what is shown.
   */
  again() {
    this.#follow();
  }

  /** Whether the stream is complete, so that a change of the job would not be seen. */
  get isOver() {
    return this.stream === "ended";
  }

  /** From the end of the journal at first: what stands before it is read if it is looked at. */
  #follow() {
    this.#watch?.close();
    const path = `/v1/jobs/${encodeURIComponent(this.id)}:watch`;
    const from = new URLSearchParams(
      this.#position ? { after_sequence: this.#position, job_create_time: this.job.createTime } : { tail: 1 },
    );
    this.#watch = new Stream(
      this.#client,
      { method: "GET", path: `${path}?${from}` },
      {
        receive: (name, message) => this.#receive(message),
        become: (state, error) => {
          this.stream = state;
          this.error = state === "failed" ? error : null;
          this.changed();
        },
        restart: () => {
          this.#position = 0;
          this.dispatchEvent(new Event("restart"));
          this.#follow();
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
    this.#position = Number(message.sequence ?? this.#position);
    const entries = arrived(message);
    if (entries.length) {
      this.dispatchEvent(new CustomEvent("entries", { detail: entries }));
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
        `/v1/jobs/${encodeURIComponent(this.id)}:explain`, {}, this.#abort.signal);
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

/** Returns what is new in the journal, in order. What the server no longer keeps is a gap. */
function arrived({ entries = [], skipped = [] }) {
  return [
    ...entries.map((entry) => ({ ...entry, sequence: Number(entry.sequence) })),
    ...skipped.map(({ firstSequence, lastSequence }) => ({
      sequence: Number(lastSequence),
      dropped: { count: Number(lastSequence) - Number(firstSequence) + 1 },
    })),
  ].sort((one, other) => one.sequence - other.sequence);
}
