import { Stream } from "../app/stream.js";
import { short } from "../app/states.js";
import { Store } from "./store.js";

/** Jobs that are read at once. */
export const PAGE_SIZE = 50;
const VIEW = "JOB_VIEW_BASIC";

/** Counting again is cheap, but not for each of a thousand changes. */
const COUNT_INTERVAL_MS = 5000;

/** How long older jobs are searched for the first match before one is asked whether to go on. */
const SEARCH_MS = 10_000;

/**
 * The jobs that match a filter, newest first: pages that were read, kept current by one stream. The
 * stream is about the jobs that are shown and newer ones, so that its snapshot stays as small as the
 * list. New jobs wait until `showNew`: nothing moves by itself.
 *
 * A list that begins at a position has no jobs that are newer than that, until they are asked for.
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
  /** Whether there may be jobs before the first one that is shown. */
  hasNewer = false;
  isLoading = true;
  error = null;
  stream = "connecting";

  #client;
  #filter;
  #from;
  #pageToken = "";
  /** A token is valid for the filter that it was made for. */
  #pageFilter = null;
  #watch = null;
  #counting = 0;
  #abort = new AbortController();

  /** @param from creation time of the first job to show; none: the newest */
  constructor(client, filter, from = "") {
    super();
    this.#client = client;
    this.#filter = filter;
    this.#from = from && earliest(filter.createTimeUntil, justAfter(from));
    this.hasNewer = this.#from !== "";
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

  /** Reads the page of newer jobs before the first that is shown. */
  async newer() {
    if (this.isLoading || !this.hasNewer) {
      return;
    }
    const first = this.jobs[0]?.createTime ?? this.#from;
    const filter = { ...this.#filter, createTimeFrom: latest(this.#filter.createTimeFrom, first) };
    await this.#reading(async () => {
      // Of the jobs of one moment, those that are shown come back: they must not fill the page.
      const known = new Set(this.jobs.map((job) => job.id));
      const begun = Date.now();
      const found = [];
      let pageToken = "";
      do {
        const page = await this.#search(filter, pageToken, "create_time asc");
        pageToken = page.nextPageToken ?? "";
        found.push(...(page.jobs ?? []).filter((job) => !known.has(job.id)));
      } while (found.length < PAGE_SIZE && pageToken && Date.now() - begun < SEARCH_MS);
      this.jobs = [...found.reverse(), ...this.jobs];
      this.hasNewer = pageToken !== "";
      this.#from = this.hasNewer ? justAfter(this.jobs[0]?.createTime ?? first) : "";
    });
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

  #page() {
    return this.#reading(async () => {
      const begun = Date.now();
      const filter = this.#from ? { ...this.#filter, createTimeUntil: this.#from } : this.#filter;
      let found = 0;
      // The server reads a limited number of jobs for a page, of which none may match.
      do {
        const page = await this.#search(this.#pageFilter ??= filter, this.#pageToken);
        const known = new Set(this.jobs.map((job) => job.id));
        this.jobs = [...this.jobs, ...(page.jobs ?? []).filter((job) => !known.has(job.id))];
        this.unreadable = [...this.unreadable, ...(page.unreadableJobIds ?? [])];
        this.#pageToken = page.nextPageToken ?? "";
        this.hasMore = this.#pageToken !== "";
        found = page.jobs?.length ?? 0;
        this.changed();
      } while (found === 0 && this.hasMore && Date.now() - begun < SEARCH_MS);
    });
  }

  #search(filter, pageToken, orderBy) {
    return this.#client.post(
      "/v1/jobs:search",
      { filter, orderBy, pageSize: PAGE_SIZE, pageToken, view: VIEW },
      this.#abort.signal,
    );
  }

  async #reading(read) {
    this.isLoading = true;
    this.changed();
    try {
      await read();
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
    const filter = {
      ...this.#filter,
      ...(oldest ? { createTimeFrom: oldest } : {}),
      ...(this.#from ? { createTimeUntil: this.#from } : {}),
    };
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
    } else if (this.jobs.length === 0 && this.waiting.size === 0 && !this.hasNewer) {
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

/** Returns the first moment after a time of the server, which counts microseconds. */
function justAfter(time) {
  const [, second, fraction = ""] = /^(.*?)(?:\.(\d+))?Z$/.exec(time) ?? [];
  if (second === undefined) {
    return time;
  }
  const micros = Number(fraction.padEnd(6, "0").slice(0, 6)) + 1;
  return micros === 1_000_000
    ? new Date(Date.parse(`${second}Z`) + 1000).toISOString()
    : `${second}.${String(micros).padStart(6, "0")}Z`;
}

function earliest(one, other) {
  return one && Date.parse(one) < Date.parse(other) ? one : other;
}

function latest(one, other) {
  return one && Date.parse(one) > Date.parse(other) ? one : other;
}
