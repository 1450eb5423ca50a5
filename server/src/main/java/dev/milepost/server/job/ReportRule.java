package dev.milepost.server.job;

import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.Item;
import dev.milepost.v1.ItemCounts;
import dev.milepost.v1.ItemState;
import dev.milepost.v1.JobHealth;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobStatus;
import dev.milepost.v1.LogEntry;
import dev.milepost.v1.Report;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What a report changes: all of it together, and a numbered one exactly once. */
final class ReportRule {
  private ReportRule() {}

  static JobDecision report(JobEdit edit, JobCommand.ReportProgress command) {
    if (isCommitted(edit.current(), command.report())) {
      return AttemptRules.repeatedReport(edit);
    }
    apply(edit, command.report(), command.knownItems());
    AttemptRules.hear(edit);
    return edit.put();
  }

  /** Writes what is reported together with an attempt's end, unless it is committed already. */
  static void applyLast(JobEdit edit, JobCommand.OfAttempt command) {
    if (!isCommitted(edit.current(), command.report())) {
      apply(edit, command.report(), command.knownItems());
    }
  }

  private static boolean isCommitted(JobRecord record, Report report) {
    long expected = record.getReportSeq() + 1;
    if (report.getReportSeq() > expected) {
      throw new Refusal.SequenceGap(record.getJob().getId(), expected, report.getReportSeq());
    }
    return report.getReportSeq() != 0 && report.getReportSeq() < expected;
  }

  private static void apply(JobEdit edit, Report report, Map<String, Item> knownItems) {
    JobStatus.Builder status = edit.status();
    if (report.getReportSeq() != 0) {
      edit.record().setReportSeq(report.getReportSeq());
    }
    if (report.hasStage()) {
      edit.enterStage(report.getStage());
    }
    for (LogEntry line : report.getLogsList()) {
      edit.log(line);
    }
    putItems(edit, report.getItemsList(), knownItems);
    addOutcome(status, report);
    if (report.hasCheckpoint()) {
      status.setCheckpoint(report.getCheckpoint());
    }
    if (report.hasProgress()) {
      status.setProgress(ProgressRule.derive(edit.current(), report.getProgress(), edit.now()));
      edit.record().setProgressSampleTime(Times.timestamp(edit.now()));
    }
    if (edit.hasNews()) {
      status.getProgressBuilder().setLastProgressTime(Times.timestamp(edit.now()));
      if (status.getState() == JobState.JOB_STATE_RUNNING) {
        status.setHealth(JobHealth.JOB_HEALTH_OK);
      }
    }
  }

  /** Adds or replaces items; of an id that comes twice, the later one. */
  static void putItems(JobEdit edit, List<Item> items, Map<String, Item> knownItems) {
    Map<String, Item> known = new HashMap<>(knownItems);
    for (Item item : items) {
      Item before = known.getOrDefault(item.getId(), Item.getDefaultInstance());
      Item after = settled(item, before, edit.now());
      edit.putItem(after, before);
      known.put(item.getId(), after);
    }
    if (!items.isEmpty() && total(edit.status().getItemCounts()) > JobValidation.MAX_ITEMS) {
      throw new Refusal.InvalidArgument(
          "report.items", "would give the job more than " + JobValidation.MAX_ITEMS + " items");
    }
  }

  private static long total(ItemCounts counts) {
    return counts.getPending()
        + counts.getRunning()
        + counts.getDone()
        + counts.getFailed()
        + counts.getSkipped();
  }

  /** The item as it will be: what a report leaves out of it stays. */
  static Item settled(Item item, Item before, Instant now) {
    Item.Builder settled = item.toBuilder().setUpdateTime(Times.timestamp(now));
    if (item.getState() == ItemState.ITEM_STATE_UNSPECIFIED) {
      settled.setState(ItemState.ITEM_STATE_PENDING);
    }
    if (!item.hasData() && before.hasData()) {
      settled.setData(before.getData());
    }
    if (item.getProjectId().isEmpty()) {
      settled.setProjectId(before.getProjectId());
    }
    return settled.build();
  }

  private static void addOutcome(JobStatus.Builder status, Report report) {
    status.putAllOutcome(report.getOutcomeValuesMap());
    report
        .getOutcomeIncrementsMap()
        .forEach(
            (name, increment) -> {
              try {
                status.putOutcome(
                    name, Math.addExact(status.getOutcomeOrDefault(name, 0), increment));
              } catch (ArithmeticException e) {
                throw new Refusal.InvalidArgument(
                    "report.outcome_increments", "must not carry a counter beyond 64 bits");
              }
            });
    if (status.getOutcomeCount() > JobValidation.MAX_OUTCOMES) {
      throw new Refusal.InvalidArgument(
          "report.outcome_increments",
          "would give the job more than " + JobValidation.MAX_OUTCOMES + " named counters");
    }
  }
}
