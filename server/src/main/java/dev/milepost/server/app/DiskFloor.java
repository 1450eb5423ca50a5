package dev.milepost.server.app;

import dev.milepost.server.store.PartHealth;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Refuses new jobs while the disk of the store has little free space, so that there is room for
 * what the existing jobs still report. Thread-safe.
 */
public final class DiskFloor {
  private static final Logger LOG = LoggerFactory.getLogger(DiskFloor.class);
  private static final String SETTING = "min-free-disk";
  private static final Duration RETRY = Duration.ofSeconds(10);

  /** Share of the minimum that must be free in addition before jobs are accepted again. */
  private static final int HYSTERESIS = 16;

  private final long min;
  private final LongSupplier space;
  private volatile long free = Long.MAX_VALUE;
  private volatile boolean isReached;

  /** When the disk got little free space, or had enough again. */
  private volatile Instant since = Instant.now();

  /**
   * Creates a floor that refuses nothing until it is checked.
   *
   * @param min bytes that must be free; 0: nothing is refused
   * @param space returns the free bytes; {@link Long#MAX_VALUE} if they are not known. Only {@link
   *     #check} asks it
   */
  public DiskFloor(long min, LongSupplier space) {
    this.min = min;
    this.space = space;
  }

  /** Returns a floor that refuses nothing, for stores without a disk of their own. */
  public static DiskFloor none() {
    return new DiskFloor(0, () -> Long.MAX_VALUE);
  }

  /** Asks for the free space. May block; called by one thread at a time. */
  public void check() {
    long now = space.getAsLong();
    if (!isReached && now < min) {
      since = Instant.now();
      isReached = true;
      LOG.warn(
          "The disk of the store has {} MiB free, less than milepost.limits.min-free-disk ({} MiB)."
              + " No new jobs are accepted until disk space is freed.",
          now >> 20,
          min >> 20);
    } else if (isReached && now >= min + min / HYSTERESIS) {
      since = Instant.now();
      isReached = false;
      LOG.info("The disk of the store has {} MiB free: new jobs are accepted again.", now >> 20);
    }
    free = now;
  }

  /** Returns the free bytes as last read; NaN if they are not known. */
  public double free() {
    long known = free;
    return known == Long.MAX_VALUE ? Double.NaN : known;
  }

  /** Returns whether new jobs are accepted, and since when. Asks no disk. */
  public PartHealth health() {
    String reason =
        isReached
            ? "The disk of the store has less than %d MiB free. Free disk space."
                .formatted(min >> 20)
            : "";
    return new PartHealth(reason.isEmpty(), since, reason);
  }

  /** Returns why new jobs are refused now; empty if they are not. Asks no disk. */
  Optional<LimitException> refusal() {
    return isReached
        ? Optional.of(
            new LimitException(
                SETTING,
                "server",
                ("The disk of the store has less than %d MiB free (milepost.limits.%s), so the"
                        + " server accepts no new jobs; existing ones continue. The administrator"
                        + " of this server must free disk space, or lower the limit.")
                    .formatted(min >> 20, SETTING),
                RETRY))
        : Optional.empty();
  }
}
