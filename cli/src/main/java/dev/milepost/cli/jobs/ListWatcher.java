package dev.milepost.cli.jobs;

import dev.milepost.cli.ExitCodes;
import dev.milepost.cli.output.Format;
import dev.milepost.cli.output.LiveDisplay;
import dev.milepost.cli.output.Terminal;
import dev.milepost.client.JobClient;
import dev.milepost.client.JobListEvent;
import dev.milepost.client.JobListWatch;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobFilter;
import java.util.List;

/**
 * Keeps a list of jobs current: on a terminal as a table in place, elsewhere as a line for each
 * change. It ends with the process.
 */
final class ListWatcher {
  private final JobClient client;
  private final JobFilter filter;
  private final JobOutput output;
  private final Terminal terminal;
  private final int limit;

  ListWatcher(JobClient client, JobFilter filter, JobOutput output, Terminal terminal, int limit) {
    this.client = client;
    this.filter = filter;
    this.output = output;
    this.terminal = terminal;
    this.limit = limit;
  }

  int run() {
    boolean table = output.format() == Format.TABLE || output.format() == Format.WIDE;
    try (JobListWatch watch = client.watchJobs(filter)) {
      if (table && terminal.interactive()) {
        draw(watch);
      } else {
        watch.forEach(this::print);
      }
    }
    return ExitCodes.OK;
  }

  private void draw(JobListWatch watch) {
    LiveJobs jobs = new LiveJobs(limit);
    try (LiveDisplay unused = new LiveDisplay(terminal, () -> jobs.lines(output, terminal))) {
      watch.forEach(jobs::apply);
    }
  }

  private void print(JobListEvent event) {
    if (event instanceof JobListEvent.SnapshotJob snapshot) {
      print(snapshot.job());
    } else if (event instanceof JobListEvent.Entered entered) {
      print(entered.job());
    } else if (event instanceof JobListEvent.Changed changed) {
      print(changed.job());
    } else if (event instanceof JobListEvent.Left left) {
      print(left.job());
    }
  }

  private void print(Job job) {
    output.print(List.of(job), terminal);
  }
}
