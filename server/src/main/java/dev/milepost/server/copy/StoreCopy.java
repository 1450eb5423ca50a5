package dev.milepost.server.copy;

import dev.milepost.server.copy.JobReading.Gathered;
import dev.milepost.server.job.JobDecision;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.JobRecords;
import dev.milepost.server.store.Decision;
import dev.milepost.server.store.JobQuery;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.JobsByKey;
import dev.milepost.server.store.Selection;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.JobState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * Copies jobs with their journals and items into any store.
 *
 * <p>Copies the oldest first, to keep the order. A large job is copied part by part, and is not
 * complete before its last part; complete jobs in the target are skipped, so a stopped copy
 * continues if it is started again. A job that was not complete, or has changed in between, is
 * copied again, and is then the newest in the target. {@link CopyMark} is in the target until every
 * job has been read from both stores, its checksums agree, and so do the counts.
 *
 * <p>The request ids of the last 24 hours are not copied: a request repeated after the copy is
 * executed again, unless its job has an id chosen by the caller. Blocks; for use by one thread,
 * once.
 */
public final class StoreCopy {
  /** Approximate size of a commit. */
  private static final long COMMIT_BYTES = 2 << 20;

  /** Approximate size of the jobs that are read at the same time. */
  private static final long READ_BYTES = 8 << 20;

  /** About the maximum size of an item. */
  private static final long ITEM_BYTES = 20 << 10;

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
  private long damaged;
  private final List<JobKey> damagedKeys = new ArrayList<>();

  /**
   * Totals of what was copied and compared, now or before.
   *
   * @param jobs number of jobs
   * @param entries number of journal entries
   * @param items number of items
   * @param unreadable number of jobs that are damaged in the source and were left out
   * @param unreadableKeys the first of them
   * @param damaged number of jobs whose damaged journal entries or items were left out
   * @param damagedKeys the first of them
   */
  public record Result(
      long jobs,
      long entries,
      long items,
      long unreadable,
      List<JobKey> unreadableKeys,
      long damaged,
      List<JobKey> damagedKeys) {}

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
    eachPage(this::copy, job -> {});
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
    return new Result(
        jobs,
        entries,
        items,
        unreadable,
        List.copyOf(unreadableKeys),
        damaged,
        List.copyOf(damagedKeys));
  }

  private void leaveOut(JobKey job) {
    unreadable++;
    if (unreadableKeys.size() < MAX_NAMED) {
      unreadableKeys.add(job);
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
    List<SourceJob> missing = new ArrayList<>();
    for (SourceJob job : page) {
      JobRecord copied = there.get(job.key());
      if (copied != null && !copied.equals(job.record())) {
        // It is not complete, or has changed since the copy was stopped.
        remove(job.key());
        copied = null;
      }
      if (copied == null) {
        missing.add(job);
      }
    }
    Map<JobKey, JobDecision> batch = new LinkedHashMap<>();
    long bytes = 0;
    for (List<SourceJob> some : byBytes(missing)) {
      Map<JobKey, Begun> begun = begin(some);
      for (SourceJob job : some) {
        Begun reading = Objects.requireNonNull(begun.get(job.key()));
        Gathered start = Stages.await(reading.start());
        JobPart part = start.part();
        long size = job.record().getSerializedSize() + part.bytes();
        if (!batch.isEmpty()
            && (bytes + size > COMMIT_BYTES || !isOfSameTenant(batch, job) || !start.isLast())) {
          put(batch);
          batch.clear();
          bytes = 0;
        }
        if (start.isLast()) {
          batch.put(job.key(), new JobDecision.Put(job.record(), part.entries(), part.items()));
          bytes += size;
        } else {
          putInParts(job.record(), part, reading.rest());
        }
      }
    }
    if (!batch.isEmpty()) {
      put(batch);
    }
  }

  /** Divides jobs into those that are read at the same time. */
  private static List<List<SourceJob>> byBytes(List<SourceJob> jobs) {
    List<List<SourceJob>> divided = new ArrayList<>();
    long bytes = READ_BYTES;
    for (SourceJob job : jobs) {
      long size = sizeOfStart(job.record());
      if (bytes + size > READ_BYTES) {
        divided.add(new ArrayList<>());
        bytes = 0;
      }
      divided.get(divided.size() - 1).add(job);
      bytes += size;
    }
    return divided;
  }

  /** Returns about how large the start of a job is that is read before it is needed, or more. */
  private static long sizeOfStart(JobRecord job) {
    long items = JobRecords.items(job.getJob().getStatus().getItemCounts());
    return Math.min(2 * COMMIT_BYTES, 1_000 + job.getLogBytes() + items * ITEM_BYTES);
  }

  /** A job of which the start is being read. */
  private record Begun(CompletionStage<Gathered> start, JobReading rest) {
    static Begun of(JobReading reading) {
      return new Begun(reading.gather(COMMIT_BYTES), reading);
    }
  }

  private static Map<JobKey, Begun> begin(List<SourceJob> jobs) {
    Map<JobKey, Begun> begun = new HashMap<>();
    jobs.forEach(job -> begun.put(job.key(), Begun.of(job.reading().get())));
    return begun;
  }

  private static boolean isOfSameTenant(Map<JobKey, JobDecision> batch, SourceJob job) {
    return batch.keySet().iterator().next().tenantId().equals(job.key().tenantId());
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

  private void put(Map<JobKey, JobDecision> batch) {
    Map<JobKey, JobDecision> puts = new LinkedHashMap<>(batch);
    Selection.Named selection =
        new Selection.Named(List.copyOf(puts.keySet()), Set.of(), Optional.empty(), false);
    Stages.await(
        to.update(
            selection,
            found -> {
              // A commit whose response was lost may have succeeded.
              Map<JobKey, JobDecision> left = new LinkedHashMap<>(puts);
              found.jobs().forEach(job -> left.remove(JobKey.of(job)));
              return Decision.ofCopy(List.copyOf(left.values()), true);
            }));
  }

  /** Copies a large job. Only its last part makes it equal to that of the source. */
  private void putInParts(JobRecord job, JobPart start, JobReading rest) {
    JobPart part = start;
    for (int number = 1; ; number++) {
      Gathered next = Stages.await(rest.gather(COMMIT_BYTES));
      JobRecord record = incomplete(job, number, next.part());
      putPart(new JobDecision.Put(record, part.entries(), part.items()));
      part = next.part();
      if (next.isLast()) {
        putPart(new JobDecision.Put(job, part.entries(), part.items()));
        return;
      }
    }
  }

  private void putPart(JobDecision.Put put) {
    Stages.await(
        to.update(
            Selection.of(put.key()),
            found ->
                found.job(put.key()).filter(put.record()::equals).isPresent()
                    ? Decision.nothing(false)
                    : Decision.ofCopy(List.of(put), true)));
  }

  /**
   * Returns the record of a job of which further parts follow: nobody can claim it, and it has no
   * timers. Its entries are counted up to the next part.
   */
  private static JobRecord incomplete(JobRecord job, int number, JobPart next) {
    JobRecord.Builder incomplete =
        job.toBuilder().setRevision(-number).setHeldBack(true).clearWakeTime();
    if (!next.entries().isEmpty()) {
      incomplete.getJobBuilder().getStatusBuilder().setLogCounts(next.countsBefore());
    }
    return incomplete.build();
  }

  private void compare(List<SourceJob> page, List<String> wrong) {
    Map<JobKey, JobRecord> there = inTarget(page);
    for (List<SourceJob> some : byBytes(page)) {
      Map<JobKey, Begun> here = begin(some);
      Map<JobKey, Begun> copies = new HashMap<>();
      for (SourceJob job : some) {
        if (there.containsKey(job.key())) {
          copies.put(job.key(), Begun.of(new StoreReading(to, job.key())));
        }
      }
      for (SourceJob job : some) {
        Totals totals = new Totals();
        byte[] sum =
            checksum(job.record(), Objects.requireNonNull(here.get(job.key())), totals::add);
        count(job.key(), totals);
        JobRecord copied = there.get(job.key());
        Begun copy = copies.get(job.key());
        if (copied == null
            || copy == null
            || !Arrays.equals(sum, checksum(copied, copy, part -> {}))) {
          wrong.add(job.key().jobId() + " of " + job.key().tenantId());
        }
      }
    }
  }

  /** Reads a job part by part. */
  private static byte[] checksum(JobRecord record, Begun begun, Consumer<JobPart> reader) {
    JobChecksum checksum = new JobChecksum(record);
    Gathered start = Stages.await(begun.start());
    Optional<JobPart> part = Optional.of(start.part());
    while (part.isPresent()) {
      checksum.add(part.get());
      reader.accept(part.get());
      part = start.isLast() ? Optional.empty() : Stages.await(begun.rest().next());
    }
    return checksum.value();
  }

  /** What a job has. */
  private static final class Totals {
    private long entries;
    private long items;
    private boolean isDamaged;

    void add(JobPart part) {
      entries += part.entries().size();
      items += part.items().size();
      isDamaged |= part.isDamaged();
    }
  }

  private void count(JobKey job, Totals totals) {
    jobs++;
    entries += totals.entries;
    items += totals.items;
    if (totals.isDamaged) {
      damaged++;
      if (damagedKeys.size() < MAX_NAMED) {
        damagedKeys.add(job);
      }
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
