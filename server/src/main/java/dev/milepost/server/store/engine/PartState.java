package dev.milepost.server.store.engine;

import dev.milepost.server.concurrent.TimeSource;
import dev.milepost.server.store.PartHealth;
import java.time.Duration;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether a part of a store works, and the log of its outages: one line when an outage begins, one
 * a minute with the number of failures while it lasts, and one when it ends. Thread-safe.
 */
public final class PartState {
  private static final Logger LOG = LoggerFactory.getLogger(PartState.class);
  private static final Duration REMINDER_INTERVAL = Duration.ofMinutes(1);

  private final String name;
  private final String consequence;
  private final Duration patience;
  private final Duration calm;
  private final TimeSource time;
  private volatile PartHealth health;

  /** Whether something has failed since it last worked. */
  private volatile boolean failing;

  // Guarded by this.
  private long failures;
  private long firstNanos;
  private long lastNanos;
  private long writtenNanos;

  /**
   * A part that works.
   *
   * @param name the part, as the subject of a sentence
   * @param consequence what an outage means, as a sentence
   * @param patience how long it must keep failing before that is an outage
   * @param calm how long nothing must have failed before a success ends an outage: for parts of
   *     which some uses succeed while others fail
   */
  public PartState(
      String name, String consequence, Duration patience, Duration calm, TimeSource time) {
    this.name = name;
    this.consequence = consequence;
    this.patience = patience;
    this.calm = calm;
    this.time = time;
    this.health = PartHealth.up(time.instant());
  }

  /** Returns whether it works, and since when. */
  public PartHealth health() {
    return health;
  }

  /** Returns whether it works. */
  public boolean isUp() {
    return health.isUp();
  }

  /**
   * Something has failed: begins an outage, or counts within it.
   *
   * @param reason what is wrong and what to do, as sentences
   * @param count how many uses failed with it, 0 or more
   */
  public synchronized void failed(String reason, long count) {
    lastNanos = time.nanoTime();
    failures += count;
    if (!failing) {
      failing = true;
      firstNanos = lastNanos;
    }
    if (!health.isUp()) {
      if (!health.reason().equals(reason)) {
        health = new PartHealth(false, health.since(), reason);
      }
      remind();
    } else if (lastNanos - firstNanos >= patience.toNanos()) {
      writtenNanos = lastNanos;
      LOG.warn("{} {}", reason, consequence);
      health = new PartHealth(false, time.instant(), reason);
    }
  }

  /** Counts failures within an outage, whose reason is known. */
  public synchronized void failed(long count) {
    if (!health.isUp()) {
      failed(health.reason(), count);
    }
  }

  /** Writes the reminder of an outage if it is due. */
  public synchronized void remind() {
    long now = time.nanoTime();
    if (!health.isUp() && now - writtenNanos >= REMINDER_INTERVAL.toNanos()) {
      writtenNanos = now;
      LOG.warn(
          "{} has not worked for {} s. {} {} failed so far.",
          name,
          seconds(now),
          health.reason(),
          counted());
    }
  }

  /** Something has worked: ends an outage, unless something else has failed a moment ago. */
  public void worked() {
    if (failing) {
      end(calm);
    }
  }

  /** Ends an outage if nothing has failed for a time. */
  public synchronized void end(Duration quiet) {
    long now = time.nanoTime();
    if (failing && now - lastNanos >= quiet.toNanos()) {
      if (!health.isUp()) {
        LOG.info("{} works again after {} s. {} failed.", name, seconds(now), counted());
        health = PartHealth.up(time.instant());
      }
      failing = false;
      failures = 0;
    }
  }

  private String counted() {
    return failures == 1 ? "1 call" : String.format(Locale.ROOT, "%,d calls", failures);
  }

  private String seconds(long now) {
    return String.format(Locale.ROOT, "%.1f", (now - firstNanos) / 1e9);
  }
}
