package dev.milepost.cli.jobs;

import dev.milepost.cli.Environment;
import dev.milepost.client.JobClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Watches one job until it has finished. */
@Command(
    name = "watch",
    description = {
      "Shows the progress of a job until it has finished: on a terminal in place, elsewhere a line"
          + " for each change.",
      "Exit code: 0 succeeded, 4 failed, 5 cancelled. For many jobs: milepost list --watch"
    })
public final class WatchCommand extends JobCommand {
  @Parameters(paramLabel = "JOB", description = "Id of the job")
  private String id = "";

  @Option(names = "--logs", description = "Shows its log lines too")
  private boolean logs;

  /** Makes the command. */
  public WatchCommand(Environment environment) {
    super(environment);
  }

  @Override
  int run(JobClient client) {
    return new JobWatcher(client, environment(), logs).follow(id);
  }
}
