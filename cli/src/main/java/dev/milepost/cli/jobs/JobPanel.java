package dev.milepost.cli.jobs;

import dev.milepost.cli.output.Color;
import dev.milepost.cli.output.SafeText;
import dev.milepost.cli.output.Terminal;
import dev.milepost.cli.output.Times;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobStatus;
import dev.milepost.v1.Progress;
import dev.milepost.v1.SubOperation;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One job at a glance: state, bar, sub-operations, counters. */
final class JobPanel {
  private static final int LABEL_COLUMNS = 24;
  private static final int MAX_SUB_OPERATIONS = 12;

  private JobPanel() {}

  /** The lines to draw; each fits the terminal. */
  static List<String> lines(@Nullable Job job, Terminal terminal) {
    if (job == null) {
      return List.of(terminal.paint(Color.DIM, "Connecting…"));
    }
    Instant now = Instant.now();
    List<String> lines = new ArrayList<>();
    lines.add(heading(job, terminal));
    Progress progress = job.getStatus().getProgress();
    if (progress.hasPercent()) {
      lines.add(
          ProgressText.bar(progress.getPercent() / 100.0, terminal.columns() / 2)
              + "  "
              + terminal.fit(ProgressText.longForm(job, now), terminal.columns() / 2 - 2));
    } else if (!ProgressText.longForm(job, now).isEmpty()) {
      lines.add(terminal.fit(ProgressText.longForm(job, now), terminal.columns()));
    }
    for (SubOperation part : first(progress.getSubOperationsList())) {
      lines.add("  " + subOperation(part, terminal));
    }
    String message = message(job.getStatus());
    if (!message.isEmpty()) {
      lines.add(terminal.fit(message, terminal.columns()));
    }
    lines.add(terminal.paint(Color.DIM, terminal.fit(times(job, now), terminal.columns())));
    return lines;
  }

  /** The state and the progress on one line, for a log or a pipe. */
  static String line(Job job, Instant now) {
    List<String> parts = new ArrayList<>();
    parts.add(States.word(job));
    String progress = ProgressText.longForm(job, now);
    if (!progress.isEmpty()) {
      parts.add(progress);
    }
    String message = message(job.getStatus());
    if (!message.isEmpty()) {
      parts.add(message);
    }
    return String.join("  ", parts);
  }

  private static String heading(Job job, Terminal terminal) {
    String name =
        job.getSpec().getDisplayName().isEmpty()
            ? job.getSpec().getType()
            : job.getSpec().getDisplayName();
    String state = States.word(job);
    String rest = "  " + job.getId();
    int room = Math.max(1, terminal.columns() - state.length() - rest.length() - 2);
    return terminal.paint(Color.BOLD, terminal.fit(SafeText.line(name), room))
        + rest
        + "  "
        + terminal.paint(States.color(job), state);
  }

  private static String subOperation(SubOperation part, Terminal terminal) {
    String name = part.getDisplayName().isEmpty() ? part.getId() : part.getDisplayName();
    String label = terminal.fit(SafeText.line(name), LABEL_COLUMNS);
    return label
        + " ".repeat(Math.max(1, LABEL_COLUMNS + 1 - terminal.width(label)))
        + switch (part.getState()) {
          case SUB_OPERATION_STATE_DONE -> terminal.paint(Color.GREEN, "done");
          case SUB_OPERATION_STATE_FAILED -> terminal.paint(Color.RED, "failed");
          case SUB_OPERATION_STATE_RUNNING ->
              ProgressText.bar(part.getFraction(), terminal.columns() / 3)
                  + " "
                  + (int) Math.floor(part.getFraction() * 100)
                  + " %";
          case SUB_OPERATION_STATE_PENDING, SUB_OPERATION_STATE_UNSPECIFIED, UNRECOGNIZED ->
              terminal.paint(Color.DIM, "pending");
        };
  }

  private static String message(JobStatus status) {
    if (status.hasError()) {
      return SafeText.line(status.getError().getCode() + ": " + status.getError().getMessage());
    }
    return SafeText.line(
        status.getProgress().getMessage().isEmpty()
            ? status.getStage().getName()
            : status.getProgress().getMessage());
  }

  private static String times(Job job, Instant now) {
    JobStatus status = job.getStatus();
    List<String> parts = new ArrayList<>();
    if (status.getAttempt() > 0) {
      parts.add("attempt " + status.getAttempt() + " of " + (job.getSpec().getMaxRetries() + 1));
    }
    if (!status.getWorkerId().isEmpty()) {
      parts.add(SafeText.line(status.getWorkerId()));
    }
    if (status.hasStartTime()) {
      Instant end = status.hasEndTime() ? Times.instant(status.getEndTime()) : now;
      parts.add(Times.duration(Duration.between(Times.instant(status.getStartTime()), end)));
    } else {
      parts.add("queued " + Times.ago(Times.instant(job.getCreateTime()), now));
    }
    return String.join(" · ", parts);
  }

  private static List<SubOperation> first(List<SubOperation> parts) {
    return parts.subList(0, Math.min(parts.size(), MAX_SUB_OPERATIONS));
  }
}
