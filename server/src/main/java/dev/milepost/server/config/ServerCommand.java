package dev.milepost.server.config;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command line in full: its options, its help and its commands. */
@Command(
    name = "milepost-server",
    description = "Keeps the status of jobs, and tells everybody who may know.",
    mixinStandardHelpOptions = true,
    versionProvider = ServerCommand.Version.class,
    subcommands = TokenCommand.class,
    sortOptions = false)
final class ServerCommand implements Callable<Integer> {
  @Option(
      names = ServerOptions.STORE,
      paramLabel = "URL",
      description =
          "Where jobs are kept: sqlite:PATH or memory: (default: sqlite:data/milepost.db)")
  private @Nullable String store;

  @Option(
      names = ServerOptions.LISTEN,
      paramLabel = "HOST:PORT",
      description = "Where to serve (default: localhost:7300); port 0 takes a free one")
  private @Nullable String listen;

  @Option(
      names = ServerOptions.METRICS_ADDRESS,
      paramLabel = "HOST:PORT",
      description =
          "Where the metrics page is (default: localhost:7301 if it is free); port 0 takes a free"
              + " one; off: none")
  private @Nullable String metricsAddress;

  @Option(
      names = ServerOptions.CONFIG,
      paramLabel = "FILE",
      description = "Settings that differ from the defaults (HOCON)")
  private @Nullable Path config;

  @Option(
      names = ServerOptions.EXIT_WITH,
      paramLabel = "PID",
      description = "Stop when this process has ended")
  private @Nullable Long exitWith;

  private ServerCommand() {}

  /** Does what the arguments say, and returns the exit code: 2 where they are wrong. */
  static int execute(String... arguments) {
    return new CommandLine(new ServerCommand()).execute(arguments);
  }

  @Override
  public Integer call() throws InterruptedException, ExecutionException {
    return Main.serve(new ServerOptions(store, listen, metricsAddress, config, exitWith));
  }

  /** The version that stands in the jar. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {Main.version()};
    }
  }
}
