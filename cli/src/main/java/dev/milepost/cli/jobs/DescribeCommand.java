package dev.milepost.cli.jobs;

import com.google.protobuf.Struct;
import dev.milepost.cli.Environment;
import dev.milepost.cli.ExitCodes;
import dev.milepost.cli.output.Color;
import dev.milepost.cli.output.Documents;
import dev.milepost.cli.output.SafeText;
import dev.milepost.cli.output.Table;
import dev.milepost.cli.output.Table.Cell;
import dev.milepost.cli.output.Table.Column;
import dev.milepost.cli.output.Times;
import dev.milepost.client.JobClient;
import dev.milepost.v1.Attempt;
import dev.milepost.v1.AttemptOutcome;
import dev.milepost.v1.ClaimReason;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobError;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobStatus;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Tells all about one job, for a person. */
@Command(
    name = "describe",
    description = "Tells about a job: progress, attempts with their errors, why it is not claimed.")
public final class DescribeCommand extends JobCommand {
  private static final int NAME_COLUMNS = 12;
  private static final String OUTCOME_PREFIX = "ATTEMPT_OUTCOME_";

  @Parameters(paramLabel = "JOB", description = "Id of the job")
  private String id = "";

  /** Makes the command. */
  public DescribeCommand(Environment environment) {
    super(environment);
  }

  @Override
  int run(JobClient client) {
    Job job = client.get(id);
    Instant now = Instant.now();
    about(job, now);
    progress(job, now);
    attempts(job, now);
    if (job.getStatus().getState() == JobState.JOB_STATE_QUEUED) {
      claim(client.attach(id).explain().getReasonsList());
    }
    error(job.getStatus());
    document("Params", job.getSpec().hasParams(), job.getSpec().getParams());
    document("Result", job.getStatus().hasResult(), job.getStatus().getResult());
    return ExitCodes.OK;
  }

  private void about(Job job, Instant now) {
    ZoneId zone = environment().zone();
    JobStatus status = job.getStatus();
    line("Id", job.getId());
    line("Name", job.getSpec().getDisplayName());
    line("Type", job.getSpec().getType());
    painted("State", terminal().paint(States.color(job), States.word(job)));
    line("Owner", job.getUserId() + " of " + job.getTenantId());
    line("Project", job.getSpec().getProjectId());
    line("Parent", job.getParentId());
    line(
        "Labels",
        new TreeMap<>(job.getSpec().getLabelsMap())
            .entrySet().stream()
                .map(label -> label.getKey() + "=" + label.getValue())
                .collect(Collectors.joining(", ")));
    line(
        "Created",
        Times.exact(job.getCreateTime(), zone)
            + ", "
            + Times.ago(Times.instant(job.getCreateTime()), now)
            + " ago");
    if (status.hasEndTime()) {
      line("Ended", Times.exact(status.getEndTime(), zone));
    }
    if (status.hasCancel()) {
      line(
          "Cancel",
          "by "
              + status.getCancel().getRequestedBy()
              + (status.getCancel().getReason().isEmpty()
                  ? ""
                  : ": " + status.getCancel().getReason()));
    }
  }

  private void progress(Job job, Instant now) {
    JobStatus status = job.getStatus();
    line("Progress", ProgressText.longForm(job, now));
    line("Stage", status.getStage().getName());
    line("Message", status.getProgress().getMessage());
    line(
        "Counters",
        new TreeMap<>(status.getOutcomeMap())
            .entrySet().stream()
                .map(
                    counter ->
                        String.format(Locale.ROOT, "%s %,d", counter.getKey(), counter.getValue()))
                .collect(Collectors.joining(", ")));
  }

  private void attempts(Job job, Instant now) {
    List<Attempt> attempts = job.getStatus().getAttemptsList();
    if (attempts.isEmpty()) {
      return;
    }
    heading("Attempts");
    Table table =
        new Table(
            List.of(
                new Column("#", true, false),
                new Column("Outcome", false, false),
                new Column("Worker", false, true),
                new Column("Started", false, false),
                new Column("Took", true, false),
                new Column("Error", false, true)));
    for (Attempt attempt : attempts) {
      Instant start = Times.instant(attempt.getStartTime());
      Instant end = attempt.hasEndTime() ? Times.instant(attempt.getEndTime()) : now;
      table.add(
          List.of(
              Cell.of(String.valueOf(attempt.getNumber())),
              outcome(attempt.getOutcome()),
              Cell.of(attempt.getWorkerId()),
              Cell.of(Times.exact(attempt.getStartTime(), environment().zone())),
              Cell.of(Times.duration(Duration.between(start, end))),
              Cell.of(attempt.hasError() ? sentence(attempt.getError()) : "")));
    }
    table.lines(terminal(), true).forEach(terminal().out()::println);
  }

  private void claim(List<ClaimReason> reasons) {
    if (reasons.isEmpty()) {
      return;
    }
    heading("Why it is not claimed");
    reasons.forEach(reason -> terminal().out().println("  " + SafeText.line(reason.getMessage())));
  }

  private void error(JobStatus status) {
    if (!status.hasError()) {
      return;
    }
    heading("Error");
    terminal()
        .out()
        .println(terminal().paint(Color.RED, SafeText.line(sentence(status.getError()))));
    if (status.getError().hasDetails()) {
      terminal().out().println(Documents.json(status.getError().getDetails()));
    }
    if (!status.getError().getStackTrace().isEmpty()) {
      terminal().out().println(SafeText.lines(status.getError().getStackTrace()).stripTrailing());
    }
  }

  private void document(String title, boolean present, Struct content) {
    if (present && content.getFieldsCount() > 0) {
      heading(title);
      terminal().out().println(Documents.json(content));
    }
  }

  private void heading(String title) {
    terminal().out().println();
    terminal().out().println(terminal().paint(Color.BOLD, title));
  }

  private void line(String name, String value) {
    if (!value.isEmpty()) {
      painted(name, SafeText.line(value));
    }
  }

  private void painted(String name, String value) {
    String padded = name + " ".repeat(NAME_COLUMNS - name.length());
    terminal().out().println(terminal().paint(Color.DIM, padded) + value);
  }

  private static Cell outcome(AttemptOutcome outcome) {
    String word =
        outcome == AttemptOutcome.UNRECOGNIZED
            ? "?"
            : outcome.name().substring(OUTCOME_PREFIX.length());
    return new Cell(
        word,
        switch (outcome) {
          case ATTEMPT_OUTCOME_SUCCEEDED -> Color.GREEN;
          case ATTEMPT_OUTCOME_FAILED, ATTEMPT_OUTCOME_LOST -> Color.RED;
          case ATTEMPT_OUTCOME_RUNNING -> Color.BLUE;
          case ATTEMPT_OUTCOME_CANCELLED,
              ATTEMPT_OUTCOME_RELEASED,
              ATTEMPT_OUTCOME_UNSPECIFIED,
              UNRECOGNIZED ->
              Color.NONE;
        });
  }

  private static String sentence(JobError error) {
    return error.getCode() + ": " + error.getMessage();
  }
}
