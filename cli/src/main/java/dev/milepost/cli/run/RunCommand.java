package dev.milepost.cli.run;

import dev.milepost.cli.Environment;
import dev.milepost.cli.ExitCodes;
import dev.milepost.cli.connection.ServerOptions;
import dev.milepost.cli.jobs.SpecOptions;
import dev.milepost.client.CreateOptions;
import dev.milepost.client.JobClient;
import dev.milepost.client.JobFailure;
import dev.milepost.client.StartedJob;
import dev.milepost.v1.Job;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Runs one program as a job. */
@Command(
    name = "run",
    description = {
      "Runs a command as a job: its output is the log, its exit code the outcome.",
      "A server that is away does not stop the command: the job is created when it is back.",
      "The command finds MILEPOST_JOB_ID in its environment. It reports progress by lines in the"
          + " file $MILEPOST_PROGRESS, such as 25/100 files, or by: milepost report. A cancel sends"
          + " it SIGTERM, and SIGKILL after --grace.",
      "Exit code: that of the command; 127 if it cannot be started."
    })
public final class RunCommand implements Callable<Integer> {
  private static final int NOT_STARTED = 127;

  /** A server that is away is waited for as long as the command runs. */
  private static final Duration CALL_TIMEOUT = Duration.ofDays(7);

  private final Environment environment;

  @Parameters(arity = "1..*", paramLabel = "COMMAND", description = "The command, after --")
  private List<String> command = List.of();

  @Option(
      names = {"-t", "--type"},
      paramLabel = "TYPE",
      defaultValue = "command",
      description = "Type of the job (default: ${DEFAULT-VALUE})")
  private String type = "command";

  @Mixin private SpecOptions spec = new SpecOptions();

  @Option(
      names = "--progress",
      paramLabel = "REGEX",
      description =
          "Finds progress in lines of output: a group with the percent, or two: current, total")
  private @Nullable Pattern progress;

  @Option(
      names = "--grace",
      paramLabel = "DURATION",
      defaultValue = "10s",
      description = "Time to stop after a cancel (default: ${DEFAULT-VALUE})")
  private Duration grace = Duration.ofSeconds(10);

  @Option(
      names = "--end-timeout",
      paramLabel = "DURATION",
      defaultValue = "30s",
      description =
          "How long to try to report the end to a server that is away (default: ${DEFAULT-VALUE})")
  private Duration endTimeout = Duration.ofSeconds(30);

  @Option(names = "--quiet", description = "Does not show the output of the command here")
  private boolean quiet;

  @ArgGroup(validate = false, exclusive = false, order = 100, heading = "%nConnection:%n")
  private ServerOptions server = new ServerOptions();

  /** Makes the command. */
  public RunCommand(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws InterruptedException {
    String id = UUID.randomUUID().toString();
    CountDownLatch finished = new CountDownLatch(1);
    try (JobClient client = server.connect(environment, CALL_TIMEOUT)) {
      WaitingObserver observer = new WaitingObserver();
      Program program =
          new Program(
              command,
              Map.of("MILEPOST_JOB_ID", id),
              Optional.empty(),
              Optional.ofNullable(progress),
              observer,
              !quiet);
      CompletableFuture<StartedJob> job = start(client, id, program, observer);
      stopWithThisProcess(program, finished);
      return run(program, job);
    } finally {
      finished.countDown();
    }
  }

  private CompletableFuture<StartedJob> start(
      JobClient client, String id, Program program, WaitingObserver observer) {
    CompletableFuture<StartedJob> job =
        client
            .async()
            .start(
                spec.spec(type, Path.of(command.get(0)).getFileName().toString()).maxRetries(0),
                CreateOptions.defaults().jobId(id));
    return job.whenComplete(
        (started, thrown) -> {
          if (started != null) {
            started.onCancel(() -> program.stop(grace));
            observer.ready(new JobObserver(started));
          } else if (thrown != null) {
            warn("The command runs, but no job shows it: " + thrown.getMessage());
          }
        });
  }

  private int run(Program program, CompletableFuture<StartedJob> job) throws InterruptedException {
    int tries = spec.retries() + 1;
    for (int number = 1; ; number++) {
      int exit;
      try {
        exit = program.run();
      } catch (IOException e) {
        warn(e.getMessage() == null ? e.toString() : e.getMessage());
        end(
            job,
            started ->
                started.fail(new JobFailure("NOT_STARTED", String.valueOf(e.getMessage()), false)));
        return NOT_STARTED;
      }
      if (exit == 0 && !program.wasStopped()) {
        end(job, started -> started.complete(Map.of("exit_code", 0)));
        return ExitCodes.OK;
      }
      if (program.wasStopped() || number == tries) {
        end(job, started -> stopOrFail(started, program, exit));
        return exit;
      }
      warn(
          "The command ended with exit code "
              + exit
              + "; try "
              + (number + 1)
              + " of "
              + tries
              + " begins.");
    }
  }

  private static CompletableFuture<Job> stopOrFail(StartedJob job, Program program, int exit) {
    return program.wasStopped() && job.isCancelRequested()
        ? job.confirmCancel()
        : job.fail(new ExitFailure(program, exit, false));
  }

  /** Reports the end, within the time for it; a server that is away costs no more. */
  private void end(
      CompletableFuture<StartedJob> job, Function<StartedJob, CompletableFuture<Job>> how)
      throws InterruptedException {
    if (job.isCompletedExceptionally()) {
      return;
    }
    try {
      job.thenCompose(how).get(endTimeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      warn("The end of the job could not be reported: " + reason(e));
    } catch (TimeoutException e) {
      warn(
          "The end of the job could not be reported within "
              + endTimeout.toMillis() / 1_000.0
              + " s: the server is away.");
    }
  }

  private static String reason(ExecutionException e) {
    return String.valueOf(e.getCause() == null ? e.getMessage() : e.getCause().getMessage());
  }

  // Ctrl-C reaches the command as well, as it is in the same group. A SIGTERM reaches only us.
  private void stopWithThisProcess(Program program, CountDownLatch finished) {
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  if (finished.getCount() > 0) {
                    program.stop(grace);
                    try {
                      var unused =
                          finished.await(grace.plus(endTimeout).toMillis(), TimeUnit.MILLISECONDS);
                    } catch (InterruptedException e) {
                      Thread.currentThread().interrupt();
                    }
                  }
                }));
  }

  private void warn(String message) {
    environment.terminal().err().println("milepost: " + message);
  }
}
