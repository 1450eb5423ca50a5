package dev.milepost.cli.jobs;

import dev.milepost.cli.Environment;
import dev.milepost.cli.ExitCodes;
import dev.milepost.cli.UsageException;
import dev.milepost.cli.output.Format;
import dev.milepost.client.JobClient;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobView;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Lists jobs, once or live. */
@Command(
    name = "list",
    aliases = "ls",
    description = "Lists jobs, newest first; with --watch, keeps the list current.")
public final class ListCommand extends JobCommand {
  @Mixin private FilterOptions filter = new FilterOptions();
  @Mixin private JobOutput output = new JobOutput();

  @Option(
      names = {"-n", "--limit"},
      paramLabel = "N",
      defaultValue = "50",
      description = "Maximum number of jobs; 0: all (default: ${DEFAULT-VALUE})")
  private int limit = 50;

  @Option(
      names = "--sort",
      paramLabel = "FIELD",
      defaultValue = "create_time desc",
      description =
          "create_time, update_time, end_time, priority, type or state; add ' desc' to reverse"
              + " (default: ${DEFAULT-VALUE})")
  private String sort = "create_time desc";

  @Option(
      names = {"-w", "--watch"},
      description = "Keeps the list current until Ctrl-C")
  private boolean watch;

  /** Makes the command. */
  public ListCommand(Environment environment) {
    super(environment);
  }

  @Override
  void check() {
    if (limit < 0) {
      throw new UsageException("--limit is " + limit + ", but must be 0 or more.");
    }
    output.check();
    filter.filter();
  }

  @Override
  int run(JobClient client) {
    return watch
        ? new ListWatcher(client, filter.filter(), output, terminal(), limit).run()
        : list(client);
  }

  private int list(JobClient client) {
    Iterator<Job> jobs = client.list(filter.filter(), sort, JobView.JOB_VIEW_FULL).iterator();
    List<Job> shown = new ArrayList<>();
    switch (output.format()) {
      // Printed as they arrive: of a million jobs, none has to be held.
      case JSONL, NAME, YAML -> {
        for (int i = 0; jobs.hasNext() && (limit == 0 || i < limit); i++) {
          output.print(List.of(jobs.next()), terminal());
        }
        return ExitCodes.OK;
      }
      case TABLE, WIDE, JSON -> {
        while (jobs.hasNext() && (limit == 0 || shown.size() < limit)) {
          shown.add(jobs.next());
        }
      }
    }
    if (shown.isEmpty() && output.format() != Format.JSON) {
      terminal().err().println(empty());
      return ExitCodes.OK;
    }
    output.print(shown, terminal());
    if (jobs.hasNext()) {
      terminal()
          .err()
          .printf("More jobs match. --limit %d shows more, --limit 0 all.%n", limit * 2);
    }
    return ExitCodes.OK;
  }

  private String empty() {
    return filter.isEmpty()
        ? "There are no jobs. Create one: milepost submit TYPE --param key=value"
        : "No job matches.";
  }
}
