package dev.milepost.cli.jobs;

import com.google.protobuf.Timestamp;
import dev.milepost.cli.UsageException;
import dev.milepost.cli.output.Color;
import dev.milepost.cli.output.Table.Cell;
import dev.milepost.cli.output.Table.Column;
import dev.milepost.cli.output.Times;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The columns that a table of jobs can have. */
enum JobColumn {
  ID(false, false),
  STATE(false, false),
  TYPE(false, true),
  NAME(false, true),
  PROGRESS(true, false),
  MESSAGE(false, true),
  STAGE(false, true),
  ATTEMPT(true, false),
  WORKER(false, true),
  OWNER(false, true),
  TENANT(false, true),
  PROJECT(false, true),
  LABELS(false, true),
  PRIORITY(true, false),
  AGE(true, false),
  UPDATED(true, false),
  ENDED(true, false),
  DURATION(true, false);

  /** What a table shows unless told otherwise. */
  static final List<JobColumn> DEFAULT = List.of(ID, STATE, TYPE, NAME, PROGRESS, AGE);

  /** What the wide table shows. */
  static final List<JobColumn> WIDE =
      List.of(ID, STATE, TYPE, NAME, PROGRESS, MESSAGE, ATTEMPT, WORKER, OWNER, DURATION, AGE);

  private final boolean right;
  private final boolean cuttable;

  JobColumn(boolean right, boolean cuttable) {
    this.right = right;
    this.cuttable = cuttable;
  }

  Column column() {
    return new Column(name(), right, cuttable);
  }

  /** What a job has in this column. */
  Cell cell(Job job, Instant now) {
    JobStatus status = job.getStatus();
    return switch (this) {
      case ID -> Cell.of(job.getId());
      case STATE -> new Cell(States.word(job), States.color(job));
      case TYPE -> Cell.of(job.getSpec().getType());
      case NAME -> Cell.of(job.getSpec().getDisplayName());
      case PROGRESS -> Cell.of(ProgressText.shortForm(status.getProgress()));
      case MESSAGE -> message(status);
      case STAGE -> Cell.of(status.getStage().getName());
      case ATTEMPT -> Cell.of(attempt(job));
      case WORKER -> Cell.of(status.getWorkerId());
      case OWNER -> Cell.of(job.getUserId());
      case TENANT -> Cell.of(job.getTenantId());
      case PROJECT -> Cell.of(job.getSpec().getProjectId());
      case LABELS -> Cell.of(labels(job));
      case PRIORITY -> Cell.of(String.valueOf(job.getSpec().getPriority()));
      case AGE -> Cell.of(Times.ago(Times.instant(job.getCreateTime()), now));
      case UPDATED -> Cell.of(ago(status.getUpdateTime(), now));
      case ENDED -> Cell.of(ended(status, now));
      case DURATION -> Cell.of(duration(status, now));
    };
  }

  /** The column that a user names, in any case. */
  static JobColumn parse(String name) {
    try {
      return valueOf(name.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new UsageException(
          "There is no column "
              + name
              + ". Columns: "
              + Arrays.stream(values())
                  .map(column -> column.name().toLowerCase(Locale.ROOT))
                  .collect(Collectors.joining(", "))
              + ".");
    }
  }

  private static Cell message(JobStatus status) {
    return status.hasError()
        ? new Cell(status.getError().getCode() + ": " + status.getError().getMessage(), Color.RED)
        : Cell.of(status.getProgress().getMessage());
  }

  private static String attempt(Job job) {
    int attempt = job.getStatus().getAttempt();
    return attempt == 0 ? "" : attempt + "/" + (job.getSpec().getMaxRetries() + 1);
  }

  private static String labels(Job job) {
    return job.getSpec().getLabelsMap().entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .map(label -> label.getKey() + "=" + label.getValue())
        .collect(Collectors.joining(","));
  }

  private static String ago(Timestamp time, Instant now) {
    return time.getSeconds() == 0 ? "" : Times.ago(Times.instant(time), now);
  }

  private static String ended(JobStatus status, Instant now) {
    return status.hasEndTime() ? ago(status.getEndTime(), now) : "";
  }

  private static String duration(JobStatus status, Instant now) {
    if (status.hasDuration()) {
      return Times.duration(
          Duration.ofSeconds(status.getDuration().getSeconds(), status.getDuration().getNanos()));
    }
    return status.hasStartTime()
        ? Times.duration(Duration.between(Times.instant(status.getStartTime()), now))
        : "";
  }
}
