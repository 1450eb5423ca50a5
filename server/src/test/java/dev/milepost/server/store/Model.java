package dev.milepost.server.store;

import static dev.milepost.server.store.StoreHarness.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.StoredBytes;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.Item;
import dev.milepost.v1.ItemCounts;
import dev.milepost.v1.ItemState;
import dev.milepost.v1.JobCount;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobGroup;
import dev.milepost.v1.JournalEntry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/** The expected content of a store, computed from its published changes alone. */
final class Model implements ChangeListener {
  private final Map<JobKey, JobRecord> jobs = new LinkedHashMap<>();
  private final Map<JobKey, List<JournalEntry>> journals = new HashMap<>();

  private final List<AssertionError> mismatches = new ArrayList<>();

  @Override
  public synchronized void changed(List<Change> changes) {
    try {
      changes.forEach(this::apply);
    } catch (AssertionError e) {
      mismatches.add(e);
    }
  }

  private void apply(Change change) {
    JobRecord after = change.after();
    if (change.before() == null) {
      assertNew(change.key());
    } else {
      assertThat(change.before()).isEqualTo(jobs.get(change.key()));
    }
    if (after == null) {
      jobs.remove(change.key());
      journals.remove(change.key());
    } else {
      jobs.put(change.key(), after);
      journals.computeIfAbsent(change.key(), key -> new ArrayList<>()).addAll(change.entries());
    }
  }

  private void assertNew(JobKey key) {
    assertThat(jobs).doesNotContainKey(key);
  }

  @Override
  public void missed() {
    throw new AssertionError("a store within this process misses nothing");
  }

  synchronized List<JobKey> keys() {
    return List.copyOf(jobs.keySet());
  }

  /** Compares a store with this model; no update may be in progress. */
  synchronized void check(StoreHarness harness) {
    assertThat(mismatches).isEmpty();
    assertThat(harness.list(JobFilter.getDefaultInstance(), false, 5))
        .containsExactlyElementsOf(jobs.values());
    assertThat(await(harness.store().get(jobs.keySet())).jobs())
        .containsExactlyElementsOf(jobs.values());
    jobs.forEach((key, job) -> checkParts(harness, key, job));
    checkCounts(harness);
    checkWaiting(harness);
  }

  private void checkParts(StoreHarness harness, JobKey key, JobRecord job) {
    List<JournalEntry> all = journals.getOrDefault(key, List.of());
    assertThat(all)
        .extracting(JournalEntry::getSequence)
        .containsExactlyElementsOf(
            LongStream.rangeClosed(1, job.getJob().getStatus().getJournalSequence())
                .boxed()
                .toList());
    List<JournalEntry> kept = kept(all);
    assertThat(harness.journal(key, 7)).isEqualTo(kept);
    assertThat(harness.journal(key, 1_000)).isEqualTo(kept);
    assertThat(job.getJob().getStatus().getLogCounts().getDropped())
        .isEqualTo(all.size() - kept.size());
    ItemPage items = await(harness.store().items(new ItemQuery(key, Set.of(), "", "", 2_000)));
    assertThat(count(items.items())).isEqualTo(job.getJob().getStatus().getItemCounts());
    checkBytes(job, kept, items.items(), kept.size() < all.size());
  }

  /** Compares the sizes in a record, and that for counts, with what the job has. */
  private static void checkBytes(
      JobRecord job, List<JournalEntry> journal, List<Item> items, boolean hasDropped) {
    long itemBytes = items.stream().mapToLong(Item::getSerializedSize).sum();
    long journalBytes = journal.stream().mapToLong(JournalEntry::getSerializedSize).sum();
    long known = job.getJournalBytesList().stream().mapToLong(Long::longValue).sum();
    assertThat(job.getItemBytes()).isEqualTo(itemBytes);
    if (hasDropped) {
      assertThat(known).isCloseTo(journalBytes, withinPercentage(40));
    } else {
      assertThat(known).isEqualTo(journalBytes);
    }
    long size = StoredBytes.of(job);
    assertThat(size)
        .as("the rest of the record is a constant")
        .isCloseTo(job.getSerializedSize() + itemBytes + known, within(256L));
    assertThat(job.getChargedBytes()).isCloseTo(size, within((long) StoredBytes.TOLERANCE));
  }

  /** The newest entries of each kind, computed independently of the rules. */
  static List<JournalEntry> kept(List<JournalEntry> all) {
    Map<Object, List<JournalEntry>> kinds =
        all.stream()
            .collect(
                Collectors.groupingBy(
                    entry -> entry.hasLog() ? entry.getLog().getLevel() : entry.getEntryCase()));
    return kinds.values().stream()
        .flatMap(kind -> kind.stream().skip(Math.max(0, kind.size() - StoreHarness.CAP)))
        .sorted(Comparator.comparingLong(JournalEntry::getSequence))
        .toList();
  }

  private static ItemCounts count(List<Item> items) {
    Map<ItemState, Long> counts =
        items.stream().collect(Collectors.groupingBy(Item::getState, Collectors.counting()));
    return ItemCounts.newBuilder()
        .setPending(counts.getOrDefault(ItemState.ITEM_STATE_PENDING, 0L))
        .setRunning(counts.getOrDefault(ItemState.ITEM_STATE_RUNNING, 0L))
        .setDone(counts.getOrDefault(ItemState.ITEM_STATE_DONE, 0L))
        .setFailed(counts.getOrDefault(ItemState.ITEM_STATE_FAILED, 0L))
        .setSkipped(counts.getOrDefault(ItemState.ITEM_STATE_SKIPPED, 0L))
        .build();
  }

  private void checkCounts(StoreHarness harness) {
    EnumSet<JobGroup> groups =
        EnumSet.of(
            JobGroup.JOB_GROUP_STATE,
            JobGroup.JOB_GROUP_TYPE,
            JobGroup.JOB_GROUP_USER,
            JobGroup.JOB_GROUP_PROJECT,
            JobGroup.JOB_GROUP_SCOPE);
    for (Set<JobGroup> by :
        List.of(
            groups,
            EnumSet.of(JobGroup.JOB_GROUP_STATE),
            EnumSet.of(JobGroup.JOB_GROUP_SCOPE),
            EnumSet.noneOf(JobGroup.class))) {
      for (String user : List.of("", "u1")) {
        JobFilter filter =
            JobFilter.newBuilder().setTenantId(StoreHarness.TENANT).setUserId(user).build();
        Map<JobCount, CellCount> recount =
            jobs.values().stream()
                .filter(job -> CountCell.of(job).matches(filter))
                .collect(
                    Collectors.toMap(
                        job -> CountCell.of(job).group(by), CellCount::of, CellCount::plus));
        Map<JobCount, CellCount> counted =
            await(harness.store().count(new CountQuery(filter, by))).stream()
                .filter(count -> count.getCount() > 0)
                .collect(
                    Collectors.toMap(
                        count -> count.toBuilder().clearCount().clearStoredBytes().build(),
                        count -> new CellCount(count.getCount(), count.getStoredBytes())));
        assertThat(counted).isEqualTo(recount);
      }
    }
  }

  /** The wake times of jobs. */
  private void checkWaiting(StoreHarness harness) {
    DueJobs due = await(harness.store().due(Instant.parse("2099-01-01T00:00:00Z"), 1_000));
    assertThat(due.keys())
        .containsExactlyInAnyOrderElementsOf(
            jobs.entrySet().stream()
                .filter(job -> job.getValue().hasWakeTime())
                .map(Map.Entry::getKey)
                .toList());
  }
}
