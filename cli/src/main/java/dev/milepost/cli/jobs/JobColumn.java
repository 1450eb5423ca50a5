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
import java.util.function.BiFunction;
import java.util.stream.Collectors;

/** The columns that a table of jobs can have. */
enum JobColumn {
  ID(false, false, (job, now) -> Cell.of(job.getId())),
  STATE(false, false, (job, now) -> new Cell(States.word(job), States.color(job))),
  TYPE(false, true, (job, now) -> Cell.of(job.getSpec().getType())),
  NAME(false, true, (job, now) -> Cell.of(job.getSpec().getDisplayName())),
  PROGRESS(
      true, false, (job, now) -> Cell.of(ProgressText.shortForm(job.getStatus().getProgress()))),
  MESSAGE(false, true, (job, now) -> message(job)),
  STAGE(false, true, (job, now) -> Cell.of(job.getStatus().getStage().getName())),
  ATTEMPT(true, false, (job, now) -> Cell.of(attempt(job))),
  WORKER(false, true, (job, now) -> Cell.of(job.getStatus().getWorkerId())),
  OWNER(false, true, (job, now) -> Cell.of(job.getUserId())),
  TENANT(false, true, (job, now) -> Cell.of(job.getTenantId())),
  PROJECT(false, true, (job, now) -> Cell.of(job.getSpec().getProjectId())),
  LABELS(false, true, (job, now) -> Cell.of(labels(job))),
  PRIORITY(true, false, (job, now) -> Cell.of(String.valueOf(job.getSpec().getPriority()))),
  AGE(true, false, (job, now) -> Cell.of(Times.ago(Times.instant(job.getCreateTime()), now))),
  UPDATED(true, false, (job, now) -> Cell.of(ago(job.getStatus().getUpdateTime(), now))),
  ENDED(true, false, (job, now) -> Cell.of(ended(job.getStatus(), now))),
  DURATION(true, false, (job, now) -> Cell.of(duration(job.getStatus(), now)));

  /** What a table shows unless told otherwise. */
  static final List<JobColumn> DEFAULT = List.of(ID, STATE, TYPE, NAME, PROGRESS, AGE);

  /** What the wide table shows. */
  static final List<JobColumn> WIDE =
      List.of(ID, STATE, TYPE, NAME, PROGRESS, MESSAGE, ATTEMPT, WORKER, OWNER, DURATION, AGE);

  private final Column column;
  private final BiFunction<Job, Instant, Cell> cell;

  JobColumn(boolean right, boolean cuttable, BiFunction<Job, Instant, Cell> cell) {
    this.column = new Column(name(), right, cuttable);
    this.cell = cell;
  }

  Column column() {
    return column;
  }

  Cell cell(Job job, Instant now) {
    return cell.apply(job, now);
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

  private static Cell message(Job job) {
    JobStatus status = job.getStatus();
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
