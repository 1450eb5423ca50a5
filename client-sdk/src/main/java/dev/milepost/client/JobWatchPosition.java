package dev.milepost.client;

import java.time.Instant;
import java.util.Objects;

/**
 * Where a watch of a job has arrived, so that a later watch, also of another process, can resume
 * there: see {@link WatchOptions#after}.
 *
 * @param sequence number of the last consumed journal entry; 0: none
 * @param jobCreateTime when the job was created: if it was deleted meanwhile and another one
 *     created with its id, the position is of no use for that one
 */
public record JobWatchPosition(long sequence, Instant jobCreateTime) {
  /** Requires the time. */
  public JobWatchPosition {
    Objects.requireNonNull(jobCreateTime);
  }
}
