package dev.milepost.server.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milepost.server.store.RecordsBefore;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.ExportJobsResponse;
import dev.milepost.v1.Item;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobHealth;
import dev.milepost.v1.JobKind;
import dev.milepost.v1.JobStatus;
import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.LogCounts;
import dev.milepost.v1.LogEntry;
import dev.milepost.v1.LogLevel;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Jobs of every size become messages and parts again, and no message is larger than necessary. */
class JobPartsTest {
  /** Entries that are no longer kept. */
  private static final int DROPPED = 5;

  private static JobRecord record(int bytes) {
    Job.Builder job =
        Job.newBuilder()
            .setId("job")
            .setTenantId("acme")
            .setKind(JobKind.JOB_KIND_SINGLE)
            .setStatus(JobStatus.newBuilder().setHealth(JobHealth.JOB_HEALTH_NOT_RUNNING))
            .setEtag("x".repeat(bytes));
    return JobRecord.newBuilder()
        .setJob(job)
        .setAttemptToken("token")
        .setWebhookSecret("secret")
        .setRevision(7)
        .build();
  }

  private static JobPart part(int entries, int items, int bytes) {
    String text = "x".repeat(bytes);
    return new JobPart(
        IntStream.rangeClosed(1, entries)
            .mapToObj(
                n ->
                    JournalEntry.newBuilder()
                        .setSequence(n)
                        .setLog(
                            LogEntry.newBuilder()
                                .setLevel(LogLevel.LOG_LEVEL_INFO)
                                .setMessage(text))
                        .build())
            .toList(),
        info(DROPPED + entries),
        IntStream.rangeClosed(1, items)
            .mapToObj(n -> Item.newBuilder().setId("item-" + n).setMessage(text).build())
            .toList(),
        2,
        3);
  }

  private static LogCounts info(int entries) {
    return LogCounts.newBuilder().setInfo(entries).build();
  }

  private static List<ExportJobsResponse> messages(JobRecord record, JobPart part) {
    JobParts parts = new JobParts(record);
    parts.add(part);
    List<ExportJobsResponse> messages = new ArrayList<>(parts.take());
    parts.end();
    messages.addAll(parts.take());
    return messages;
  }

  private static void requireSame(JobRecord record, JobPart part) {
    List<ExportJobsResponse> messages = messages(record, part);
    assertThat(JobParts.record(messages.get(0))).isEqualTo(record);
    JobPart joined = JobPart.EMPTY;
    for (ExportJobsResponse message : messages) {
      joined = joined.plus(JobParts.part(message));
    }
    assertThat(joined.entries()).isEqualTo(part.entries());
    assertThat(joined.items()).isEqualTo(part.items());
    assertThat(joined.unreadableRuns()).isEqualTo(2);
    assertThat(joined.unreadableItems()).isEqualTo(3);
    assertThat(joined.isDamaged()).isTrue();
    if (!part.entries().isEmpty()) {
      assertThat(joined.counts()).isEqualTo(part.counts());
      assertThat(joined.countsBefore()).isEqualTo(info(DROPPED));
    }
    assertThat(messages.stream().filter(ExportJobsResponse::getLast))
        .containsExactly(messages.get(messages.size() - 1));
  }

  @Test
  void aSmallJobHasOneMessage() {
    for (JobPart part : List.of(part(0, 0, 10), part(3, 0, 10), part(0, 3, 10), part(3, 3, 10))) {
      assertThat(messages(record(10), part)).hasSize(1);
      requireSame(record(10), part);
    }
  }

  @Test
  void aLargeJobHasMessagesOfLimitedSize() {
    JobPart part = part(400, 2_000, 16_000);
    List<ExportJobsResponse> messages = messages(record(10), part);
    assertThat(messages).hasSizeGreaterThan(100);
    assertThat(messages)
        .allMatch(message -> message.getSerializedSize() < JobParts.MESSAGE_BYTES + 20_000);
    requireSame(record(10), part);
  }

  @Test
  void anEntryLargerThanAMessageHasItsOwn() {
    int large = 2 * JobParts.MESSAGE_BYTES;
    JobPart part = part(2, 2, large);
    assertThat(messages(record(large), part)).hasSize(5);
    requireSame(record(large), part);
  }

  @Test
  void eachMessageSaysHowManyEntriesThereHaveBeen() {
    JobPart part = part(3, 0, JobParts.MESSAGE_BYTES);
    assertThat(messages(record(10), part))
        .extracting(message -> message.getLogCounts().getInfo())
        .containsExactly(0L, 6L, 7L, 8L);
  }

  @Test
  void aMissingStartIsDetected() {
    List<ExportJobsResponse> messages = messages(record(10), part(0, 3, JobParts.MESSAGE_BYTES));
    assertThatThrownBy(() -> JobParts.record(messages.get(1)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** Earlier versions left kind, health and the outcome of an open attempt unspecified. */
  @Test
  void jobsOfAnExportByAnEarlierVersionAreUpgraded() {
    JobRecord current = record(10);
    ExportJobsResponse first = messages(current, part(0, 0, 0)).get(0);
    ExportJobsResponse before = first.toBuilder().setJob(RecordsBefore.job(first.getJob())).build();

    assertThat(before.getJob().getKind()).isEqualTo(JobKind.JOB_KIND_UNSPECIFIED);
    assertThat(JobParts.record(before)).isEqualTo(current);
  }
}
