package dev.milepost.examples.hashtree;

import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobError;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Summarizes a finished job in a few lines. */
final class Summary {
  /** The counters of this example by importance, then all others by name. */
  private static final Comparator<String> COUNTERS =
      Comparator.<String>comparingInt(
              name -> List.of("unreadable", "duplicates", "bytes", "files").indexOf(name))
          .reversed()
          .thenComparing(Comparator.naturalOrder());

  private Summary() {}

  static List<String> of(Job job) {
    JobStatus status = job.getStatus();
    List<String> lines = new ArrayList<>();
    lines.add("");
    lines.add(ending(job));
    status.getOutcomeMap().keySet().stream()
        .sorted(COUNTERS)
        .forEach(name -> lines.add(row(name, counter(status, name))));
    if (status.getState() == JobState.JOB_STATE_SUCCEEDED) {
      addResult(lines, status.getResult());
    }
    return lines;
  }

  private static String ending(Job job) {
    JobStatus status = job.getStatus();
    String how =
        switch (status.getState()) {
          case JOB_STATE_SUCCEEDED -> "succeeded";
          case JOB_STATE_FAILED -> "failed";
          case JOB_STATE_CANCELLED -> "was cancelled";
          case JOB_STATE_QUEUED,
              JOB_STATE_RUNNING,
              JOB_STATE_CANCELLING,
              JOB_STATE_UNSPECIFIED,
              UNRECOGNIZED ->
              "has not finished";
        };
    StringBuilder line = new StringBuilder("Job ").append(job.getId()).append(' ').append(how);
    if (status.hasDuration()) {
      line.append(" after ").append(Sizes.duration(duration(status)));
    }
    if (status.getAttempt() > 1) {
      line.append(", ").append(status.getAttempt()).append(" attempts");
    }
    if (status.hasError() && status.getState() != JobState.JOB_STATE_SUCCEEDED) {
      JobError error = status.getError();
      line.append(": ").append(error.getCode()).append(": ").append(error.getMessage());
    }
    return Printable.of(line.toString());
  }

  private static Duration duration(JobStatus status) {
    return Duration.ofSeconds(status.getDuration().getSeconds(), status.getDuration().getNanos());
  }

  private static String counter(JobStatus status, String name) {
    long value = status.getOutcomeOrThrow(name);
    return name.equals("bytes") && value >= 1024
        ? Sizes.count(value) + " (" + Sizes.bytes(value) + ")"
        : Sizes.count(value);
  }

  private static void addResult(List<String> lines, Struct result) {
    lines.add(row("manifest", Printable.of(text(result, "manifest"))));
    ListValue groups = value(result, "largest_duplicate_groups").getListValue();
    if (groups.getValuesCount() == 0) {
      return;
    }
    lines.add("");
    lines.add(
        "Duplicates: %s; the largest:"
            .formatted(Sizes.count(number(result, "duplicate_groups"), "group")));
    for (Value group : groups.getValuesList()) {
      addGroup(lines, group.getStructValue());
    }
  }

  private static void addGroup(List<String> lines, Struct group) {
    ListValue files = value(group, "files").getListValue();
    lines.add(
        String.format(
            Locale.ROOT,
            "  %s x %s  %s",
            Sizes.count(number(group, "count")),
            Sizes.bytes(number(group, "size")),
            files.getValuesCount() == 0 ? "" : Printable.of(files.getValues(0).getStringValue())));
  }

  private static String row(String name, String value) {
    return String.format(Locale.ROOT, "  %-12s %s", name, value);
  }

  private static String text(Struct struct, String key) {
    return value(struct, key).getStringValue();
  }

  private static long number(Struct struct, String key) {
    return Math.round(value(struct, key).getNumberValue());
  }

  private static Value value(Struct struct, String key) {
    return struct.getFieldsOrDefault(key, Value.getDefaultInstance());
  }
}
