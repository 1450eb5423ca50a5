package dev.milepost.cli.jobs;

import com.google.protobuf.Struct;
import dev.milepost.cli.Environment;
import dev.milepost.cli.ExitCodes;
import dev.milepost.cli.output.Format;
import dev.milepost.client.CreateOptions;
import dev.milepost.client.JobClient;
import dev.milepost.client.JobHandle;
import dev.milepost.client.JobSpec;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Creates a job. */
@Command(
    name = "submit",
    aliases = "create",
    description = {
      "Creates a job for a worker to claim, and prints its id.",
      "With --wait or --watch, the exit code tells how it ended: 0 succeeded, 4 failed, 5"
          + " cancelled."
    })
public final class SubmitCommand extends JobCommand {
  @Parameters(paramLabel = "TYPE", description = "Type of the job, which workers claim by")
  private String type = "";

  @Mixin private SpecOptions spec = new SpecOptions();

  @Option(
      names = {"-p", "--param"},
      paramLabel = "KEY=VALUE",
      description = "A value for the worker: JSON, else a string; may be given several times")
  private Map<String, String> params = Map.of();

  @Option(
      names = "--params",
      paramLabel = "JSON",
      description = "All params as a JSON object, @FILE, or - for standard input")
  private String document = "";

  @Option(names = "--id", paramLabel = "ID", description = "Id of the job (default: a new one)")
  private @Nullable String id;

  @Option(
      names = "--request-id",
      paramLabel = "ID",
      description = "Creates the job once, however often the command is repeated with this id")
  private @Nullable String requestId;

  @Option(names = "--wait", description = "Waits until it has finished")
  private boolean wait;

  @Option(names = "--watch", description = "Shows its progress until it has finished")
  private boolean watch;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "name",
      description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE})")
  private Format format = Format.NAME;

  private Struct values = Struct.getDefaultInstance();

  /** Makes the command. */
  public SubmitCommand(Environment environment) {
    super(environment);
  }

  @Override
  void check() {
    values = Params.read(document, params, environment().input());
  }

  @Override
  int run(JobClient client) {
    JobSpec job =
        JobSpec.fromProto(spec.spec(type).toProto().toBuilder().setParams(values).build());
    JobHandle created = client.create(job, options());
    if (format == Format.NAME) {
      terminal().out().println(created.id());
    } else {
      new JobOutput(format).printOne(created.get(), terminal());
    }
    if (watch) {
      return new JobWatcher(client, environment(), true).follow(created.id());
    }
    return wait ? States.exitCode(created.await().getStatus().getState()) : ExitCodes.OK;
  }

  private CreateOptions options() {
    CreateOptions options = CreateOptions.defaults();
    options = id == null ? options : options.jobId(id);
    return requestId == null ? options : options.requestId(requestId);
  }
}
