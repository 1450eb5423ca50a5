package dev.milepost.server.job;

import com.google.protobuf.Timestamp;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.Item;
import dev.milepost.v1.ItemState;
import dev.milepost.v1.JobHealth;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobStatus;
import dev.milepost.v1.LogEntry;
import dev.milepost.v1.Progress;
import dev.milepost.v1.Report;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a report changes: everything in it together, and exactly once if it is numbered. */
final class ReportRule {
  private ReportRule() {}

  static JobDecision report(JobEdit edit, JobCommand.ReportProgress command) {
    if (isCommitted(edit.current(), command.report())) {
      return AttemptRules.repeatedReport(edit);
    }
    apply(edit, command.report(), command.knownItems());
    AttemptRules.renew(edit);
    return edit.put();
  }

  /** Applies the report that comes with the end of an attempt, unless it is already committed. */
  static void applyLast(JobEdit edit, JobCommand.OfAttempt command) {
    if (!isCommitted(edit.current(), command.report())) {
      apply(edit, command.report(), command.knownItems());
    }
  }

  private static boolean isCommitted(JobRecord record, Report report) {
    long expected = record.getReportSeq() + 1;
    if (report.getReportSeq() > expected) {
      throw new Refusal.ReportSequenceGap(record.getJob().getId(), expected, report.getReportSeq());
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
    edit.countUnsent(report.getDroppedLines());
    for (LogEntry line : report.getLogsList()) {
      edit.log(line);
    }
    putItems(edit, report.getItemsList(), knownItems);
    boolean isNews = addOutcome(edit, report) || edit.hasEntriesOrItems();
    if (report.hasCheckpoint()) {
      isNews |= !report.getCheckpoint().equals(status.getCheckpoint());
      status.setCheckpoint(report.getCheckpoint());
    }
    Optional<Progress> reported = progress(edit, report);
    if (reported.isPresent()) {
      Progress.Builder progress = ProgressRule.derive(edit.current(), reported.get(), edit.now());
      isNews |= !ProgressRule.isSameProgress(progress, status.getProgress());
      if (isNews) {
        edit.progressedNow(progress);
      }
      status.setProgress(progress);
      edit.record().setProgressSampleTime(edit.time());
    } else if (isNews) {
      status.setProgress(edit.progressedNow(status.getProgress().toBuilder()));
    }
    // A report without news is no progress, and a stalled job stays stalled.
    if (isNews && status.getState() == JobState.JOB_STATE_RUNNING) {
      status.setHealth(JobHealth.JOB_HEALTH_OK);
    }
  }

  /** Returns the progress that a report means; empty if it changes none. */
  private static Optional<Progress> progress(JobEdit edit, Report report) {
    boolean isOwn = report.hasProgress() && !ProgressRule.isMessageAlone(report.getProgress());
    if (isOwn) {
      edit.record().setReportsProgress(true);
    }
    Progress last = edit.status().getProgress();
    Progress reported =
        report.hasProgress() ? ProgressRule.merge(report.getProgress(), last) : last;
    boolean followsItems = report.getItemsCount() > 0 && !edit.record().getReportsProgress();
    if (followsItems) {
      return Optional.of(ProgressRule.ofItems(edit.status().getItemCounts(), reported));
    }
    return report.hasProgress() ? Optional.of(reported) : Optional.empty();
  }

  /**
   * Sets the progress of a job whose items were put without a report, or whose attempt begins from
   * scratch.
   */
  static void followItems(JobEdit edit) {
    JobStatus.Builder status = edit.status();
    if (JobRecords.items(status.getItemCounts()) > 0 && !edit.record().getReportsProgress()) {
      Progress items = ProgressRule.ofItems(status.getItemCounts(), Progress.getDefaultInstance());
      // Nothing to measure a rate from.
      status.setProgress(ProgressRule.derive(JobRecord.getDefaultInstance(), items, edit.now()));
    }
  }

  /**
   * Adds or replaces items. If an id occurs twice, the later item counts. One beyond the maximum is
   * left out, as a counter is: a report is not refused for what earlier reports have added.
   */
  static void putItems(JobEdit edit, List<Item> items, Map<String, Item> knownItems) {
    if (items.isEmpty()) {
      return;
    }
    Map<String, Item> known = new HashMap<>(knownItems);
    for (Item item : items) {
      Item before = known.getOrDefault(item.getId(), Item.getDefaultInstance());
      boolean isNew = before.getId().isEmpty();
      if (isNew && JobRecords.items(edit.status().getItemCounts()) >= JobValidation.MAX_ITEMS) {
        edit.warnOfFullItems();
        continue;
      }
      Item after = merge(item, before, edit.time());
      edit.putItem(after, before);
      known.put(item.getId(), after);
    }
  }

  /** Returns the new item. Fields that the report leaves out keep their values. */
  static Item merge(Item item, Item before, Timestamp now) {
    Item.Builder merged = item.toBuilder().setUpdateTime(now).clearJobId();
    if (item.getState() == ItemState.ITEM_STATE_UNSPECIFIED) {
      merged.setState(ItemState.ITEM_STATE_PENDING);
    }
    if (!item.hasData() && before.hasData()) {
      merged.setData(before.getData());
    }
    if (item.getProjectId().isEmpty()) {
      merged.setProjectId(before.getProjectId());
    }
    return merged.build();
  }

  /**
   * Sets a named counter. One beyond the maximum is left out, and one line says so: a report is not
   * refused for what earlier reports have set.
   */
  private static void setOutcome(JobEdit edit, String name, long value) {
    JobStatus.Builder status = edit.status();
    if (status.containsOutcome(name) || status.getOutcomeCount() < ReportValidation.MAX_OUTCOMES) {
      status.putOutcome(name, value);
    } else {
      edit.warnOfFullOutcome();
    }
  }

  /** Sets and increments the named counters. Returns false if none changes. */
  private static boolean addOutcome(JobEdit edit, Report report) {
    if (report.getOutcomeValuesCount() == 0 && report.getOutcomeIncrementsCount() == 0) {
      return false;
    }
    JobStatus.Builder status = edit.status();
    report.getOutcomeValuesMap().forEach((name, value) -> setOutcome(edit, name, value));
    report
        .getOutcomeIncrementsMap()
        .forEach(
            (name, increment) ->
                setOutcome(
                    edit, name, Saturated.add(status.getOutcomeOrDefault(name, 0), increment)));
    return !status.getOutcomeMap().equals(edit.current().getJob().getStatus().getOutcomeMap());
  }
}
