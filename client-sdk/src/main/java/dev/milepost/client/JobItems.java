package dev.milepost.client;

import dev.milepost.v1.Item;

/**
 * Says how the items of a job stand. New ids are added; a job has at most 2,000 items. Safe for use
 * by several threads; sent with the next report, of each item only its latest state.
 */
public interface JobItems {
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
