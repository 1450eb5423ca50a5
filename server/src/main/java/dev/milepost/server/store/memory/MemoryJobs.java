package dev.milepost.server.store.memory;

import dev.milepost.server.job.JobDecision;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.JobRecords;
import dev.milepost.server.store.CellCount;
import dev.milepost.server.store.ClaimQuery;
import dev.milepost.server.store.CountCell;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.JobScope;
import dev.milepost.v1.JobSpec;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** All jobs, with the indexes that queries need. Used by the store's thread only. */
final class MemoryJobs {
  private static final Comparator<Waiting> BEST_FIRST =
      Comparator.comparingInt(Waiting::priority).reversed().thenComparingLong(Waiting::number);
  private static final Comparator<Waking> SOONEST_FIRST =
      Comparator.comparingLong(Waking::micros).thenComparingLong(Waking::number);

  private final int journalCap;
  private final Map<JobKey, MemoryJob> byKey = new HashMap<>();
  private final NavigableMap<Long, MemoryJob> byNumber = new TreeMap<>();
  private final Map<Lane, NavigableSet<Waiting>> waiting = new HashMap<>();
  private final NavigableSet<Waking> waking = new TreeSet<>(SOONEST_FIRST);
  private final Map<CountCell, CellCount> counts = new HashMap<>();
  private final MemoryIndex index = new MemoryIndex();
  private long lastNumber;

  /** A lane: the queue of claimable jobs of one tenant, type and scope. */
  private record Lane(String tenantId, String type, JobScope scope) {
    boolean isOf(ClaimQuery query) {
      return query.accepts(tenantId, type, scope);
    }
  }

  /** A job's position in its lane. */
  private record Waiting(int priority, long number, JobKey key) {}

  /** A job's position in the order of wake times. */
  record Waking(long micros, long number, JobKey key) {}

  MemoryJobs(int journalCap) {
    this.journalCap = journalCap;
  }

  @Nullable MemoryJob get(JobKey key) {
    return byKey.get(key);
  }

  /** All jobs in the order of creation. */
  NavigableMap<Long, MemoryJob> byNumber() {
    return byNumber;
  }

  /** The jobs by id and by the terms of their contents. */
  MemoryIndex index() {
    return index;
  }

  /** Jobs with a wake time that is not earlier than this, soonest first. */
  NavigableSet<Waking> waking(long fromMicros) {
    return waking.tailSet(new Waking(fromMicros, 0, new JobKey("", "")), true);
  }

  /** What is in each cell that is not empty. */
  Map<CountCell, CellCount> counts() {
    return Collections.unmodifiableMap(counts);
  }

  void put(JobDecision.Put put) {
    JobKey key = put.key();
    MemoryJob job = byKey.get(key);
    JobRecord before = job == null ? null : job.record();
    if (job == null) {
      job = new MemoryJob(++lastNumber, put.record());
      byKey.put(key, job);
      byNumber.put(job.number(), job);
    } else {
      takeOut(job);
    }
    job.put(put.record(), put.entries(), put.items(), journalCap);
    index.move(job, before, put.record());
    putIn(job);
  }

  /** Sets when a job is due, until its state or the wake time of its record changes. */
  void postpone(JobKey key, Instant wakeTime) {
    MemoryJob job = byKey.get(key);
    if (job != null) {
      takeOut(job);
      job.postpone(ChronoUnit.MICROS.between(Instant.EPOCH, wakeTime));
      putIn(job);
    }
  }

  void remove(JobKey key) {
    MemoryJob job = byKey.remove(key);
    if (job != null) {
      byNumber.remove(job.number());
      index.move(job, job.record(), null);
      takeOut(job);
    }
  }

  /** Returns the jobs that a claim would take, best first. */
  List<JobKey> claimable(ClaimQuery query) {
    return waiting.entrySet().stream()
        .filter(lane -> lane.getKey().isOf(query))
        .flatMap(lane -> inRange(lane.getValue(), query))
        .sorted(BEST_FIRST)
        .limit(query.limit())
        .map(Waiting::key)
        .toList();
  }

  /** Returns the first jobs of each lane and priority, as far as the limits of a read allow. */
  List<JobKey> firstClaimable(String tenantId) {
    List<JobKey> first = new ArrayList<>();
    int reads = 0;
    for (Map.Entry<Lane, NavigableSet<Waiting>> lane : waiting.entrySet()) {
      if (!lane.getKey().tenantId().equals(tenantId)) {
        continue;
      }
      NavigableSet<Waiting> rest = lane.getValue();
      while (!rest.isEmpty() && reads < ClaimQuery.MAX_FIRST_OF) {
        reads++;
        int priority = rest.first().priority();
        rest.stream()
            .limit(ClaimQuery.FIRST_OF_EACH)
            .takeWhile(job -> job.priority() == priority)
            .forEach(job -> first.add(job.key()));
        rest = rest.tailSet(new Waiting(priority - 1, 0, new JobKey("", "")), true);
      }
    }
    return first;
  }

  private static Stream<Waiting> inRange(NavigableSet<Waiting> lane, ClaimQuery query) {
    JobKey any = new JobKey("", "");
    return lane.tailSet(new Waiting(query.maxPriority(), 0, any), true).stream()
        .takeWhile(job -> job.priority() >= query.minPriority())
        .limit(query.limit());
  }

  private void putIn(MemoryJob job) {
    JobRecord record = job.record();
    counts.merge(CountCell.of(record), CellCount.of(record), CellCount::plus);
    if (job.wakeMicros() != 0) {
      waking.add(waking(job));
    }
    if (JobRecords.isClaimable(record)) {
      waiting.computeIfAbsent(lane(record), lane -> new TreeSet<>(BEST_FIRST)).add(waiting(job));
    }
  }

  private void takeOut(MemoryJob job) {
    JobRecord record = job.record();
    CellCount taken = CellCount.of(record).negated();
    counts.computeIfPresent(
        CountCell.of(record), (cell, count) -> count.jobs() == 1 ? null : count.plus(taken));
    if (job.wakeMicros() != 0) {
      waking.remove(waking(job));
    }
    NavigableSet<Waiting> lane = waiting.get(lane(record));
    if (lane != null && lane.remove(waiting(job)) && lane.isEmpty()) {
      waiting.remove(lane(record));
    }
  }

  private static Lane lane(JobRecord record) {
    JobSpec spec = record.getJob().getSpec();
    return new Lane(record.getJob().getTenantId(), spec.getType(), spec.getScope());
  }

  private static Waiting waiting(MemoryJob job) {
    JobRecord record = job.record();
    return new Waiting(record.getJob().getSpec().getPriority(), job.number(), JobKey.of(record));
  }

  private static Waking waking(MemoryJob job) {
    return new Waking(job.wakeMicros(), job.number(), JobKey.of(job.record()));
  }
}
