package dev.milepost.cli;

import dev.milepost.cli.doctor.DoctorCommand;
import dev.milepost.cli.jobs.CancelCommand;
import dev.milepost.cli.jobs.DeleteCommand;
import dev.milepost.cli.jobs.DescribeCommand;
import dev.milepost.cli.jobs.GetCommand;
import dev.milepost.cli.jobs.ListCommand;
import dev.milepost.cli.jobs.LogsCommand;
import dev.milepost.cli.jobs.RetryCommand;
import dev.milepost.cli.jobs.SubmitCommand;
import dev.milepost.cli.jobs.WaitCommand;
import dev.milepost.cli.jobs.WatchCommand;
import dev.milepost.cli.run.ReportCommand;
import dev.milepost.cli.run.RunCommand;
import dev.milepost.cli.run.WorkCommand;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The command {@code milepost}, which has a subcommand for each thing to do. */
@Command(
    name = "milepost",
    description = "Lists, watches and changes the jobs of a Milepost server.",
    synopsisSubcommandLabel = "COMMAND")
final class MilepostCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  /** The whole command line, ready to execute. */
  static CommandLine commandLine(Environment environment) {
    CommandLine line = new CommandLine(new MilepostCommand());
    line.addSubcommand(new ListCommand(environment))
        .addSubcommand(new GetCommand(environment))
        .addSubcommand(new DescribeCommand(environment))
        .addSubcommand(new WatchCommand(environment))
        .addSubcommand(new LogsCommand(environment))
        .addSubcommand(new WaitCommand(environment))
        .addSubcommand(new SubmitCommand(environment))
        .addSubcommand(new CancelCommand(environment))
        .addSubcommand(new RetryCommand(environment))
        .addSubcommand(new DeleteCommand(environment))
        .addSubcommand(new RunCommand(environment))
        .addSubcommand(new WorkCommand(environment))
        .addSubcommand(new ReportCommand(environment))
        .addSubcommand(new DoctorCommand(environment));
    line.registerConverter(Duration.class, new DurationConverter());
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setOut(environment.terminal().out());
    line.setErr(environment.terminal().err());
    ErrorHandler errors = new ErrorHandler();
    line.setExecutionExceptionHandler(errors);
    line.setParameterExceptionHandler(errors);
    CommandLine.Help.Ansi ansi =
        environment.terminal().colors() ? CommandLine.Help.Ansi.ON : CommandLine.Help.Ansi.OFF;
    line.setColorScheme(CommandLine.Help.defaultColorScheme(ansi));
    everyCommand(
        line,
        command -> {
          command.getCommandSpec().mixinStandardHelpOptions(true);
          command.getCommandSpec().versionProvider(new Version());
          command.getCommandSpec().usageMessage().sortOptions(false);
          command.getCommandSpec().usageMessage().abbreviateSynopsis(true);
        });
    return line;
  }

  /** Without a subcommand, the help says which there are. */
  @Override
  public Integer call() {
    if (spec != null) {
      spec.commandLine().usage(spec.commandLine().getOut());
    }
    return ExitCodes.OK;
  }

  private static void everyCommand(CommandLine line, Consumer<CommandLine> change) {
    change.accept(line);
    line.getSubcommands().values().stream().distinct().forEach(sub -> everyCommand(sub, change));
  }
}
