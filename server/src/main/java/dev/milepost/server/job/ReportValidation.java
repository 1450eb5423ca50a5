package dev.milepost.server.job;

import com.google.protobuf.Struct;
import dev.milepost.v1.JobError;
import dev.milepost.v1.LogEntry;
import dev.milepost.v1.LogLevel;
import dev.milepost.v1.Progress;
import dev.milepost.v1.Report;
import dev.milepost.v1.SubOperation;
import dev.milepost.v1.SubOperationState;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;

/** Checks reports, results and errors of workers against the limits of the contract. */
public final class ReportValidation {
  /** Maximum number of named counters in an outcome. */
  public static final int MAX_OUTCOMES = 64;

  private static final int MAX_BLOB_BYTES = 64 * 1024;
  private static final int MAX_DATA_BYTES = 16 * 1024;
  private static final int MAX_LOG_CHARS = 16 * 1024;
  private static final int MAX_LOGS = 1_000;
  private static final int MAX_SUB_OPERATIONS = 100;
  private static final Pattern ERROR_CODE = Pattern.compile("[A-Z][A-Z0-9_]{0,63}");

  private ReportValidation() {}

  /** Checks a report. */
  public static void report(FieldChecks violations, Report report) {
    violations.check(report.getReportSeq() >= 0, "report.report_seq", "must not be negative");
    violations.check(report.getDroppedLines() >= 0, "report.dropped_lines", "must not be negative");
    progress(violations, report.getProgress());
    violations.line("report.stage.name", report.getStage().getName(), 256);
    violations.atMost("report.stage.detail", report.getStage().getDetail(), 1_024);
    violations.count("report.logs", report.getLogsCount(), MAX_LOGS);
    for (int i = 0; i < report.getLogsCount() && !violations.isFull(); i++) {
      violations.enter("report.logs", i);
      log(violations, report.getLogs(i));
    }
    violations.leave();
    JobValidation.items(violations, "report.items", report.getItemsList());
    if (report.getOutcomeIncrementsCount() > 0) {
      outcome(violations, "report.outcome_increments", report.getOutcomeIncrementsMap().keySet());
    }
    if (report.getOutcomeValuesCount() > 0) {
      outcome(violations, "report.outcome_values", report.getOutcomeValuesMap().keySet());
    }
    StructLimits.check(violations, "report.checkpoint", report.getCheckpoint(), MAX_BLOB_BYTES);
  }

  private static void outcome(FieldChecks violations, String field, Set<String> names) {
    violations.count(field, names.size(), MAX_OUTCOMES);
    for (String name : names) {
      if (name.isEmpty() || Texts.isLonger(name, 64) || Texts.hasControls(name)) {
        violations.check(
            false, field, "must have names of 1 to 64 characters without control characters");
        return;
      }
    }
  }

  private static void progress(FieldChecks violations, Progress progress) {
    violations.check(progress.getCurrent() >= 0, "report.progress.current", "must not be negative");
    violations.check(progress.getTotal() >= 0, "report.progress.total", "must not be negative");
    violations.check(
        progress.getSucceeded() >= 0, "report.progress.succeeded", "must not be negative");
    violations.check(progress.getFailed() >= 0, "report.progress.failed", "must not be negative");
    violations.check(progress.getSkipped() >= 0, "report.progress.skipped", "must not be negative");
    violations.line("report.progress.unit", progress.getUnit(), 64);
    violations.atMost("report.progress.message", progress.getMessage(), 1_024);
    violations.range("report.progress.fraction", progress.getFraction(), 0, 1);
    violations.count(
        "report.progress.sub_operations", progress.getSubOperationsCount(), MAX_SUB_OPERATIONS);
    Set<String> ids = new HashSet<>();
    violations.check(
        progress.getSubOperationsList().stream().allMatch(part -> ids.add(part.getId())),
        "report.progress.sub_operations",
        "must have unique ids");
    for (int i = 0; i < progress.getSubOperationsCount() && !violations.isFull(); i++) {
      violations.enter("report.progress.sub_operations", i);
      subOperation(violations, progress.getSubOperations(i));
    }
    violations.leave();
  }

  private static void subOperation(FieldChecks violations, SubOperation part) {
    violations.name("id", part.getId(), 64);
    violations.line("display_name", part.getDisplayName(), 256);
    violations.range("fraction", part.getFraction(), 0, 1);
    violations.check(
        !part.hasWeight() || (part.getWeight() >= 1e-9 && part.getWeight() <= 1e9),
        "weight",
        "must be 0.000000001 to 1000000000");
    violations.known("state", part.getState() != SubOperationState.UNRECOGNIZED);
  }

  private static void log(FieldChecks violations, LogEntry line) {
    violations.check(
        line.getLevel() != LogLevel.LOG_LEVEL_UNSPECIFIED
            && line.getLevel() != LogLevel.UNRECOGNIZED,
        "level",
        "must be one of DEBUG, INFO, MILESTONE, WARNING, ERROR");
    violations.check(
        !line.getMessage().isEmpty() && !Texts.isLonger(line.getMessage(), MAX_LOG_CHARS),
        "message",
        "must be 1 to " + MAX_LOG_CHARS + " characters");
    StructLimits.check(violations, "context", line.getContext(), MAX_DATA_BYTES);
    violations.line("stage", line.getStage(), 256);
    JobValidation.time(violations, "write_time", line.getWriteTime());
  }

  /**
   * Checks the error of a failed attempt. Long texts are not refused but cut by {@link #cut}: an
   * error must always get through.
   */
  public static void error(FieldChecks violations, JobError error) {
    violations.check(
        ERROR_CODE.matcher(error.getCode()).matches(),
        "error.code",
        "must be 1 to 64 characters from A-Z 0-9 _, starting with a letter");
    StructLimits.check(violations, "error.details", error.getDetails(), MAX_DATA_BYTES);
  }

  /** Returns the error with its texts cut to the maximum length. */
  public static JobError cut(JobError error) {
    return error.toBuilder()
        .setMessage(Texts.cut(error.getMessage(), 4_096))
        .setStackTrace(Texts.cut(error.getStackTrace(), 16_384))
        .build();
  }

  /** Checks the result of a job. */
  public static void result(FieldChecks violations, Struct result) {
    StructLimits.check(violations, "result", result, MAX_BLOB_BYTES);
  }
}
