package dev.milepost.server.store;

import java.time.Instant;

/**
 * Whether one part of a store works. Immutable.
 *
 * @param isUp whether it works
 * @param since when that began, by the wall clock of this machine
 * @param reason what is wrong and what to do, for operators; empty if it works. Contains no
 *     credentials
 */
public record PartHealth(boolean isUp, Instant since, String reason) {
  /** A part that has worked since a moment. */
  public static PartHealth up(Instant since) {
    return new PartHealth(true, since, "");
  }
}
