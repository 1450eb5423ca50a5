import { query } from "./journal-filter.js";

/** Most entries that the server returns at once. */
const PAGE_SIZE = 1000;

/** How long a journal is searched for the next match before one is asked whether to go on. */
const SEARCH_MS = 10_000;

/** Reads what matches in a journal from one entry on, in one direction, page by page. */
export class JournalReader {
  /** Whether there is nothing more in this direction. */
  isDone = false;

  #client;
  #path;
  #params;
  #token = "";

  /**
   * @param id of the job
   * @param range `after` or `before`: the entry from which to read on or back; neither: all, oldest first
   */
  constructor(client, id, filter, { after, before, isBackward = before !== undefined } = {}) {
    this.#client = client;
    this.#path = `/v1/jobs/${encodeURIComponent(id)}/journal`;
    this.#params = {
      ...query(filter),
      after_sequence: after || undefined,
      before_sequence: before === Number.POSITIVE_INFINITY ? undefined : before,
      newest_first: isBackward || undefined,
      page_size: PAGE_SIZE,
    };
  }

  /**
   * Returns the next entries in ascending order. None, although there are more: nothing was found in
   * the time that one waits for it.
   */
  async next(signal) {
    const begun = Date.now();
    for (;;) {
      const page = await this.#client.get(this.#path, { ...this.#params, page_token: this.#token }, signal);
      this.#token = page.nextPageToken ?? "";
      this.isDone = this.#token === "";
      const entries = (page.entries ?? []).map((entry) => ({ ...entry, sequence: Number(entry.sequence) }));
      if (entries.length || this.isDone || Date.now() - begun > SEARCH_MS) {
        return this.#params.newest_first ? entries.reverse() : entries;
      }
    }
  }
}
