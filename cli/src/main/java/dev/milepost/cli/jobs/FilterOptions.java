package dev.milepost.cli.jobs;

import com.google.protobuf.Timestamp;
import dev.milepost.cli.UsageException;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobHealth;
import dev.milepost.v1.JobState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Selects jobs; an option that is given several times matches any of its values. */
final class FilterOptions {
  @Option(
      names = {"-s", "--state"},
      paramLabel = "STATE",
      split = ",",
      description = "queued, running, cancelling, succeeded, failed, cancelled, active or finished")
  private List<String> states = List.of();

  @Option(
      names = {"-t", "--type"},
      paramLabel = "TYPE",
      split = ",",
      description = "Type of the job")
  private List<String> types = List.of();

  @Option(names = "--owner", paramLabel = "USER", description = "User that owns the job")
  private String owner = "";

  @Option(names = "--of-tenant", paramLabel = "TENANT", description = "Another tenant (ADMIN only)")
  private String tenant = "";

  @Option(names = "--project", paramLabel = "PROJECT", description = "Project of the job")
  private String project = "";

  @Option(
      names = {"-l", "--label"},
      paramLabel = "KEY=VALUE",
      description = "Label that the job must have")
  private Map<String, String> labels = Map.of();

  @Option(
      names = "--text",
      paramLabel = "TEXT",
      description = "Text in its id, name, type or project, ignoring case")
  private String text = "";

  @Option(names = "--parent", paramLabel = "JOB", description = "Children of this batch or task")
  private String parent = "";

  @Option(names = "--stalled", description = "Only jobs without a word from their worker")
  private boolean stalled;

  @Option(names = "--since", paramLabel = "DURATION", description = "Created within, such as 2h")
  private @Nullable Duration since;

  @Option(
      names = "--ended-since",
      paramLabel = "DURATION",
      description = "Ended within, such as 1d")
  private @Nullable Duration endedSince;

  /** The filter that the options describe. */
  JobFilter filter() {
    JobFilter.Builder filter =
        JobFilter.newBuilder()
            .addAllTypes(types)
            .setUserId(owner)
            .setTenantId(tenant)
            .setProjectId(project)
            .putAllLabels(labels)
            .setText(text)
            .setParentId(parent);
    states.forEach(state -> addState(filter, state));
    if (stalled) {
      filter.setHealth(JobHealth.JOB_HEALTH_STALLED);
    }
    if (since != null) {
      filter.setCreateTimeFrom(ago(since));
    }
    if (endedSince != null) {
      filter.setEndTimeFrom(ago(endedSince));
    }
    return filter.build();
  }

  /** Whether no option restricts the jobs. */
  boolean isEmpty() {
    return filter().equals(JobFilter.getDefaultInstance());
  }

  private static void addState(JobFilter.Builder filter, String name) {
    switch (name.toLowerCase(Locale.ROOT)) {
      case "active" ->
          filter
              .addStates(JobState.JOB_STATE_QUEUED)
              .addStates(JobState.JOB_STATE_RUNNING)
              .addStates(JobState.JOB_STATE_CANCELLING);
      case "finished" ->
          filter
              .addStates(JobState.JOB_STATE_SUCCEEDED)
              .addStates(JobState.JOB_STATE_FAILED)
              .addStates(JobState.JOB_STATE_CANCELLED);
      default -> filter.addStates(States.parse(name));
    }
  }

  private static Timestamp ago(Duration duration) {
    if (duration.isNegative()) {
      throw new UsageException("A time to come selects no job.");
    }
    Instant time = Instant.now().minus(duration);
    return Timestamp.newBuilder()
        .setSeconds(time.getEpochSecond())
        .setNanos(time.getNano())
        .build();
  }
}
