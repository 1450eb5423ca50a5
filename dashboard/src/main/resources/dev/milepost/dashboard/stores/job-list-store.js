import { Stream } from "../app/stream.js";
import { short } from "../app/states.js";
import { Store } from "./store.js";

const PAGE_SIZE = 50;
const VIEW = "JOB_VIEW_BASIC";

/** Counting again is cheap, but not for each of a thousand changes. */
const COUNT_INTERVAL_MS = 5000;

/** How long older jobs are searched for the first match before one is asked whether to go on. */
const SEARCH_MS = 10_000;

/**
 * The jobs that match a filter, newest first: pages that were read, kept current by one stream. The
 * stream is about the jobs that are shown and newer ones, so that its snapshot stays as small as the
 * list. New jobs wait until `showNew`: nothing moves by itself.
 */
export class JobListStore extends Store {
  /** Jobs that are shown. */
  jobs = [];
  /** Jobs that have arrived since. */
  waiting = new Map();
  /** Ids of shown jobs that no longer match, or were deleted. */
  gone = new Set();
  /** Number of matching jobs by state; null if it is not known. */
  counts = null;
  /** Number of matching jobs; null if it is not known. */
  total = null;
  /** Ids of jobs whose records are damaged. */
  unreadable = [];
  hasMore = false;
  isLoading = true;
  error = null;
  stream = "connecting";

  #client;
  #filter;
  #pageToken = "";
  #watch = null;
  #counting = 0;
  #abort = new AbortController();

  constructor(client, filter) {
    super();
    this.#client = client;
    this.#filter = filter;
  }

  get filter() {
    return this.#filter;
  }

  /** Reads the first page and follows it from then on. */
  async start() {
    await this.#page();
    this.#count();
    return this;
  }

  /** Reads the next page of older jobs. */
  more() {
    return this.isLoading || !this.hasMore ? undefined : this.#page();
  }

  /** Shows the jobs that have arrived, and drops those that no longer match. */
  showNew() {
    const kept = this.jobs.filter((job) => !this.gone.has(job.id) && !this.waiting.has(job.id));
    this.jobs = [...this.waiting.values(), ...kept].sort(newestFirst);
    this.waiting.clear();
    this.gone.clear();
    this.changed();
  }

  close() {
    this.#abort.abort();
    this.#watch?.close();
    clearTimeout(this.#counting);
  }

  async #page() {
    this.isLoading = true;
    this.changed();
    const begun = Date.now();
    try {
      let found = 0;
      // The server reads a limited number of jobs for a page, of which none may match.
      do {
        const page = await this.#client.post(
          "/v1/jobs:search",
          { filter: this.#filter, pageSize: PAGE_SIZE, pageToken: this.#pageToken, view: VIEW },
          this.#abort.signal,
        );
        const known = new Set(this.jobs.map((job) => job.id));
        this.jobs = [...this.jobs, ...(page.jobs ?? []).filter((job) => !known.has(job.id))];
        this.unreadable = [...this.unreadable, ...(page.unreadableJobIds ?? [])];
        this.#pageToken = page.nextPageToken ?? "";
        this.hasMore = this.#pageToken !== "";
        found = page.jobs?.length ?? 0;
        this.changed();
      } while (found === 0 && this.hasMore && Date.now() - begun < SEARCH_MS);
      this.error = null;
      this.#follow();
    } catch (error) {
      if (error.name !== "AbortError") {
        this.error = error;
      }
    }
    this.isLoading = false;
    this.changed();
  }

  #follow() {
    this.#watch?.close();
    const oldest = this.hasMore ? this.jobs.at(-1)?.createTime : undefined;
    const filter = oldest ? { ...this.#filter, createTimeFrom: oldest } : this.#filter;
    this.#watch = new Stream(
      this.#client,
      { method: "POST", path: "/v1/jobs:watch", body: { filter, view: VIEW } },
      {
        receive: (name, message) => this.#receive(name, message),
        become: (state, error) => {
          this.stream = state;
          if (state === "failed") {
            this.error = error;
          }
          this.changed();
        },
        restart: () => {},
      },
    ).start();
  }

  #receive(name, { job }) {
    if (!job) {
      return;
    }
    const shown = this.jobs.findIndex((one) => one.id === job.id);
    if (name === "left") {
      this.waiting.delete(job.id);
      if (shown >= 0) {
        this.gone.add(job.id);
        this.#replace(shown, job);
      }
    } else if (shown >= 0) {
      this.gone.delete(job.id);
      this.#replace(shown, job);
    } else if (this.jobs.length === 0 && this.waiting.size === 0) {
      this.jobs = [job]; // nothing is shown that could move
    } else {
      this.waiting.set(job.id, job);
    }
    if (name === "entered" || name === "left" || name === "changed") {
      this.#countSoon();
    }
    this.changed();
  }

  #replace(index, job) {
    this.jobs = this.jobs.with(index, job.status ? job : this.jobs[index]);
  }

  #countSoon() {
    this.#counting ||= setTimeout(() => this.#count(), COUNT_INTERVAL_MS);
  }

  async #count() {
    this.#counting = 0;
    try {
      const counted = await this.#client.post(
        "/v1/jobs:count",
        { filter: this.#filter, groupBy: ["JOB_GROUP_STATE"] },
        this.#abort.signal,
      );
      this.total = Number(counted.total ?? 0);
      this.counts = Object.fromEntries((counted.counts ?? []).map((one) => [short(one.state), Number(one.count)]));
    } catch {
      this.total = null; // too many to count: then no number is shown
      this.counts = null;
    }
    this.changed();
  }
}

function newestFirst(one, other) {
  return other.createTime < one.createTime ? -1 : other.createTime > one.createTime ? 1 : 0;
}
