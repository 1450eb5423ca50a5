package dev.milepost.cli.jobs;

import dev.milepost.cli.Environment;
import dev.milepost.cli.ExitCodes;
import dev.milepost.cli.UsageException;
import dev.milepost.client.JobClient;
import dev.milepost.client.JobEvent;
import dev.milepost.client.JobWatch;
import dev.milepost.client.WatchOptions;
import dev.milepost.v1.JobState;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Waits until jobs reach a state. */
@Command(
    name = "wait",
    description = {
      "Waits for jobs to reach a state.",
      "Exit code: 0 reached, 1 ended otherwise, 4 failed, 5 cancelled, 6 timed out."
    })
public final class WaitCommand extends JobCommand {
  @Parameters(arity = "1..*", paramLabel = "JOB", description = "Ids of the jobs")
  private List<String> ids = List.of();

  @Option(
      names = "--for",
      paramLabel = "STATE",
      defaultValue = "finished",
      description = "The state, or finished or started (default: ${DEFAULT-VALUE})")
  private String goal = "finished";

  @Option(
      names = "--timeout",
      paramLabel = "DURATION",
      description = "How long to wait for all of them (default: without end)")
  private @Nullable Duration timeout;

  /** Makes the command. */
  public WaitCommand(Environment environment) {
    super(environment);
  }

  @Override
  void check() {
    goal(goal);
  }

  @Override
  int run(JobClient client) {
    Predicate<JobState> reached = goal(goal);
    long deadline = timeout == null ? Long.MAX_VALUE : System.nanoTime() + timeout.toNanos();
    int exit = ExitCodes.OK;
    for (String id : ids) {
      JobState state = await(client, id, reached, deadline);
      if (state == null) {
        terminal().err().printf("%s has not reached %s in time.%n", id, goal);
        return ExitCodes.TIMED_OUT;
      }
      terminal().out().printf("%s %s%n", id, States.word(state));
      // The first job that ended badly decides.
      if (exit == ExitCodes.OK) {
        exit = exitCode(state, reached.test(state));
      }
    }
    return exit;
  }

  // A wait for FAILED succeeds when the job fails; a wait for SUCCEEDED does not.
  private int exitCode(JobState state, boolean reached) {
    boolean oneState = !goal.equalsIgnoreCase("finished") && !goal.equalsIgnoreCase("started");
    if (oneState && reached) {
      return ExitCodes.OK;
    }
    int code = States.exitCode(state);
    boolean otherEnd = oneState && States.isFinished(States.parse(goal));
    return code == ExitCodes.OK && otherEnd ? ExitCodes.FAILED : code;
  }

  /** The state in which the job reached the goal or ended; null when time is over. */
  private static @Nullable JobState await(
      JobClient client, String id, Predicate<JobState> reached, long deadline) {
    try (JobWatch watch = client.watch(id, WatchOptions.defaults().progressOnly())) {
      if (deadline != Long.MAX_VALUE) {
        // Closing the watch ends the loop below.
        CompletableFuture.delayedExecutor(
                Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS)
            .execute(watch::close);
      }
      for (JobEvent event : watch) {
        JobState state = stateOf(event);
        if (state != null && (reached.test(state) || States.isFinished(state))) {
          return state;
        }
      }
      return null;
    }
  }

  private static @Nullable JobState stateOf(JobEvent event) {
    if (event instanceof JobEvent.Snapshot snapshot) {
      return snapshot.job().getStatus().getState();
    }
    return event instanceof JobEvent.Status status ? status.status().getState() : null;
  }

  private static Predicate<JobState> goal(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "finished" -> States::isFinished;
      case "started" -> state -> state != JobState.JOB_STATE_QUEUED;
      default -> {
        JobState wanted = parse(name);
        yield state -> state == wanted;
      }
    };
  }

  private static JobState parse(String name) {
    try {
      return States.parse(name);
    } catch (UsageException e) {
      throw new UsageException(e.getMessage() + " Or: finished, started.");
    }
  }
}
