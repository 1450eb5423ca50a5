package dev.milepost.cli.jobs;

import dev.milepost.cli.Environment;
import dev.milepost.client.JobClient;
import dev.milepost.v1.JobFilter;
import picocli.CommandLine.Command;

/** Queues failed and cancelled jobs again. */
@Command(name = "retry", description = "Queues jobs again that failed or were cancelled.")
public final class RetryCommand extends ChangeCommand {
  /** Makes the command. */
  public RetryCommand(Environment environment) {
    super(environment);
  }

  @Override
  String change(JobClient client, String id) {
    return States.word(client.retry(id));
  }

  @Override
  long preview(JobClient client, JobFilter selected) {
    return client.preview().retryJobs(selected);
  }

  @Override
  long changeAll(JobClient client, JobFilter selected) {
    return client.retryJobs(selected);
  }

  @Override
  String verb() {
    return "retry";
  }
}
