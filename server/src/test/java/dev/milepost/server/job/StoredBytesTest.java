package dev.milepost.server.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.FieldMask;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.Item;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobStatus;
import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.LogLevel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class StoredBytesTest {
  private static JournalEntry entry(LogLevel level, int length) {
    return JournalEntry.newBuilder().setLog(JobLife.line(level, "x".repeat(length))).build();
  }

  private static long sum(JobRecord.Builder record) {
    return record.getJournalBytesList().stream().mapToLong(Long::longValue).sum();
  }

  /** Appends to a record as a job's journal does, and to a queue of what is kept. */
  private static void append(
      JobRecord.Builder record, Deque<JournalEntry> kept, JournalEntry entry, int cap) {
    StoredBytes.append(record, entry, kept.size() == cap, cap);
    kept.add(entry);
    if (kept.size() > cap) {
      kept.remove();
    }
  }

  private static long size(Deque<JournalEntry> kept) {
    return kept.stream().mapToLong(JournalEntry::getSerializedSize).sum();
  }

  @Property
  void aJournalBelowItsCapIsExact(
      @ForAll @Size(max = 50) List<@IntRange(min = 0, max = 2_000) Integer> lengths) {
    JobRecord.Builder record = JobRecord.newBuilder();
    Deque<JournalEntry> kept = new ArrayDeque<>();
    for (int length : lengths) {
      append(record, kept, entry(LogLevel.LOG_LEVEL_INFO, length), 50);
      assertThat(sum(record)).isEqualTo(size(kept));
    }
  }

  @Property
  void aJournalBeyondItsCapIsNeverNegative(
      @ForAll @Size(max = 200) List<@IntRange(min = 0, max = 20_000) Integer> lengths,
      @ForAll @IntRange(min = 1, max = 20) int cap) {
    JobRecord.Builder record = JobRecord.newBuilder();
    Deque<JournalEntry> kept = new ArrayDeque<>();
    int longest = 0;
    for (int length : lengths) {
      JournalEntry entry = entry(LogLevel.LOG_LEVEL_INFO, length);
      longest = Math.max(longest, entry.getSerializedSize());
      append(record, kept, entry, cap);
      assertThat(sum(record)).isBetween(0L, (long) cap * longest + cap);
    }
  }

  @Test
  void entriesOfTheSameSizeAreExactBeyondTheCap() {
    JobRecord.Builder record = JobRecord.newBuilder();
    Deque<JournalEntry> kept = new ArrayDeque<>();
    for (int i = 0; i < 5_000; i++) {
      append(record, kept, entry(LogLevel.LOG_LEVEL_INFO, 100), 1_000);
    }
    assertThat(sum(record)).isEqualTo(size(kept));
  }

  @Test
  void aFloodOfShortLinesDoesNotHideLongErrors() {
    JobRecord.Builder record = JobRecord.newBuilder();
    Deque<JournalEntry> errors = new ArrayDeque<>();
    Deque<JournalEntry> lines = new ArrayDeque<>();
    for (int i = 0; i < 100; i++) {
      append(record, errors, entry(LogLevel.LOG_LEVEL_ERROR, 10_000), 100);
    }
    for (int i = 0; i < 10_000; i++) {
      append(record, lines, entry(LogLevel.LOG_LEVEL_INFO, 1), 100);
    }
    assertThat(sum(record)).isEqualTo(size(errors) + size(lines));
  }

  @Test
  void theSizeFollowsLinesThatBecomeShorter() {
    JobRecord.Builder record = JobRecord.newBuilder();
    Deque<JournalEntry> kept = new ArrayDeque<>();
    for (int i = 0; i < 100; i++) {
      append(record, kept, entry(LogLevel.LOG_LEVEL_INFO, 10_000), 100);
    }
    for (int i = 0; i < 1_000; i++) {
      append(record, kept, entry(LogLevel.LOG_LEVEL_INFO, 100), 100);
    }
    assertThat(sum(record)).isCloseTo(size(kept), within(1_000L));
  }

  @Property
  void itemsAreExact(@ForAll @Size(max = 100) List<@IntRange(min = 0, max = 500) Integer> lengths) {
    JobRecord.Builder record = JobRecord.newBuilder();
    Map<String, Item> items = new HashMap<>();
    for (int length : lengths) {
      Item item = Item.newBuilder().setId("i" + length % 7).setMessage("x".repeat(length)).build();
      Item known = items.getOrDefault(item.getId(), Item.getDefaultInstance());
      StoredBytes.putItem(record, item, known);
      items.put(item.getId(), item);
      assertThat(record.getItemBytes())
          .isEqualTo(items.values().stream().mapToLong(Item::getSerializedSize).sum());
    }
  }

  @Test
  void itemsOfAnEarlierVersionAreNotSubtracted() {
    JobRecord.Builder record = JobRecord.newBuilder();
    Item known = Item.newBuilder().setId("i").setMessage("x".repeat(100)).build();
    StoredBytes.putItem(record, Item.newBuilder().setId("i").build(), known);
    assertThat(record.getItemBytes()).isZero();
  }

  @Test
  void aSpecIsMeasuredWhenItChanges() {
    JobLife life = JobLife.queued();
    long before = StoredBytes.of(life.record);
    assertThat(life.record.getSpecBytes()).isEqualTo(life.job().getSpec().getSerializedSize());

    JobSpec named = JobSpec.newBuilder().setDisplayName("x".repeat(200)).build();
    FieldMask mask = FieldMask.newBuilder().addPaths("display_name").build();
    life.run(new JobCommand.Update(named, mask, ""));

    assertThat(life.record.getSpecBytes()).isEqualTo(life.job().getSpec().getSerializedSize());
    assertThat(StoredBytes.of(life.record)).isBetween(before + 200, before + 220);
  }

  private static JobRecord job(long revision, JobState state, long itemBytes, long charged) {
    return JobRecord.newBuilder()
        .setRevision(revision)
        .setJob(Job.newBuilder().setStatus(JobStatus.newBuilder().setState(state)))
        .setItemBytes(itemBytes)
        .setChargedBytes(charged)
        .build();
  }

  @Test
  void theCountedSizeFollowsWithTheStateAndAfterSixteenKibibytes() {
    JobState queued = JobState.JOB_STATE_QUEUED;
    JobState running = JobState.JOB_STATE_RUNNING;
    long size = StoredBytes.of(job(2, running, 1_000, 1_000));
    JobRecord created = StoredBytes.charged(job(0, queued, 0, 0), job(1, queued, 1_000, 0));
    assertThat(created.getChargedBytes()).isCloseTo(size, within(4L));

    JobRecord known = job(1, running, 1_000, 500);
    assertThat(StoredBytes.charged(known, job(2, running, 1_000, 500)).getChargedBytes())
        .isEqualTo(500);
    assertThat(StoredBytes.charged(known, job(2, queued, 1_000, 500)).getChargedBytes())
        .isCloseTo(size, within(4L));
    assertThat(StoredBytes.charged(known, job(2, running, 17_000, 500)).getChargedBytes())
        .isCloseTo(size + 16_000, within(8L));
    assertThat(StoredBytes.charged(known, job(2, running, 0, 20_000)).getChargedBytes())
        .isLessThan(300);
  }
}
