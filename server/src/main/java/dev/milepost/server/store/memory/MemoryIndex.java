package dev.milepost.server.store.memory;

import dev.milepost.server.job.IndexTerms;
import dev.milepost.server.job.JobKey;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.JobFilter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The indexes of jobs by the terms of {@link IndexTerms} and by id. Used by the store's thread. */
final class MemoryIndex {
  /** Maximum number of jobs that the start of an id may select: they have to be sorted. */
  private static final int MAX_PREFIXED = 2_000;

  /** Follows every character of an id. */
  private static final char AFTER_ID = '\u007f';

  private static final NavigableMap<Long, MemoryJob> NONE = new TreeMap<>();

  private final Map<Term, NavigableMap<Long, MemoryJob>> byTerm = new HashMap<>();
  private final Map<String, NavigableMap<String, MemoryJob>> byId = new HashMap<>();

  private record Term(String tenantId, String term) {}

  /** A place among the jobs of one term. */
  private record Head(MemoryJob job, Iterator<MemoryJob> rest) {}

  /**
   * Moves a job from its old to its new places.
   *
   * @param before null: the job is new
   * @param after null: the job is removed
   */
  void move(MemoryJob job, @Nullable JobRecord before, @Nullable JobRecord after) {
    if (before != null && after != null && IndexTerms.areSame(before.getJob(), after.getJob())) {
      return;
    }
    if (before != null) {
      for (String term : IndexTerms.of(before.getJob())) {
        Term key = new Term(before.getJob().getTenantId(), term);
        byTerm.computeIfPresent(
            key,
            (any, jobs) -> {
              jobs.remove(job.number());
              return jobs.isEmpty() ? null : jobs;
            });
      }
    }
    if (after != null) {
      for (String term : IndexTerms.of(after.getJob())) {
        Term key = new Term(after.getJob().getTenantId(), term);
        byTerm.computeIfAbsent(key, any -> new TreeMap<>()).put(job.number(), job);
      }
    }
    if (before == null && after != null) {
      JobKey key = JobKey.of(after);
      byId.computeIfAbsent(key.tenantId(), any -> new TreeMap<>()).put(key.jobId(), job);
    } else if (before != null && after == null) {
      JobKey key = JobKey.of(before);
      byId.computeIfPresent(
          key.tenantId(),
          (any, jobs) -> {
            jobs.remove(key.jobId());
            return jobs.isEmpty() ? null : jobs;
          });
    }
  }

  /**
   * Returns the jobs that a filter can match, in the order of creation.
   *
   * @param after number of the job to start after; empty: start at the first one
   * @return empty if no index helps
   */
  Optional<Iterator<MemoryJob>> find(JobFilter filter, boolean newestFirst, Optional<Long> after) {
    String tenant = filter.getTenantId();
    if (tenant.isEmpty()) {
      return Optional.empty();
    }
    List<List<NavigableMap<Long, MemoryJob>>> ways = new ArrayList<>();
    for (List<String> terms : IndexTerms.ways(filter)) {
      ways.add(
          terms.stream().map(term -> byTerm.getOrDefault(new Term(tenant, term), NONE)).toList());
    }
    if (!filter.getIdPrefix().isEmpty()) {
      prefixed(tenant, filter.getIdPrefix()).ifPresent(jobs -> ways.add(List.of(jobs)));
    }
    return ways.stream()
        .min(Comparator.comparingLong(MemoryIndex::size))
        .map(way -> merged(way, newestFirst, after));
  }

  private static long size(List<NavigableMap<Long, MemoryJob>> way) {
    return way.stream().mapToLong(Map::size).sum();
  }

  private Optional<NavigableMap<Long, MemoryJob>> prefixed(String tenantId, String prefix) {
    NavigableMap<Long, MemoryJob> found = new TreeMap<>();
    for (MemoryJob job :
        byId.getOrDefault(tenantId, new TreeMap<>())
            .subMap(prefix, true, prefix + AFTER_ID, false)
            .values()) {
      found.put(job.number(), job);
      if (found.size() > MAX_PREFIXED) {
        return Optional.empty();
      }
    }
    return Optional.of(found);
  }

  private static Iterator<MemoryJob> merged(
      List<NavigableMap<Long, MemoryJob>> way, boolean newestFirst, Optional<Long> after) {
    Comparator<Head> oldest = Comparator.comparingLong(head -> head.job().number());
    PriorityQueue<Head> heads = new PriorityQueue<>(newestFirst ? oldest.reversed() : oldest);
    for (NavigableMap<Long, MemoryJob> jobs : way) {
      NavigableMap<Long, MemoryJob> rest = newestFirst ? jobs.descendingMap() : jobs;
      advance(heads, (after.isPresent() ? rest.tailMap(after.get(), false) : rest).values());
    }
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return !heads.isEmpty();
      }

      @Override
      public MemoryJob next() {
        Head head = heads.remove();
        advance(heads, head.rest());
        return Objects.requireNonNull(head.job());
      }
    };
  }

  private static void advance(PriorityQueue<Head> heads, Iterable<MemoryJob> jobs) {
    advance(heads, jobs.iterator());
  }

  private static void advance(PriorityQueue<Head> heads, Iterator<MemoryJob> rest) {
    if (rest.hasNext()) {
      heads.add(new Head(rest.next(), rest));
    }
  }
}
