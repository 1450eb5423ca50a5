package dev.milepost.server.store.sqlite;

import static dev.milepost.server.store.StoreHarness.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.server.store.StoreHarness;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JournalEntry;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What remains when the process is killed. */
@Tag("slow")
class SqliteCrashTest {
  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void nameFile() {
    file = directory.resolve("jobs.db");
  }

  private StoreHarness open() {
    return ChildServer.harness(file, SqliteOptions.STANDARD);
  }

  private void makeBusyJobs() {
    StoreHarness harness = open();
    ChildServer.BUSY.forEach(harness::running);
    harness.store().close();
  }

  @Test
  void createWithALostResponseHasOneEffect() throws InterruptedException {
    assertThat(ChildServer.start("create", file).waitFor()).isEqualTo(3);

    StoreHarness harness = open();
    JobRecord again = await(ChildServer.create(harness));

    assertThat(harness.list(JobFilter.getDefaultInstance(), true, 10)).containsExactly(again);
    assertThat(harness.journal("made")).hasSize(1);
    harness.store().close();
  }

  @Test
  void reportWithALostResponseHasOneEffect() throws InterruptedException {
    makeBusyJobs();
    assertThat(ChildServer.start("report", file).waitFor()).isEqualTo(3);

    StoreHarness harness = open();
    JobRecord committed = harness.get("busy0").orElseThrow();
    JobRecord again = await(ChildServer.reportOnce(harness));

    assertThat(committed.getReportSeq()).isEqualTo(1);
    assertThat(again).isEqualTo(committed);
    assertThat(harness.get("busy0")).contains(committed);
    assertThat(harness.journal("busy0")).hasSize(3);
    harness.store().close();
  }

  @Test
  void acknowledgedChangesSurviveAKill() throws IOException {
    makeBusyJobs();
    Random random = new Random();
    for (int round = 0; round < 3; round++) {
      Map<String, Long> acknowledged = workAndKill(200 + random.nextInt(1_500));

      StoreHarness harness = open();
      for (String id : ChildServer.BUSY) {
        checkWhole(harness, id, acknowledged.getOrDefault(id, 0L));
      }
      harness.store().close();
    }
  }

  /**
   * Lets a child process work until it has printed this many lines. Returns the last acknowledged
   * report of each job.
   */
  private Map<String, Long> workAndKill(int lines) throws IOException {
    Map<String, Long> acknowledged = new HashMap<>();
    Process child = ChildServer.start("work", file);
    try (BufferedReader said = child.inputReader(StandardCharsets.UTF_8)) {
      int read = 0;
      for (String line = said.readLine(); line != null; line = said.readLine()) {
        int space = line.indexOf(' ');
        // The kill may have truncated the last line.
        acknowledged.merge(
            line.substring(0, space), Long.parseLong(line.substring(space + 1)), Math::max);
        if (++read == lines) {
          // Not through the process object: that would close its output.
          child.toHandle().destroyForcibly();
        }
      }
    }
    return acknowledged;
  }

  private static void checkWhole(StoreHarness harness, String id, long acknowledged) {
    JobRecord job = harness.get(id).orElseThrow();
    long reports = job.getReportSeq();
    assertThat(reports).isGreaterThanOrEqualTo(acknowledged);
    List<JournalEntry> journal = harness.journal(id);
    assertThat(journal)
        .extracting(JournalEntry::getSequence)
        .containsExactlyElementsOf(LongStream.rangeClosed(1, reports + 2).boxed().toList());
    assertThat(journal.stream().filter(JournalEntry::hasLog))
        .extracting(entry -> entry.getLog().getMessage())
        .containsExactlyElementsOf(
            LongStream.rangeClosed(1, reports).mapToObj(seq -> "line " + seq).toList());
  }
}
