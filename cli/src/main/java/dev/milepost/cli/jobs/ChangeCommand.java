package dev.milepost.cli.jobs;

import dev.milepost.cli.Environment;
import dev.milepost.cli.ExitCodes;
import dev.milepost.cli.UsageException;
import dev.milepost.client.JobClient;
import dev.milepost.client.JobException;
import dev.milepost.v1.JobFilter;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Changes jobs: those named by their ids, or all that a filter selects, after it has said how many
 * these are.
 */
abstract class ChangeCommand extends JobCommand {
  @Parameters(arity = "0..*", paramLabel = "JOB", description = "Ids of the jobs")
  private List<String> ids = List.of();

  @Mixin private FilterOptions filter = new FilterOptions();

  @Option(names = "--all", description = "All jobs that you may change")
  private boolean all;

  @Option(
      names = {"-y", "--yes"},
      description = "Does not ask before it changes the jobs of a filter")
  private boolean yes;

  ChangeCommand(Environment environment) {
    super(environment);
  }

  /** Changes one job; returns what came of it, such as "CANCELLING". */
  abstract String change(JobClient client, String id);

  /** How many jobs a filter would change. */
  abstract long preview(JobClient client, JobFilter selected);

  /** Changes all jobs of a filter; returns how many. */
  abstract long changeAll(JobClient client, JobFilter selected);

  /** The verb, such as "cancel". */
  abstract String verb();

  @Override
  final void check() {
    boolean selects = !filter.isEmpty() || all;
    if (ids.isEmpty() == !selects || (all && !filter.isEmpty())) {
      throw new UsageException(
          "Name jobs by their ids, or select them by options such as --state, or say --all.");
    }
  }

  @Override
  final int run(JobClient client) {
    return ids.isEmpty() ? changeSelected(client) : changeNamed(client);
  }

  // The server refuses a filter that selects nothing in particular, lest one be forgotten.
  private JobFilter selected() {
    return all ? JobFilter.newBuilder().addAllStates(States.ALL).build() : filter.filter();
  }

  private int changeNamed(JobClient client) {
    int exit = ExitCodes.OK;
    for (String id : ids) {
      try {
        terminal().out().println(id + " " + change(client, id));
      } catch (JobException e) {
        if (ids.size() == 1) {
          throw e;
        }
        // The others are changed all the same.
        terminal().err().println(id + ": " + e.getMessage());
        exit = ExitCodes.FAILED;
      }
    }
    return exit;
  }

  private int changeSelected(JobClient client) {
    JobFilter selected = selected();
    if (!yes) {
      long count = preview(client, selected);
      if (count == 0) {
        terminal().err().println("No job matches that could be changed.");
        return ExitCodes.OK;
      }
      String question =
          String.format(
              Locale.ROOT,
              "%s %,d %s?",
              Character.toUpperCase(verb().charAt(0)) + verb().substring(1),
              count,
              count == 1 ? "job" : "jobs");
      if (!new Confirmation(environment()).ask(question)) {
        terminal().err().println("Nothing was changed.");
        return ExitCodes.FAILED;
      }
    }
    terminal().out().printf(Locale.ROOT, "%,d%n", changeAll(client, selected));
    return ExitCodes.OK;
  }
}
