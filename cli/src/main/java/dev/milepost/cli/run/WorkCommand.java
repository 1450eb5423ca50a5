package dev.milepost.cli.run;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.milepost.cli.Environment;
import dev.milepost.cli.ExitCodes;
import dev.milepost.cli.UsageException;
import dev.milepost.cli.connection.ServerOptions;
import dev.milepost.cli.output.Documents;
import dev.milepost.client.JobClient;
import dev.milepost.client.JobContext;
import dev.milepost.client.JobFailure;
import dev.milepost.client.Worker;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Runs one program for each job of a type. */
@Command(
    name = "work",
    description = {
      "Claims jobs of a type, and runs a command for each: its output is the log, its exit code the"
          + " outcome; a job that fails is retried as its retries allow.",
      "The command reads the job's params as JSON from standard input; each single value is also in"
          + " its environment, such as MILEPOST_PARAM_BATCH_SIZE for batchSize. It reports progress"
          + " as with \"milepost run\".",
      "Stops with Ctrl-C: running commands have --grace to stop, and their jobs go back to the"
          + " queue."
    })
public final class WorkCommand implements Callable<Integer> {
  private static final String PARAM_PREFIX = "MILEPOST_PARAM_";

  private final Environment environment;

  @Parameters(arity = "1..*", paramLabel = "COMMAND", description = "The command, after --")
  private List<String> command = List.of();

  @Option(
      names = {"-t", "--type"},
      required = true,
      paramLabel = "TYPE",
      description = "Type of the jobs")
  private String type = "";

  @Option(
      names = {"-c", "--concurrency"},
      paramLabel = "N",
      defaultValue = "1",
      description = "Commands that run at once, 1 to 1,000 (default: ${DEFAULT-VALUE})")
  private int concurrency = 1;

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

  @Option(names = "--quiet", description = "Does not show the output of the commands here")
  private boolean quiet;

  @ArgGroup(validate = false, exclusive = false, order = 100, heading = "%nConnection:%n")
  private ServerOptions server = new ServerOptions();

  /** Makes the command. */
  public WorkCommand(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() {
    if (concurrency < 1 || concurrency > 1_000) {
      throw new UsageException("--concurrency is " + concurrency + ", but must be 1 to 1,000.");
    }
    try (JobClient client = server.connect(environment)) {
      Worker worker =
          client
              .worker()
              .handler(type, this::work)
              .concurrency(concurrency)
              .drainTimeout(grace)
              .start();
      Runtime.getRuntime().addShutdownHook(new Thread(worker::close));
      environment
          .terminal()
          .err()
          .printf(
              "Working on jobs of type %s at %s; stop with Ctrl-C.%n",
              type, server.address(environment));
      worker.stopped().join();
      return ExitCodes.OK;
    }
  }

  private void work(JobContext job) throws Exception {
    Program program =
        new Program(
            command,
            variables(job),
            Optional.of(Documents.jsonLine(job.job().getSpec().getParams())),
            Optional.ofNullable(progress),
            new JobObserver(job),
            !quiet);
    job.onCancel(() -> program.stop(grace));
    int exit = run(program);
    if (program.wasStopped()) {
      job.throwIfCancelled();
    }
    if (exit != 0) {
      throw new ExitFailure(program, exit, true);
    }
    job.result(Map.of("exit_code", 0));
  }

  private int run(Program program) throws Exception {
    try {
      return program.run();
    } catch (IOException e) {
      throw new JobFailure("NOT_STARTED", String.valueOf(e.getMessage()), false);
    } catch (InterruptedException e) {
      // The worker stops; its job goes back to the queue.
      program.stop(grace);
      throw e;
    }
  }

  private static Map<String, String> variables(JobContext job) {
    Map<String, String> variables = new HashMap<>();
    variables.put("MILEPOST_JOB_ID", job.jobId());
    variables.put("MILEPOST_ATTEMPT", String.valueOf(job.attempt()));
    Struct params = job.job().getSpec().getParams();
    params
        .getFieldsMap()
        .forEach(
            (name, value) -> scalar(value).ifPresent(text -> variables.put(variable(name), text)));
    return variables;
  }

  private static Optional<String> scalar(Value value) {
    return switch (value.getKindCase()) {
      // A NUL ends a variable of the operating system; standard input has the whole value.
      case STRING_VALUE ->
          Optional.of(value.getStringValue()).filter(text -> text.indexOf('\u0000') < 0);
      case BOOL_VALUE -> Optional.of(String.valueOf(value.getBoolValue()));
      case NUMBER_VALUE -> Optional.of(number(value.getNumberValue()));
      case NULL_VALUE, STRUCT_VALUE, LIST_VALUE, KIND_NOT_SET -> Optional.empty();
    };
  }

  private static String number(double number) {
    return number == Math.rint(number) && Math.abs(number) < 1L << 53
        ? String.valueOf((long) number)
        : String.valueOf(number);
  }

  private static String variable(String param) {
    return PARAM_PREFIX
        + param
            .replaceAll("(?<=[a-z0-9])(?=[A-Z])", "_")
            .replaceAll("[^A-Za-z0-9_]", "_")
            .toUpperCase(Locale.ROOT);
  }
}
