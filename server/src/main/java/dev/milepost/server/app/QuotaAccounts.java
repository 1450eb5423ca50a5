package dev.milepost.server.app;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What owners have, from the store's maintained counts. The memory is bounded. Thread-safe.
 *
 * <p>An owner is counted once per {@link #COUNT_TTL}, and before it is refused if it may have less
 * by now: jobs were deleted, or jobs were admitted that may not have been created. Concurrent calls
 * share a count.
 */
final class QuotaAccounts {
  /** How long a count is valid. */
  static final Duration COUNT_TTL = Duration.ofSeconds(10);

  /** Maximum number of accounts, apart from those that are being counted. */
  static final int MAX_ACCOUNTS = 10_000;

  private final Function<QuotaOwner, CompletionStage<QuotaUse>> counter;
  private final InstantSource clock;
  private final ConcurrentHashMap<QuotaOwner, QuotaAccount> accounts = new ConcurrentHashMap<>();

  /**
   * No accounts.
   *
   * @param counter lets the store count what an owner has
   */
  QuotaAccounts(Function<QuotaOwner, CompletionStage<QuotaUse>> counter, InstantSource clock) {
    this.counter = counter;
    this.clock = clock;
  }

  /**
   * The result of asking for room.
   *
   * @param account the account that was asked
   * @param exceeded the limit that leaves no room; empty: the amount was admitted
   */
  record Answer(QuotaAccount account, Optional<Quota> exceeded) {}

  /** Admits an amount if the owner has room for it. */
  CompletionStage<Answer> admit(QuotaOwner owner, List<Quota> quotas, QuotaAmount amount) {
    Instant now = clock.instant();
    QuotaAccount known = accounts.get(owner);
    if (known != null && known.isValid(now, COUNT_TTL)) {
      if (known.admit(quotas, amount).isEmpty()) {
        return CompletableFuture.completedFuture(new Answer(known, Optional.empty()));
      }
      Optional<Quota> exceeded = known.exceeded(quotas, amount);
      if (exceeded.isPresent() && !known.isOutdated()) {
        return CompletableFuture.completedFuture(new Answer(known, exceeded));
      }
    }
    return recount(owner, known, now)
        .thenApply(account -> new Answer(account, account.admit(quotas, amount)));
  }

  /** Admits an amount for which there is room for certain. */
  void add(QuotaOwner owner, QuotaAmount amount) {
    QuotaAccount account = accounts.get(owner);
    if (account != null) {
      account.add(amount);
    }
  }

  /** Returns what an owner has. */
  CompletionStage<QuotaUse> use(QuotaOwner owner) {
    Instant now = clock.instant();
    QuotaAccount known = accounts.get(owner);
    if (known != null && known.isValid(now, COUNT_TTL) && !known.isOutdated()) {
      return CompletableFuture.completedFuture(known.use());
    }
    return recount(owner, known, now).thenApply(QuotaAccount::use);
  }

  /** Notes that an owner may have less than was counted, or more finished jobs. */
  void outdate(QuotaOwner owner) {
    QuotaAccount account = accounts.get(owner);
    if (account != null) {
      account.outdate();
    }
  }

  /** Notes the same of all owners. */
  void outdateAll() {
    accounts.values().forEach(QuotaAccount::outdate);
  }

  /** Number of accounts. */
  int size() {
    return accounts.size();
  }

  private CompletionStage<QuotaAccount> recount(
      QuotaOwner owner, @Nullable QuotaAccount known, Instant now) {
    QuotaAccount fresh =
        accounts.compute(
            owner,
            (name, current) ->
                current == null || (current == known && current.isCounted())
                    ? new QuotaAccount(now)
                    : current);
    if (fresh.begin()) {
      makeRoom(now);
      count(owner)
          .whenComplete(
              (use, failure) -> {
                if (failure != null) {
                  accounts.remove(owner, fresh);
                  fresh.fail(failure);
                } else {
                  fresh.complete(use);
                }
              });
    }
    return fresh.counted();
  }

  /** Never throws: those who share the count would wait for it forever. */
  private CompletionStage<QuotaUse> count(QuotaOwner owner) {
    try {
      return counter.apply(owner);
    } catch (RuntimeException | Error e) {
      return CompletableFuture.failedStage(e);
    }
  }

  /** Owners that are removed are counted again when they are needed. */
  private void makeRoom(Instant now) {
    if (accounts.size() > MAX_ACCOUNTS) {
      accounts.values().removeIf(old -> old.isCounted() && !old.isValid(now, COUNT_TTL));
    }
    if (accounts.size() > MAX_ACCOUNTS) {
      accounts.values().removeIf(QuotaAccount::isCounted);
    }
  }
}
