package dev.milepost.server;

import dev.milepost.server.cli.BackupCommand;
import dev.milepost.server.cli.CopyCommand;
import dev.milepost.server.cli.EraseCommand;
import dev.milepost.server.cli.RestoreCommand;
import dev.milepost.server.cli.TokenCommand;
import dev.milepost.server.cli.VerifyCommand;
import dev.milepost.server.log.LogFormat;
import dev.milepost.server.settings.LayeredSettings;
import dev.milepost.server.settings.SettingsException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command line: options, help and subcommands. */
@Command(
    name = "milepost-server",
    description = "Runs the server that workers report jobs to and callers watch them on.",
    mixinStandardHelpOptions = true,
    versionProvider = ServerCommand.Version.class,
    subcommands = {
      TokenCommand.class,
      CopyCommand.class,
      BackupCommand.class,
      EraseCommand.class,
      RestoreCommand.class,
      VerifyCommand.class
    },
    sortOptions = false)
final class ServerCommand implements Callable<Integer> {
  @Option(
      names = "--store",
      paramLabel = "URL",
      description =
          "Where jobs are kept: sqlite:PATH, postgresql://USER:PASSWORD@HOST:PORT/DATABASE,"
              + " redis://USER:PASSWORD@HOST:PORT or memory: (default: sqlite:data/milepost.db)")
  private @Nullable String store;

  @Option(
      names = "--accept-data-loss",
      description =
          "Start although something of the store is missing or damaged, so that acknowledged"
              + " changes are lost; for one start, after reading what is lost")
  private boolean acceptDataLoss;

  @Option(
      names = "--import-from",
      paramLabel = "URL",
      description = "With --store memory: start with a copy of the jobs of this store or server")
  private @Nullable String importFrom;

  @Option(
      names = "--listen",
      paramLabel = "HOST:PORT",
      description = "Where to serve (default: localhost:7300); port 0 takes a free one")
  private @Nullable String listen;

  @Option(
      names = "--http-listen",
      paramLabel = "HOST:PORT",
      description =
          "Where to serve HTTP: JSON, metrics, health (default: localhost:7301 if it is free); port"
              + " 0 takes a free one; off: nowhere")
  private @Nullable String httpListen;

  @Option(
      names = "--tasks",
      paramLabel = "FILE",
      description = "Task definitions, YAML or JSON; reloaded when they change")
  private @Nullable String tasks;

  @Option(
      names = "--keep-succeeded",
      paramLabel = "TIME",
      description =
          "How long jobs are kept after they SUCCEEDED (default: 30d); 0 keeps them forever")
  private @Nullable String keepSucceeded;

  @Option(
      names = "--keep-failed",
      paramLabel = "TIME",
      description = "How long jobs are kept after they FAILED (default: 90d); 0 keeps them forever")
  private @Nullable String keepFailed;

  @Option(
      names = "--keep-cancelled",
      paramLabel = "TIME",
      description =
          "How long jobs are kept after they were CANCELLED (default: 30d); 0 keeps them forever")
  private @Nullable String keepCancelled;

  @Option(
      names = "--log-format",
      paramLabel = "FORMAT",
      description = "How the log on standard error is written: text (default) or json")
  private @Nullable String logFormat;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "Settings that differ from the defaults (HOCON)")
  private @Nullable Path config;

  @Option(
      names = "--check-config",
      description =
          "Check the settings and the files that they name, and exit: 0 if a server would start;"
              + " opens neither the store nor a port")
  private boolean checkConfig;

  @Option(
      names = "--print-config",
      description =
          "Print every setting with its value and where it comes from, without passwords, and exit")
  private boolean printConfig;

  @Option(
      names = "--exit-with",
      paramLabel = "PID",
      description = "Stop when this process has ended")
  private @Nullable Long exitWith;

  private ServerCommand() {}

  /** Runs the command and returns the exit code: 2 for invalid arguments. */
  static int execute(String... arguments) {
    return new CommandLine(new ServerCommand())
        .setParameterExceptionHandler(new UsageErrors())
        .execute(arguments);
  }

  @Override
  public Integer call() throws InterruptedException, ExecutionException {
    try {
      if (logFormat != null) {
        // For what is wrong with the other settings.
        LogFormat.named(logFormat).ifPresent(LogFormat::use);
      }
      LayeredSettings settings = LayeredSettings.read(options(), config);
      if (printConfig) {
        System.out.print(settings.print());
      }
      return printConfig || checkConfig ? check(settings) : Main.serve(settings, exitWith);
    } catch (SettingsException e) {
      Main.fail(String.valueOf(e.getMessage()));
      return 1;
    }
  }

  /** Checks the settings, and the files if this is asked for; returns the exit code. */
  private int check(LayeredSettings given) {
    if (!checkConfig) {
      var unused = given.settings();
      return 0;
    }
    List<String> problems = SettingsCheck.problems(given);
    problems.forEach(System.err::println);
    given.warnings().forEach(System.err::println);
    if (!problems.isEmpty()) {
      return 1;
    }
    StartupWarnings.of(given.settings()).forEach(System.err::println);
    if (!printConfig) {
      System.out.println("The settings are valid.");
    }
    return 0;
  }

  private List<LayeredSettings.Option> options() {
    List<LayeredSettings.Option> given = new ArrayList<>();
    add(given, "--store", store);
    add(given, "--accept-data-loss", acceptDataLoss ? "true" : null);
    add(given, "--import-from", importFrom);
    add(given, "--listen", listen);
    add(given, "--http-listen", httpListen);
    add(given, "--tasks", tasks);
    add(given, "--log-format", logFormat);
    add(given, "--keep-succeeded", keepSucceeded);
    add(given, "--keep-failed", keepFailed);
    add(given, "--keep-cancelled", keepCancelled);
    return given;
  }

  private static void add(
      List<LayeredSettings.Option> given, String option, @Nullable String value) {
    if (value != null) {
      given.add(LayeredSettings.Option.of(option, value));
    }
  }

  /** Prints the version of the jar, and its commit. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {BuildInfo.current().toString()};
    }
  }
}
