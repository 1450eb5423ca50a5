package dev.milepost.server.copy;

import dev.milepost.server.job.JobDecision;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.Decision;
import dev.milepost.server.store.JobQuery;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.JobsByKey;
import dev.milepost.server.store.Selection;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.JobState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * Copies jobs with their journals and items into any store.
 *
 * <p>Copies the oldest first, to keep the order. A job is copied whole or not at all, and jobs in
 * the target are skipped, so a stopped copy continues if it is started again. A job that has
 * changed in between is copied again, and is then the newest in the target. {@link CopyMark} is in
 * the target until every job has been read from both stores, its checksums agree, and so do the
 * counts.
 *
 * <p>The request ids of the last 24 hours are not copied: a request repeated after the copy is
 * executed again, unless its job has an id chosen by the caller. Blocks; for use by one thread,
 * once.
 */
public final class StoreCopy {
  /** Approximate size of a commit; one job alone may be larger. */
  private static final long COMMIT_BYTES = 2 << 20;

  private static final int SHOWN = 5;

  /** Damaged jobs that the result names. */
  private static final int MAX_NAMED = 1_000;

  private final JobSource from;
  private final JobStore to;
  private final String tenant;
  private final CopyProgress progress;
  private long jobs;
  private long entries;
  private long items;
  private long unreadable;
  private final List<JobKey> unreadableKeys = new ArrayList<>();

  /**
   * Totals of what was copied and compared, now or before.
   *
   * @param jobs number of jobs
   * @param entries number of journal entries
   * @param items number of items
   * @param unreadable number of jobs that are damaged in the source and were left out
   * @param unreadableKeys the first of them
   */
  public record Result(
      long jobs, long entries, long items, long unreadable, List<JobKey> unreadableKeys) {}

  /**
   * Creates a copy.
   *
   * @param from the source; must not change during the copy
   * @param to the target: empty, or left by the same copy when it was stopped
   * @param tenant the tenant to copy; empty: all
   */
  public StoreCopy(JobSource from, JobStore to, Optional<String> tenant, CopyProgress progress) {
    this.from = from;
    this.to = to;
    this.tenant = tenant.orElse("");
    this.progress = progress;
  }

  /**
   * Copies, compares, and removes the mark.
   *
   * @throws CopyException if the target contains other jobs, or the two differ in the end
   * @throws dev.milepost.server.store.StoreException if a store fails
   */
  public Result run() {
    begin();
    Map<JobState, Long> counts = from.counts(tenant);
    long all = sum(counts);
    progress.begins(CopyProgress.Phase.COPYING, all);
    eachPage(this::copy, damaged -> {});
    progress.begins(CopyProgress.Phase.VERIFYING, all);
    List<String> wrong = new ArrayList<>();
    eachPage(page -> compare(page, wrong), this::leaveOut);
    Map<JobState, Long> copied = countsOfTarget();
    if (!wrong.isEmpty()) {
      throw new CopyException(
          "The stores differ in "
              + wrong.size()
              + (wrong.size() == 1 ? " job" : " jobs")
              + ", such as "
              + String.join(", ", wrong.subList(0, Math.min(SHOWN, wrong.size())))
              + ". Stop everything that changes either, and run the same copy again.");
    }
    if (!agree(counts, copied)) {
      throw new CopyException(
          "The source counts "
              + counts
              + " and the target "
              + copied
              + ". Stop everything that changes either, and run the same copy again; if the"
              + " target still has more, empty it first.");
    }
    CopyMark.remove(to);
    return new Result(jobs, entries, items, unreadable, List.copyOf(unreadableKeys));
  }

  private void leaveOut(JobKey damaged) {
    unreadable++;
    if (unreadableKeys.size() < MAX_NAMED) {
      unreadableKeys.add(damaged);
    }
  }

  /** Whether the target has every job but the damaged ones, whose states are not known. */
  private boolean agree(Map<JobState, Long> counts, Map<JobState, Long> copied) {
    boolean noneMore =
        copied.entrySet().stream()
            .allMatch(state -> state.getValue() <= counts.getOrDefault(state.getKey(), 0L));
    return noneMore && sum(copied) + unreadable == sum(counts);
  }

  private static long sum(Map<JobState, Long> counts) {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }

  private void begin() {
    CopyMark ours = new CopyMark(from.name(), tenant);
    Optional<CopyMark> mark = CopyMark.of(to);
    if (mark.isEmpty()) {
      JobQuery any = new JobQuery(StoreSource.filter(tenant), false, Optional.empty(), 1);
      if (!Stages.await(to.list(any)).jobs().isEmpty()) {
        throw new CopyException(
            "The target holds jobs"
                + (tenant.isEmpty() ? "" : " of tenant " + tenant)
                + " already. Copy into a store that has none.");
      }
      ours.set(to);
    } else if (!mark.get().equals(ours)) {
      String whose = mark.get().tenant().isEmpty() ? "all" : "tenant " + mark.get().tenant();
      throw new CopyException(
          "Another copy into the target has not finished: "
              + whose
              + " of "
              + mark.get().from()
              + ". Finish that copy, or empty the target.");
    }
  }

  private void eachPage(Consumer<List<SourceJob>> step, Consumer<JobKey> damaged) {
    from.eachPage(
        tenant,
        page -> {
          step.accept(page);
          progress.done(page.size());
        },
        damaged);
  }

  private void copy(List<SourceJob> page) {
    Map<JobKey, JobRecord> there = inTarget(page);
    List<CompletionStage<WholeJob>> missing = new ArrayList<>();
    for (SourceJob job : page) {
      JobRecord copied = there.get(job.key());
      if (copied != null && !copied.equals(job.record())) {
        // The job has changed since the copy was stopped.
        remove(job.key());
        copied = null;
      }
      if (copied == null) {
        missing.add(job.whole().get());
      }
    }
    List<WholeJob> batch = new ArrayList<>();
    long bytes = 0;
    for (CompletionStage<WholeJob> reading : missing) {
      WholeJob job = Stages.await(reading);
      boolean fits = bytes + job.bytes() <= COMMIT_BYTES && isOfSameTenant(batch, job);
      if (!batch.isEmpty() && !fits) {
        put(batch);
        batch.clear();
        bytes = 0;
      }
      batch.add(job);
      bytes += job.bytes();
    }
    if (!batch.isEmpty()) {
      put(batch);
    }
  }

  private static boolean isOfSameTenant(List<WholeJob> batch, WholeJob job) {
    return batch.isEmpty() || batch.get(0).key().tenantId().equals(job.key().tenantId());
  }

  private Map<JobKey, JobRecord> inTarget(List<SourceJob> page) {
    Map<JobKey, JobRecord> there = new HashMap<>();
    if (!page.isEmpty()) {
      JobsByKey found = Stages.await(to.get(page.stream().map(SourceJob::key).toList()));
      found.jobs().forEach(record -> there.put(JobKey.of(record), record));
      // Damaged in the target: copied again.
      found.unreadable().forEach(job -> remove(job.key()));
    }
    return there;
  }

  private void remove(JobKey key) {
    Stages.await(
        to.update(
            Selection.of(key),
            found ->
                found.jobs().isEmpty() && found.unreadable().isEmpty()
                    ? Decision.nothing(false)
                    : Decision.of(new JobDecision.Remove(key), true)));
  }

  private void put(Collection<WholeJob> batch) {
    Map<JobKey, JobDecision> puts = new LinkedHashMap<>();
    for (WholeJob job : batch) {
      puts.put(job.key(), new JobDecision.Put(job.record(), job.journal(), job.items()));
    }
    Selection.Named selection =
        new Selection.Named(List.copyOf(puts.keySet()), Set.of(), Optional.empty(), false);
    Stages.await(
        to.update(
            selection,
            found -> {
              // A commit whose response was lost may have succeeded.
              Map<JobKey, JobDecision> left = new LinkedHashMap<>(puts);
              found.jobs().forEach(job -> left.remove(JobKey.of(job)));
              return Decision.of(List.copyOf(left.values()), true);
            }));
  }

  private void compare(List<SourceJob> page, List<String> wrong) {
    Map<JobKey, JobRecord> there = inTarget(page);
    List<CompletionStage<WholeJob>> here = new ArrayList<>();
    List<Optional<CompletionStage<WholeJob>>> copies = new ArrayList<>();
    for (SourceJob job : page) {
      here.add(job.whole().get());
      copies.add(Optional.ofNullable(there.get(job.key())).map(copy -> WholeJob.read(to, copy)));
    }
    for (int i = 0; i < page.size(); i++) {
      WholeJob job = Stages.await(here.get(i));
      Optional<WholeJob> copy = copies.get(i).map(Stages::await);
      if (copy.isEmpty() || !Arrays.equals(job.checksum(), copy.get().checksum())) {
        wrong.add(job.key().jobId() + " of " + job.key().tenantId());
      }
      jobs++;
      entries += job.journal().size();
      items += job.items().size();
    }
  }

  private Map<JobState, Long> countsOfTarget() {
    Map<JobState, Long> counts = StoreSource.counts(to, tenant);
    if (tenant.isEmpty()) {
      // The mark is a job too.
      counts.computeIfPresent(JobState.JOB_STATE_RUNNING, (state, n) -> n == 1 ? null : n - 1);
    }
    return counts;
  }
}
