package dev.milepost.cli.jobs;

import dev.milepost.cli.Environment;
import dev.milepost.client.JobClient;
import dev.milepost.v1.JobFilter;
import picocli.CommandLine.Command;

/** Deletes jobs with their journals and items. */
@Command(
    name = "delete",
    aliases = "rm",
    description = "Deletes finished jobs with their journals and items. It cannot be undone.")
public final class DeleteCommand extends ChangeCommand {
  /** Makes the command. */
  public DeleteCommand(Environment environment) {
    super(environment);
  }

  @Override
  String change(JobClient client, String id) {
    client.delete(id);
    return "DELETED";
  }

  @Override
  long preview(JobClient client, JobFilter selected) {
    return client.preview().deleteJobs(selected).count();
  }

  @Override
  long changeAll(JobClient client, JobFilter selected) {
    return client.deleteJobs(selected);
  }

  @Override
  String verb() {
    return "delete";
  }
}
