package dev.milepost.cli.jobs;

import dev.milepost.cli.Environment;
import dev.milepost.cli.ExitCodes;
import dev.milepost.client.JobClient;
import dev.milepost.v1.Job;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Shows jobs by their ids. */
@Command(name = "get", description = "Shows jobs as they are now.")
public final class GetCommand extends JobCommand {
  @Parameters(arity = "1..*", paramLabel = "JOB", description = "Ids of the jobs")
  private List<String> ids = List.of();

  @Mixin private JobOutput output = new JobOutput();

  /** Makes the command. */
  public GetCommand(Environment environment) {
    super(environment);
  }

  @Override
  void check() {
    output.check();
  }

  @Override
  int run(JobClient client) {
    List<Job> jobs = ids.stream().map(client::get).toList();
    if (jobs.size() == 1) {
      output.printOne(jobs.get(0), terminal());
    } else {
      output.print(jobs, terminal());
    }
    return ExitCodes.OK;
  }
}
