package dev.milepost.server.store;

/**
 * The result of reading everything that a store keeps.
 *
 * @param jobs number of jobs
 * @param runs number of sealed runs of journal entries
 * @param items number of items
 * @param requests number of remembered requests
 * @param findings number of things that are damaged
 */
public record StoreCheck(long jobs, long runs, long items, long requests, long findings) {
  /** Is notified of what a check does. Called on the thread that checks. */
  public interface Progress {
    /** A phase begins, with so many rows to read; 0: not known. */
    void begins(String phase, long rows);

    /** So many more rows were read. */
    void done(long rows);

    /** Something is damaged, as a sentence that names it. */
    void found(String finding);
  }
}
