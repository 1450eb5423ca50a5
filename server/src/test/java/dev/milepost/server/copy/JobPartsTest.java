package dev.milepost.server.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.ExportJobsResponse;
import dev.milepost.v1.Item;
import dev.milepost.v1.Job;
import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.LogEntry;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Jobs of every size can be split and joined again, and no part is larger than necessary. */
class JobPartsTest {
  private static WholeJob job(int entries, int items, int bytes) {
    String text = "x".repeat(bytes);
    return new WholeJob(
        JobRecord.newBuilder()
            .setJob(Job.newBuilder().setId("job").setTenantId("acme").setEtag(text))
            .setAttemptToken("token")
            .setWebhookSecret("secret")
            .setRevision(7)
            .build(),
        IntStream.rangeClosed(1, entries)
            .mapToObj(
                n ->
                    JournalEntry.newBuilder()
                        .setSequence(n)
                        .setLog(LogEntry.newBuilder().setMessage(text))
                        .build())
            .toList(),
        IntStream.rangeClosed(1, items)
            .mapToObj(n -> Item.newBuilder().setId("item-" + n).setMessage(text).build())
            .toList());
  }

  @Test
  void aSmallJobHasOnePart() {
    for (WholeJob job : List.of(job(0, 0, 10), job(3, 0, 10), job(0, 3, 10), job(3, 3, 10))) {
      List<ExportJobsResponse> parts = JobParts.of(job);
      assertThat(parts).hasSize(1);
      assertThat(JobParts.join(parts)).isEqualTo(job);
    }
  }

  @Test
  void aLargeJobIsSplitIntoPartsOfLimitedSize() {
    WholeJob job = job(400, 2_000, 16_000);
    List<ExportJobsResponse> parts = JobParts.of(job);
    assertThat(parts).hasSizeGreaterThan(100);
    assertThat(parts).allMatch(part -> part.getSerializedSize() < JobParts.PART_BYTES + 20_000);
    assertThat(parts.stream().filter(ExportJobsResponse::getLast)).hasSize(1);
    assertThat(JobParts.join(parts)).isEqualTo(job);
  }

  @Test
  void anEntryLargerThanAPartHasItsOwnPart() {
    WholeJob job = job(2, 2, 2 * JobParts.PART_BYTES);
    List<ExportJobsResponse> parts = JobParts.of(job);
    assertThat(parts).hasSize(5);
    assertThat(JobParts.join(parts)).isEqualTo(job);
  }

  @Test
  void aMissingPartIsDetected() {
    List<ExportJobsResponse> parts = JobParts.of(job(0, 3, 2 * JobParts.PART_BYTES));
    assertThat(parts).hasSize(4);
    assertThatThrownBy(() -> JobParts.join(parts.subList(1, 4)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> JobParts.join(parts.subList(0, 3)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
