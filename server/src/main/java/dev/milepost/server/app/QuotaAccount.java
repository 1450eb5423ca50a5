package dev.milepost.server.app;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * What the server knows of one owner for a short time: what the store has counted, and what was
 * admitted since. Thread-safe.
 */
final class QuotaAccount {
  private final Instant at;
  private final CompletableFuture<QuotaAccount> counted = new CompletableFuture<>();
  private boolean isBegun;
  private QuotaUse counts = QuotaUse.NOTHING;
  private QuotaAmount admitted = QuotaAmount.NOTHING;
  private volatile boolean isOutdated;

  /**
   * An account that is not counted yet.
   *
   * @param at the current time
   */
  QuotaAccount(Instant at) {
    this.at = at;
  }

  /** Returns true to the first caller only, who must then let the store count. */
  synchronized boolean begin() {
    boolean isFirst = !isBegun;
    isBegun = true;
    return isFirst;
  }

  void complete(QuotaUse found) {
    synchronized (this) {
      counts = found;
    }
    counted.complete(this);
  }

  void fail(Throwable failure) {
    counted.completeExceptionally(failure);
  }

  /** Completes with this account when the store has counted. */
  CompletionStage<QuotaAccount> counted() {
    return counted;
  }

  boolean isCounted() {
    return counted.isDone();
  }

  /** Whether the count is young enough. It is not after the clock was set back. */
  boolean isValid(Instant now, Duration maxAge) {
    return isCounted() && !now.isBefore(at) && now.isBefore(at.plus(maxAge));
  }

  /** What the owner has: what the store has counted, and what was admitted since. */
  synchronized QuotaUse use() {
    return new QuotaUse(counts.all().plus(admitted), counts.finishedJobs());
  }

  /** Admits an amount that fits, or returns the limit that it would exceed. */
  synchronized Optional<Quota> admit(List<Quota> quotas, QuotaAmount amount) {
    Optional<Quota> exceeded = Quota.exceeded(quotas, use().all().plus(amount));
    if (exceeded.isEmpty()) {
      admitted = admitted.plus(amount);
    }
    return exceeded;
  }

  /** Returns the limit that an amount would exceed, whatever becomes of what was admitted. */
  synchronized Optional<Quota> exceeded(List<Quota> quotas, QuotaAmount amount) {
    return Quota.exceeded(quotas, counts.all().plus(amount));
  }

  /** Notes that the owner may have less than was counted, or more finished jobs. */
  void outdate() {
    isOutdated = true;
  }

  /** Whether the owner may have less than was counted, or more finished jobs. */
  boolean isOutdated() {
    return isOutdated;
  }

  /** Admits an amount without asking whether it fits. */
  synchronized void add(QuotaAmount amount) {
    admitted = admitted.plus(amount);
  }

  /** Takes back an admission. */
  synchronized void takeBack(QuotaAmount amount) {
    admitted = admitted.minus(amount);
  }
}
