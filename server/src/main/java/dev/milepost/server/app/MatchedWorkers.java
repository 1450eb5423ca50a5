package dev.milepost.server.app;

import dev.milepost.server.job.Times;
import dev.milepost.server.store.ClaimQuery;
import dev.milepost.server.workers.KnownWorkers;
import dev.milepost.storage.v1.KnownWorker;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobScope;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The workers of a tenant, held against one of its jobs.
 *
 * @param workers workers that were seen lately
 * @param held how many jobs the workers of each name hold; empty if it is not known
 */
record MatchedWorkers(Collection<KnownWorker> workers, Optional<Map<String, Integer>> held) {
  /** If it is not known what workers hold, one that was seen this lately is taken to be busy. */
  private static final Duration RECENT = Duration.ofMinutes(10);

  private static final int MAX_OTHERS = 3;

  /**
   * Workers that wait for the same.
   *
   * @param asks what they ask for
   * @param fields fields in which the job differs from that
   * @param count how many of them wait
   */
  record Others(ClaimQuery asks, List<String> fields, int count) {}

  /**
   * How the workers match a job.
   *
   * @param waiting how many that may claim it wait
   * @param busy how many that may claim it hold jobs, and do not wait
   * @param matching how many that may claim it are known
   * @param lastSeen when one that may claim it was last seen; empty: none is known
   * @param others those that wait for other jobs, the most similar ones first; some of many
   */
  record Match(
      int waiting, int busy, int matching, Optional<Instant> lastSeen, List<Others> others) {}

  /** Returns how the workers match a job. */
  Match of(Job job, Instant now) {
    int waiting = 0;
    int busy = 0;
    int matching = 0;
    Optional<Instant> lastSeen = Optional.empty();
    Map<ClaimQuery, Integer> others = new HashMap<>();
    for (KnownWorker worker : workers) {
      ClaimQuery asks = KnownWorkers.query(worker);
      if (!asks.fits(job)) {
        if (worker.getWaiting()) {
          others.merge(asks, 1, Integer::sum);
        }
        continue;
      }
      matching++;
      Instant seen = Times.instant(worker.getLastSeenTime());
      lastSeen = Optional.of(lastSeen.filter(seen::isBefore).orElse(seen));
      if (worker.getWaiting()) {
        waiting++;
      } else if (isBusy(worker, seen, now)) {
        busy++;
      }
    }
    return new Match(waiting, busy, matching, lastSeen, similarFirst(job, others));
  }

  private boolean isBusy(KnownWorker worker, Instant seen, Instant now) {
    return held.map(counts -> counts.containsKey(worker.getWorkerId()))
        .orElse(seen.plus(RECENT).isAfter(now));
  }

  private static List<Others> similarFirst(Job job, Map<ClaimQuery, Integer> others) {
    return others.entrySet().stream()
        .map(other -> new Others(other.getKey(), differing(job, other.getKey()), other.getValue()))
        .sorted(
            Comparator.comparingInt((Others other) -> other.fields().size())
                .thenComparingInt(other -> distance(job.getSpec().getType(), other.asks()))
                .thenComparing(other -> other.asks().toString()))
        .limit(MAX_OTHERS)
        .toList();
  }

  /** Returns the fields of a job because of which a claim may not take it. */
  private static List<String> differing(Job job, ClaimQuery asks) {
    List<String> fields = new ArrayList<>();
    String type = job.getSpec().getType();
    JobScope scope = job.getSpec().getScope();
    int priority = job.getSpec().getPriority();
    if (!asks.types().isEmpty() && !asks.types().contains(type)) {
      fields.add("type");
    }
    if (!asks.scopes().isEmpty() && !asks.scopes().contains(scope)) {
      fields.add("scope");
    }
    if (priority < asks.minPriority() || priority > asks.maxPriority()) {
      fields.add("priority");
    }
    return fields;
  }

  private static int distance(String type, ClaimQuery asks) {
    return asks.types().stream().mapToInt(other -> Spelling.distance(type, other)).min().orElse(0);
  }
}
