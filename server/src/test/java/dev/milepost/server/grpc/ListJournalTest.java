package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import dev.milepost.server.job.Times;
import dev.milepost.v1.DroppedEntries;
import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.JournalEntryKind;
import dev.milepost.v1.ListJournalRequest;
import dev.milepost.v1.ListJournalResponse;
import dev.milepost.v1.LogLevel;
import dev.milepost.v1.Report;
import dev.milepost.v1.Stage;
import dev.milepost.v1.WatchJobRequest;
import io.grpc.Status.Code;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Logs in one call: filled pages, exact filters, from both ends, with markers of what is gone. */
class ListJournalTest {
  private static final LogLevel DEBUG = LogLevel.LOG_LEVEL_DEBUG;
  private static final LogLevel INFO = LogLevel.LOG_LEVEL_INFO;
  private static final LogLevel ERROR = LogLevel.LOG_LEVEL_ERROR;

  private TestServer server = TestServer.start();
  private TestClient ann = server.client();

  @AfterEach
  void stop() {
    server.close();
  }

  private void keeping(int entries) {
    server.close();
    server = TestServer.start(Map.of("milepost.jobs.journal-cap", entries));
    ann = server.client();
  }

  /** Writes lines "line 0", "line 1" and so on. */
  private static void write(HeldJob work, int lines, IntFunction<LogLevel> level) {
    for (int i = 0; i < lines; ) {
      Report.Builder report = Report.newBuilder();
      for (int end = Math.min(lines, i + 1_000); i < end; i++) {
        report.addLogs(HeldJob.line(level.apply(i), "line " + i));
      }
      work.report(report);
    }
  }

  private static ListJournalRequest.Builder of(HeldJob work) {
    return ListJournalRequest.newBuilder().setJobId(work.jobId());
  }

  private ListJournalResponse page(ListJournalRequest.Builder request) {
    return ann.jobs().listJournal(request.build());
  }

  private List<JournalEntry> all(ListJournalRequest.Builder request) {
    List<JournalEntry> entries = new ArrayList<>();
    do {
      ListJournalResponse page = page(request);
      entries.addAll(page.getEntriesList());
      request.setPageToken(page.getNextPageToken());
    } while (!request.getPageToken().isEmpty());
    return entries;
  }

  private static List<String> texts(List<JournalEntry> entries) {
    return entries.stream()
        .map(
            entry ->
                switch (entry.getEntryCase()) {
                  case LOG -> entry.getLog().getMessage();
                  case STAGE_CHANGE -> "stage";
                  case STATE_CHANGE -> "state";
                  case DROPPED -> "dropped " + entry.getDropped().getCount();
                  case ENTRY_NOT_SET -> "";
                })
        .toList();
  }

  @Test
  void aPageIsFilledHoweverFewEntriesMatch() {
    keeping(10_000);
    HeldJob work = ann.start("a");
    write(work, 4_500, i -> i % 40 == 39 ? ERROR : INFO);

    ListJournalResponse first = page(of(work).setMinLevel(ERROR).setPageSize(100));

    assertThat(first.getEntriesList()).hasSize(100);
    assertThat(texts(first.getEntriesList()))
        .startsWith("state", "state", "line 39", "line 79")
        .endsWith("line " + (98 * 40 - 1));
    assertThat(all(of(work).setMinLevel(ERROR).setPageSize(100))).hasSize(2 + 112);

    ListJournalResponse last =
        page(of(work).addLevels(ERROR).setLogsOnly(true).setPageSize(100).setNewestFirst(true));
    assertThat(texts(last.getEntriesList()))
        .hasSize(100)
        .startsWith("line 4479", "line 4439")
        .endsWith("line " + (13 * 40 - 1));
    assertThat(last.getNextPageToken()).isNotEmpty();
  }

  @Test
  void onePageReadsABoundedPartOfTheJournal() {
    keeping(30_000);
    HeldJob work = ann.start("a");
    write(work, 17_000, i -> i == 16_500 ? ERROR : INFO);
    ListJournalRequest.Builder request = of(work).addLevels(ERROR).setLogsOnly(true);

    ListJournalResponse first = page(request);

    assertThat(first.getEntriesList()).isEmpty();
    ListJournalResponse second = page(request.setPageToken(first.getNextPageToken()));
    assertThat(texts(second.getEntriesList())).containsExactly("line 16500");
    assertThat(second.getNextPageToken()).isEmpty();
  }

  @Test
  void filtersAreExact() {
    HeldJob first = ann.start("a");
    first.report(
        Report.newBuilder()
            .setStage(Stage.newBuilder().setName("Packing"))
            .addLogs(HeldJob.line(DEBUG, "one"))
            .addLogs(HeldJob.line(INFO, "two"))
            .addLogs(HeldJob.line(ERROR, "three")));
    server.clock().advance(Duration.ofSeconds(10));
    Timestamp then = now();
    first.fail("BUSY", true);
    server.clock().advance(Duration.ofMinutes(10));
    HeldJob second = ann.awaitClaim();
    second.log(INFO, "four");

    assertThat(texts(all(of(first).addLevels(INFO).addLevels(DEBUG).setLogsOnly(true))))
        .containsExactly("one", "two", "four");
    assertThat(texts(all(of(first).addLevels(INFO))))
        .containsExactly("state", "state", "stage", "two", "state", "state", "four");
    assertThat(texts(all(of(first).setLogsOnly(true).setAttempt(2)))).containsExactly("four");
    assertThat(texts(all(of(first).setLogsOnly(true).setMaxTime(then))))
        .containsExactly("one", "two", "three");
    assertThat(texts(all(of(first).setLogsOnly(true).setMinTime(then)))).containsExactly("four");
    assertThat(texts(all(of(first).setMinLevel(INFO).addLevels(DEBUG).setLogsOnly(true))))
        .isEmpty();
    assertThat(texts(all(of(first).setSearch("T").setLogsOnly(true).setNewestFirst(true))))
        .containsExactly("three", "two");
  }

  private Timestamp now() {
    return Times.timestamp(server.clock().instant());
  }

  @Test
  void pagesFromBothEndsAreEachOthersReverse() {
    HeldJob work = ann.start("a");
    write(work, 950, i -> i % 3 == 0 ? ERROR : INFO);
    List<JournalEntry> forward = all(of(work).setPageSize(7));
    List<JournalEntry> backward =
        new ArrayList<>(all(of(work).setPageSize(11).setNewestFirst(true)));
    Collections.reverse(backward);
    assertThat(forward).hasSize(952).isEqualTo(backward);
  }

  @Test
  void aRangeOfNumbersIsReadFromBothEnds() {
    HeldJob work = ann.start("a");
    write(work, 950, i -> INFO);
    List<JournalEntry> everything = all(of(work));

    assertThat(all(of(work).setAfterSequence(300).setBeforeSequence(330).setPageSize(7)))
        .isEqualTo(everything.subList(300, 329));
    List<JournalEntry> backward =
        new ArrayList<>(
            all(
                of(work)
                    .setAfterSequence(300)
                    .setBeforeSequence(330)
                    .setPageSize(11)
                    .setNewestFirst(true)));
    Collections.reverse(backward);
    assertThat(backward).isEqualTo(everything.subList(300, 329));
    assertThat(all(of(work).setAfterSequence(940))).isEqualTo(everything.subList(940, 952));
    assertThat(all(of(work).setBeforeSequence(3).setNewestFirst(true))).hasSize(2);
    assertThat(page(of(work).setAfterSequence(5_000)).getEntriesList()).isEmpty();
    ListJournalResponse whole = page(of(work).setAfterSequence(10).setBeforeSequence(13));
    assertThat(whole.getNextPageToken()).as("the range ends with the page").isEmpty();
  }

  @Test
  void logLinesAreOmittedOnRequest() {
    HeldJob work = ann.start("a");
    work.report(
        Report.newBuilder()
            .setStage(Stage.newBuilder().setName("Packing"))
            .addLogs(HeldJob.line(ERROR, "one")));
    work.complete();

    assertThat(texts(all(of(work).setOmitLogs(true))))
        .containsExactly("state", "state", "stage", "state");
  }

  @Test
  void aMarkerStandsWhereTheCapHasCut() {
    keeping(100);
    HeldJob work = ann.start("a");
    write(work, 250, i -> i % 5 == 0 ? ERROR : INFO);

    List<JournalEntry> forward = all(of(work).setPageSize(10));

    assertThat(texts(forward)).startsWith("state", "state", "line 0", "line 5");
    JournalEntry marker =
        forward.stream().filter(JournalEntry::hasDropped).findFirst().orElseThrow();
    assertThat(marker.getDropped())
        .isEqualTo(
            DroppedEntries.newBuilder()
                .setCount(100)
                .setKind(JournalEntryKind.JOURNAL_ENTRY_KIND_LOG)
                .setLevel(INFO)
                .build());
    JournalEntry oldest = forward.get(forward.indexOf(marker) + 1);
    assertThat(oldest.getLog().getMessage()).isEqualTo("line 126");
    assertThat(marker.getSequence()).isEqualTo(oldest.getSequence() - 1);
    assertThat(marker.getTime()).isEqualTo(oldest.getTime());
    assertThat(forward).filteredOn(JournalEntry::hasDropped).hasSize(1);

    assertThat(texts(all(of(work).addLevels(INFO).setLogsOnly(true).setNewestFirst(true))))
        .hasSize(101)
        .endsWith("line 126", "dropped 100");
    assertThat(texts(all(of(work).addLevels(ERROR).setLogsOnly(true)))).hasSize(50);
    assertThat(texts(all(of(work).setSearch("nowhere").addLevels(INFO).setLogsOnly(true))))
        .containsExactly("dropped 100");
  }

  @Test
  void aWatchHasTheSameLevels() {
    HeldJob work = ann.start("a");
    work.log(DEBUG, "one");
    work.log(ERROR, "two");
    work.complete();
    JobWatchRecorder watch =
        ann.watch(
            WatchJobRequest.newBuilder().setJobId(work.jobId()).addLevels(DEBUG).setLogsOnly(true));
    assertThat(watch.awaitEnd().getCode()).isEqualTo(Code.OK);
    assertThat(watch.sequences()).containsExactly(3L);
    assertThat(watch.position()).isEqualTo(5);
  }

  @Test
  void badFiltersAreRefused() {
    HeldJob work = ann.start("a");
    assertThat(violations(of(work).addLevelsValue(99)))
        .containsExactly("levels: must be levels of log lines");
    assertThat(violations(of(work).addLevelsValue(0)))
        .containsExactly("levels: must be levels of log lines");
    ListJournalRequest.Builder many = of(work);
    for (int i = 0; i < 6; i++) {
      many.addLevels(INFO);
    }
    assertThat(violations(many)).containsExactly("levels: must be at most 5");
    assertThat(violations(of(work).setAttempt(-1)))
        .containsExactly("attempt: must not be negative");
    assertThat(violations(of(work).setMinTime(now()).setMaxTime(now())))
        .containsExactly("max_time: must be after min_time");
    assertThat(violations(of(work).setAfterSequence(-1).setBeforeSequence(-1)))
        .containsExactly(
            "after_sequence: must not be negative", "before_sequence: must not be negative");
    assertThat(violations(of(work).setAfterSequence(3).setBeforeSequence(3)))
        .containsExactly("before_sequence: must be greater than after_sequence");
    assertThat(violations(of(work).setLogsOnly(true).setOmitLogs(true)))
        .containsExactly("omit_logs: must not be set with logs_only");
  }

  private List<String> violations(ListJournalRequest.Builder request) {
    Failure failure = Failure.of(() -> page(request));
    assertThat(failure.code()).isEqualTo(Code.INVALID_ARGUMENT);
    return failure.violations();
  }
}
