import { Stream } from "../app/stream.js";
import { Store } from "./store.js";

const DAY_MS = 86_400_000;

/** What an overview shows, kept current by one stream. What the caller may not see stays null. */
export class StatsStore extends Store {
  /** Jobs by state and by type: JobNumbers of the contract. */
  jobs = null;
  /** Stalled and failed jobs: AttentionJobs. */
  attention = null;
  /** What has happened in the last minute, hour and day. */
  periods = null;
  /** What has happened in each quarter of an hour of the last day, oldest first. */
  history = [];
  /** The workers: WorkerNumbers. */
  workers = null;
  /** What the server is busy with: ServerLoad. */
  load = null;
  error = null;
  stream = "connecting";

  #client;
  #watch = null;

  constructor(client) {
    super();
    this.#client = client;
  }

  start() {
    this.#watch = new Stream(
      this.#client,
      { method: "GET", path: "/v1/stats:watch" },
      {
        receive: (_name, message) => this.#receive(message),
        become: (state, error) => {
          this.stream = state;
          this.error = state === "failed" ? error : null;
          this.changed();
        },
      },
    ).start();
    return this;
  }

  close() {
    this.#watch?.close();
  }

  /** Whether the first message has arrived. */
  get isKnown() {
    return this.jobs !== null;
  }

  #receive(message) {
    for (const part of ["jobs", "attention", "periods", "workers", "load"]) {
      this[part] = message[part] ?? (message.complete ? null : this[part]);
    }
    const known = message.complete ? [] : this.history;
    const byStart = new Map(known.map((quarter) => [quarter.startTime, quarter]));
    (message.history ?? []).forEach((quarter) => byStart.set(quarter.startTime, quarter));
    const oldest = Date.now() - DAY_MS;
    if (message.complete || message.history) {
      this.history = [...byStart.values()]
        .filter(({ startTime }) => Date.parse(startTime) > oldest)
        .sort((one, other) => Date.parse(one.startTime) - Date.parse(other.startTime));
    }
    this.changed();
  }
}
