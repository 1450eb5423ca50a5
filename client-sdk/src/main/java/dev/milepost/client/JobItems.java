package dev.milepost.client;

import dev.milepost.v1.Item;
import java.util.List;

/**
 * Reads the items of a job and reports their states. Reporting an unknown id adds an item; a job
 * has at most 2,000. Thread-safe. States are sent with the next report, only the latest of each
 * item; messages are truncated at 4,096 characters.
 */
public interface JobItems {
  /**
   * Reads the job's items from the server, sorted by id. Blocks until the server responds. States
   * reported here but not yet committed are not included; see {@link JobContext#flush()}.
   *
   * @throws LeaseLostException if the attempt has lost its lease
   * @throws ServerUnavailableException if the server cannot be reached
   * @throws CallInterruptedException if the thread is interrupted
   */
  List<Item> all();

  /** Reports that work on the item has started. */
  void running(String id);

  /** Reports that the item is done. */
  default void done(String id) {
    done(id, "");
  }

  /** Reports that the item is done, with a message about its result. */
  void done(String id, String message);

  /** Reports that the item failed, and why. */
  void failed(String id, String message);

  /** Reports that the item was skipped, and why. */
  void skipped(String id, String message);

  /** Reports an item with all its fields; unset fields keep their values on the server. */
  void report(Item item);
}
