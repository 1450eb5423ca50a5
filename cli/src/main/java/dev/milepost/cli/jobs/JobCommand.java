package dev.milepost.cli.jobs;

import dev.milepost.cli.Environment;
import dev.milepost.cli.connection.ServerOptions;
import dev.milepost.cli.output.Terminal;
import dev.milepost.client.JobClient;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;

/** A command that talks to a server: connects, runs, and closes the connection. */
abstract class JobCommand implements Callable<Integer> {
  private final Environment environment;

  @ArgGroup(validate = false, exclusive = false, order = 100, heading = "%nConnection:%n")
  private ServerOptions server = new ServerOptions();

  JobCommand(Environment environment) {
    this.environment = environment;
  }

  @Override
  public final Integer call() {
    check();
    try (JobClient client = server.connect(environment)) {
      return run(client);
    }
  }

  /**
   * Checks what the command line says, before anything is connected.
   *
   * @throws dev.milepost.cli.UsageException if it is wrong
   */
  void check() {}

  /** Does the work; returns the exit code. */
  abstract int run(JobClient client);

  Environment environment() {
    return environment;
  }

  Terminal terminal() {
    return environment.terminal();
  }
}
