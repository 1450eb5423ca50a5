package dev.milepost.server.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.milepost.v1.Item;
import dev.milepost.v1.ItemCounts;
import dev.milepost.v1.ItemState;
import dev.milepost.v1.JobHealth;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.LogLevel;
import dev.milepost.v1.Progress;
import dev.milepost.v1.Report;
import dev.milepost.v1.Stage;
import org.junit.jupiter.api.Test;

class JobReportRuleTest {
  @Test
  void commitsEverythingTogetherAndRenewsTheLease() {
    JobLife life = JobLife.running().after(10);

    life.report(
        JobLife.progress(1, 4)
            .setReportSeq(1)
            .setStage(Stage.newBuilder().setName("Hashing").setDetail("a.jpg"))
            .addLogs(JobLife.line(LogLevel.LOG_LEVEL_INFO, "one"))
            .addItems(item("a", ItemState.ITEM_STATE_DONE))
            .putOutcomeIncrements("hashed", 1)
            .setCheckpoint(JobLife.struct("page", "2")));

    var status = life.status();
    assertThat(status.getProgress().getPercent()).isEqualTo(25);
    assertThat(status.getProgress().getLastProgressTime()).isEqualTo(Times.timestamp(life.now));
    assertThat(status.getStage().getName()).isEqualTo("Hashing");
    assertThat(status.getStage().getStartTime()).isEqualTo(Times.timestamp(life.now));
    assertThat(status.getItemCounts().getDone()).isEqualTo(1);
    assertThat(status.getOutcomeMap()).containsEntry("hashed", 1L);
    assertThat(status.getCheckpoint()).isEqualTo(JobLife.struct("page", "2"));
    assertThat(status.getHeartbeatTime()).isEqualTo(Times.timestamp(life.now));
    assertThat(status.getLeaseExpireTime()).isEqualTo(Times.timestamp(life.now.plusSeconds(30)));
    assertThat(life.record.getReportSeq()).isEqualTo(1);
    assertThat(status.getLogCounts().getInfo()).isEqualTo(1);
    assertThat(status.getLogCounts().getStageChanges()).isEqualTo(1);
    assertThat(life.journal).hasSize(4);
    assertThat(life.journal.get(3).getLog().getStage())
        .as("a line without a stage belongs to the current one")
        .isEqualTo("Hashing");
    assertThat(life.journal).extracting(JournalEntry::getSequence).containsExactly(1L, 2L, 3L, 4L);
    assertThat(life.journal).extracting(JournalEntry::getAttempt).containsExactly(0, 1, 1, 1);
  }

  @Test
  void linesThatTheWorkerDroppedAreCountedOnce() {
    JobLife life = JobLife.running();
    life.report(Report.newBuilder().setReportSeq(1).setDroppedLines(5));
    life.report(Report.newBuilder().setReportSeq(1).setDroppedLines(5));
    life.report(Report.newBuilder().setReportSeq(2).setDroppedLines(2));

    assertThat(life.status().getLogCounts().getUnsent()).isEqualTo(7);
    assertThat(life.status().getLogCounts().getDropped()).isZero();
  }

  @Test
  void itemsBeyondTheMaximumAreLeftOutWithOneWarning() {
    JobLife life = JobLife.running();
    life.report(items(0, JobValidation.MAX_ITEMS - 1));
    for (int i = 0; i < 2; i++) {
      life.report(
          Report.newBuilder()
              .addItems(item("last", ItemState.ITEM_STATE_RUNNING))
              .addItems(item("too many " + i, ItemState.ITEM_STATE_DONE))
              .addItems(item("item-0", ItemState.ITEM_STATE_FAILED))
              .putOutcomeIncrements("reports", 1));
    }

    ItemCounts counts = life.status().getItemCounts();
    assertThat(counts.getPending() + counts.getRunning() + counts.getFailed())
        .isEqualTo(JobValidation.MAX_ITEMS);
    assertThat(counts.getFailed()).isEqualTo(1);
    assertThat(life.status().getOutcomeMap()).containsEntry("reports", 2L);
    assertThat(life.journal)
        .filteredOn(entry -> entry.getLog().getMessage().contains("further ones are left out"))
        .hasSize(1);
  }

  @Test
  void fieldsThatAReportLeavesOutAreKept() {
    JobLife life = JobLife.running();
    life.report(JobLife.progress(1, 4).setStage(Stage.newBuilder().setName("Hashing")));

    life.report(Report.newBuilder().putOutcomeValues("hashed", 7));

    assertThat(life.status().getProgress().getCurrent()).isEqualTo(1);
    assertThat(life.status().getStage().getName()).isEqualTo("Hashing");
  }

  @Test
  void aMessageAloneKeepsTheRestOfTheProgress() {
    JobLife life = JobLife.running();
    life.report(JobLife.progress(1, 4));

    life.report(
        Report.newBuilder().setProgress(Progress.newBuilder().setMessage("Waiting for the disk")));

    assertThat(life.status().getProgress().getMessage()).isEqualTo("Waiting for the disk");
    assertThat(life.status().getProgress().getCurrent()).isEqualTo(1);
    assertThat(life.status().getProgress().getPercent()).isEqualTo(25);

    life.report(Report.newBuilder().setProgress(Progress.getDefaultInstance()));

    assertThat(life.status().getProgress().getCurrent()).isZero();
    assertThat(life.status().getProgress().hasTotal()).isFalse();
    assertThat(life.status().getProgress().getMessage()).isEmpty();
  }

  @Test
  void itemsMoveTheProgressOfAJobThatReportsNone() {
    JobLife life = JobLife.running();

    life.report(
        Report.newBuilder()
            .addItems(item("a", ItemState.ITEM_STATE_DONE))
            .addItems(item("b", ItemState.ITEM_STATE_FAILED))
            .addItems(item("c", ItemState.ITEM_STATE_RUNNING))
            .addItems(item("d", ItemState.ITEM_STATE_PENDING)));

    Progress half = life.status().getProgress();
    assertThat(half.getCurrent()).isEqualTo(2);
    assertThat(half.getTotal()).isEqualTo(4);
    assertThat(half.getPercent()).isEqualTo(50);
    assertThat(half.getSucceeded()).isEqualTo(1);
    assertThat(half.getFailed()).isEqualTo(1);

    life.after(10).report(Report.newBuilder().addItems(item("c", ItemState.ITEM_STATE_SKIPPED)));

    Progress next = life.status().getProgress();
    assertThat(next.getPercent()).isEqualTo(75);
    assertThat(next.getSkipped()).isEqualTo(1);
    assertThat(next.getRate()).isEqualTo(0.1);
    assertThat(Times.instant(next.getEstimatedEndTime())).isEqualTo(life.now.plusSeconds(10));
  }

  @Test
  void aMessageBesideItemsIsKeptWithTheirProgress() {
    JobLife life = JobLife.running();

    life.report(
        Report.newBuilder()
            .setProgress(Progress.newBuilder().setMessage("Sorting"))
            .addItems(item("a", ItemState.ITEM_STATE_DONE)));

    assertThat(life.status().getProgress().getMessage()).isEqualTo("Sorting");
    assertThat(life.status().getProgress().getPercent()).isEqualTo(100);
  }

  @Test
  void itemsDoNotMoveAProgressThatTheWorkerReports() {
    JobLife life = JobLife.running();
    life.report(JobLife.progress(1, 10));

    life.report(Report.newBuilder().addItems(item("a", ItemState.ITEM_STATE_DONE)));

    assertThat(life.status().getProgress().getCurrent()).isEqualTo(1);
    assertThat(life.status().getProgress().getTotal()).isEqualTo(10);
  }

  @Test
  void aRepeatedNumberIsAcknowledgedAndChangesNothing() {
    JobLife life = JobLife.running();
    life.report(JobLife.progress(1, 4).setReportSeq(1));
    life.report(JobLife.progress(2, 4).setReportSeq(2));

    assertThat(life.after(1).report(JobLife.progress(1, 4).setReportSeq(1)))
        .isInstanceOf(JobDecision.Keep.class);
    assertThat(life.report(JobLife.progress(2, 4).setReportSeq(2)))
        .isInstanceOf(JobDecision.Keep.class);
    assertThat(life.record.getReportSeq()).isEqualTo(2);
    assertThat(life.status().getProgress().getCurrent()).isEqualTo(2);
  }

  @Test
  void aGapIsRefusedWithTheExpectedNumber() {
    JobLife life = JobLife.running();
    life.report(JobLife.progress(1, 4).setReportSeq(1));

    assertThatExceptionOfType(Refusal.ReportSequenceGap.class)
        .isThrownBy(() -> life.report(JobLife.progress(3, 4).setReportSeq(3)))
        .satisfies(gap -> assertThat(gap.expected()).isEqualTo(2));
    assertThat(life.status().getProgress().getCurrent()).isEqualTo(1);
  }

  @Test
  void withoutANumberEveryReportCounts() {
    JobLife life = JobLife.running();
    life.report(JobLife.progress(1, 4).setReportSeq(1));

    life.report(Report.newBuilder().putOutcomeIncrements("hashed", 1));
    life.report(Report.newBuilder().putOutcomeIncrements("hashed", 1));

    assertThat(life.status().getOutcomeMap()).containsEntry("hashed", 2L);
    assertThat(life.record.getReportSeq()).isEqualTo(1);
  }

  @Test
  void nothingIsWrittenAfterTheLeaseHasExpired() {
    JobLife life = JobLife.running();
    life.after(30);

    assertThatExceptionOfType(Refusal.LeaseLost.class)
        .isThrownBy(() -> life.report(JobLife.progress(1, 4)));
    assertThatExceptionOfType(Refusal.LeaseLost.class).isThrownBy(life::heartbeat);
    assertThatExceptionOfType(Refusal.LeaseLost.class).isThrownBy(life::complete);
    assertThat(life.state()).isEqualTo(JobState.JOB_STATE_RUNNING);
  }

  @Test
  void reportsAreWrittenUpToTheLastMicrosecondOfTheLease() {
    JobLife life = JobLife.running();
    life.now = JobLife.START.plusSeconds(30).minusNanos(1);

    life.heartbeat();

    assertThat(life.status().getLeaseExpireTime())
        .isEqualTo(Times.timestamp(life.now.plusSeconds(30)));
  }

  @Test
  void anotherTokenWritesNothing() {
    JobLife life = JobLife.running();
    for (String token : new String[] {"", "token", "token-2", "token-1 "}) {
      life.token = token;
      assertThatExceptionOfType(Refusal.LeaseLost.class).isThrownBy(life::heartbeat);
    }
  }

  @Test
  void aLeaseLastsForItsFullLengthAfterAServerStart() {
    JobLife life = JobLife.running();
    life.after(3600).restart();

    assertThat(life.tick()).as("the worker may still come back").isNotNull();
    assertThat(life.state()).isEqualTo(JobState.JOB_STATE_RUNNING);

    life.after(29).heartbeat();
    assertThat(life.state()).isEqualTo(JobState.JOB_STATE_RUNNING);

    JobLife silent = JobLife.running();
    silent.after(3600).restart().after(30).tick();
    assertThat(silent.state()).isEqualTo(JobState.JOB_STATE_QUEUED);
  }

  @Test
  void onlyAChangedStageIsAJournalEntry() {
    JobLife life = JobLife.running();
    life.report(stage("Hashing", "a"));
    life.after(5).report(stage("Hashing", "a"));
    life.after(5).report(stage("Hashing", "b"));

    assertThat(life.status().getLogCounts().getStageChanges()).isEqualTo(2);
    assertThat(life.status().getStage().getStartTime())
        .as("another detail does not restart the stage")
        .isEqualTo(Times.timestamp(JobLife.START));

    life.report(stage("Uploading", ""));
    assertThat(life.status().getStage().getStartTime()).isEqualTo(Times.timestamp(life.now));
  }

  @Test
  void itemsAreCountedByState() {
    JobLife life = JobLife.running();
    life.report(
        Report.newBuilder()
            .addItems(item("a", ItemState.ITEM_STATE_UNSPECIFIED))
            .addItems(item("b", ItemState.ITEM_STATE_RUNNING))
            .addItems(item("b", ItemState.ITEM_STATE_FAILED)));
    life.report(Report.newBuilder().addItems(item("a", ItemState.ITEM_STATE_DONE)));

    assertThat(life.status().getItemCounts())
        .isEqualTo(ItemCounts.newBuilder().setDone(1).setFailed(1).build());
  }

  @Test
  void anItemKeepsTheDataAndProjectThatAReportLeavesOut() {
    JobLife life = JobLife.running();
    life.report(
        Report.newBuilder()
            .addItems(
                item("a", ItemState.ITEM_STATE_PENDING).toBuilder()
                    .setProjectId("p1")
                    .setData(JobLife.struct("file", "a.jpg"))));

    life.after(3).report(Report.newBuilder().addItems(item("a", ItemState.ITEM_STATE_DONE)));

    Item item = life.items.get("a");
    assertThat(item.getData()).isEqualTo(JobLife.struct("file", "a.jpg"));
    assertThat(item.getProjectId()).isEqualTo("p1");
    assertThat(item.getUpdateTime()).isEqualTo(Times.timestamp(life.now));
  }

  @Test
  void countersAreSetThenIncremented() {
    JobLife life = JobLife.running();
    life.report(
        Report.newBuilder().putOutcomeValues("hashed", 10).putOutcomeIncrements("hashed", -3));

    assertThat(life.status().getOutcomeMap()).containsEntry("hashed", 7L);
  }

  @Test
  void aCounterStopsAtItsLimits() {
    JobLife life = JobLife.running();
    life.report(
        Report.newBuilder()
            .putOutcomeValues("more", Long.MAX_VALUE)
            .putOutcomeValues("less", Long.MIN_VALUE));
    life.report(
        Report.newBuilder().putOutcomeIncrements("more", 1).putOutcomeIncrements("less", -1));

    assertThat(life.status().getOutcomeMap())
        .containsEntry("more", Long.MAX_VALUE)
        .containsEntry("less", Long.MIN_VALUE);
  }

  @Test
  void aJobHasAtMostSixtyFourCounters() {
    JobLife life = JobLife.running();
    for (int i = 0; i < 64; i++) {
      life.report(Report.newBuilder().putOutcomeIncrements("counter-" + i, 1));
    }

    life.report(
        Report.newBuilder().putOutcomeIncrements("counter-0", 1).putOutcomeValues("too many", 1));
    life.report(Report.newBuilder().putOutcomeIncrements("too many", 1));
    assertThat(life.status().getOutcomeMap())
        .hasSize(64)
        .containsEntry("counter-0", 2L)
        .doesNotContainKey("too many");
    assertThat(life.status().getLogCounts().getWarning()).isEqualTo(1);
    assertThat(life.journal.get(life.journal.size() - 1).getLog().getMessage())
        .contains("64 named counters");
  }

  @Test
  void aHeartbeatRenewsTheLeaseAndNothingElse() {
    JobLife life = JobLife.running();
    life.report(JobLife.progress(1, 4));
    var before = life.status();

    life.after(10).heartbeat();

    assertThat(life.status())
        .isEqualTo(
            before.toBuilder()
                .setHeartbeatTime(Times.timestamp(life.now))
                .setLeaseExpireTime(Times.timestamp(life.now.plusSeconds(30)))
                .setUpdateTime(Times.timestamp(life.now))
                .build());
  }

  @Test
  void logLinesDoNotAffectTheRate() {
    JobLife life = JobLife.running();
    life.report(JobLife.progress(0, 1_000));
    life.after(9)
        .report(Report.newBuilder().addLogs(JobLife.line(LogLevel.LOG_LEVEL_INFO, "still on it")));

    life.after(1).report(JobLife.progress(100, 1_000));

    assertThat(life.status().getProgress().getRate()).isEqualTo(10.0);
    assertThat(Times.instant(life.status().getProgress().getEstimatedEndTime()))
        .isEqualTo(life.now.plusSeconds(90));
  }

  @Test
  void aReportWithoutNewsIsNotProgress() {
    JobLife life = JobLife.running();
    Report.Builder report =
        JobLife.progress(1, 4)
            .setStage(Stage.newBuilder().setName("Hashing"))
            .putOutcomeValues("hashed", 1)
            .setCheckpoint(JobLife.struct("page", "1"));
    life.report(report);
    var moved = life.status().getProgress().getLastProgressTime();

    for (int i = 0; i < 30; i++) {
      life.after(10).report(report);
    }
    life.tick();

    assertThat(life.status().getProgress().getLastProgressTime()).isEqualTo(moved);
    assertThat(life.status().getHealth()).isEqualTo(JobHealth.JOB_HEALTH_STALLED);
  }

  private static Report.Builder stage(String name, String detail) {
    return Report.newBuilder().setStage(Stage.newBuilder().setName(name).setDetail(detail));
  }

  private static Report.Builder items(int first, int count) {
    Report.Builder report = Report.newBuilder();
    for (int i = first; i < first + count; i++) {
      report.addItems(item("item-" + i, ItemState.ITEM_STATE_PENDING));
    }
    return report;
  }

  private static Item item(String id, ItemState state) {
    return Item.newBuilder().setId(id).setState(state).build();
  }
}
