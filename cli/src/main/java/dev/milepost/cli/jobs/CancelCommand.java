package dev.milepost.cli.jobs;

import dev.milepost.cli.Environment;
import dev.milepost.client.JobClient;
import dev.milepost.v1.JobFilter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Cancels jobs. */
@Command(
    name = "cancel",
    description = {
      "Cancels jobs: a queued one at once; a running one is asked to stop, and is CANCELLING until"
          + " its worker has.",
      "By a filter, it says how many jobs these are, asks, and prints how many it has cancelled."
    })
public final class CancelCommand extends ChangeCommand {
  @Option(
      names = {"-r", "--reason"},
      paramLabel = "TEXT",
      description = "Why; the worker and the journal are told")
  private String reason = "";

  @Option(names = "--wait", description = "Waits until the named jobs have finished")
  private boolean wait;

  /** Makes the command. */
  public CancelCommand(Environment environment) {
    super(environment);
  }

  @Override
  String change(JobClient client, String id) {
    String state = States.word(client.cancel(id, reason));
    return wait ? States.word(client.attach(id).await()) : state;
  }

  @Override
  long preview(JobClient client, JobFilter selected) {
    return client.preview().cancelJobs(selected);
  }

  @Override
  long changeAll(JobClient client, JobFilter selected) {
    return client.cancelJobs(selected, reason);
  }

  @Override
  String verb() {
    return "cancel";
  }
}
