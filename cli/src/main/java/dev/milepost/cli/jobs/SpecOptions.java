package dev.milepost.cli.jobs;

import dev.milepost.client.JobSpec;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a new job is called, how it is found again, and how long it may take. */
public final class SpecOptions {
  @Option(names = "--name", paramLabel = "NAME", description = "Name that people read")
  private @Nullable String name;

  @Option(
      names = {"-l", "--label"},
      paramLabel = "KEY=VALUE",
      description = "Label to find it by; may be given several times")
  private Map<String, String> labels = Map.of();

  @Option(names = "--project", paramLabel = "PROJECT", description = "Project that it belongs to")
  private @Nullable String project;

  @Option(
      names = "--priority",
      paramLabel = "N",
      description = "0 to 100; higher is claimed first (default: 50)")
  private @Nullable Integer priority;

  @Option(
      names = "--retries",
      paramLabel = "N",
      description = "Attempts after the first that fails")
  private @Nullable Integer retries;

  @Option(
      names = "--timeout",
      paramLabel = "DURATION",
      description = "How long an attempt may take, such as 30m")
  private @Nullable Duration timeout;

  @Option(
      names = "--lease",
      paramLabel = "DURATION",
      description = "Silence after which its worker counts as lost")
  private @Nullable Duration lease;

  @Option(
      names = "--cancel-grace",
      paramLabel = "DURATION",
      description = "Time to clean up after a cancel")
  private @Nullable Duration cancelGrace;

  /** Attempts after the first; 0 if nothing is said. */
  public int retries() {
    return retries == null ? 0 : retries;
  }

  /**
   * The job that the options describe.
   *
   * @param defaultName its name if the options give none
   */
  public JobSpec spec(String type, String defaultName) {
    return name == null ? spec(type).displayName(defaultName) : spec(type);
  }

  /** The job that the options describe. */
  public JobSpec spec(String type) {
    JobSpec spec = JobSpec.of(type).labels(labels);
    spec = name == null ? spec : spec.displayName(name);
    spec = project == null ? spec : spec.project(project);
    spec = priority == null ? spec : spec.priority(priority);
    spec = retries == null ? spec : spec.maxRetries(retries);
    spec = timeout == null ? spec : spec.attemptTimeout(timeout);
    spec = lease == null ? spec : spec.lease(lease);
    return cancelGrace == null ? spec : spec.cancelGrace(cancelGrace);
  }
}
