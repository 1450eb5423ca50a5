package dev.milepost.client;

import dev.milepost.v1.Item;
import java.util.List;

/**
 * Reads the items of a job, and says how they stand. New ids are added; a job has at most 2,000
 * items. Safe for use by several threads; what is said is sent with the next report, of each item
 * only its latest state.
 */
public interface JobItems {
  /**
   * The items of the job as the server has them now, by id; asks the server, and waits for its
   * answer. What was said here and is not committed yet is not in it: see {@link
   * JobContext#flush()}.
   *
   * @throws LeaseLostException where the attempt is over
   * @throws ServerUnavailableException where the server cannot be reached
   * @throws CallInterruptedException where the thread is interrupted meanwhile
   */
  List<Item> all();

  /** Work on the item has begun. */
  void running(String id);

  /** The item went well. */
  void done(String id);

  /** The item went well, and this came out of it. */
  void done(String id, String message);

  /** The item failed, for this reason. */
  void failed(String id, String message);

  /** The item was passed over, for this reason. */
  void skipped(String id, String message);

  /** Reports an item with whatever it carries; data left out stay as they are on the server. */
  void report(Item item);
}
