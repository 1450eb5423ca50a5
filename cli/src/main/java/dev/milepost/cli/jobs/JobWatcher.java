package dev.milepost.cli.jobs;

import dev.milepost.cli.Environment;
import dev.milepost.cli.output.LiveDisplay;
import dev.milepost.cli.output.Terminal;
import dev.milepost.client.JobClient;
import dev.milepost.client.JobEvent;
import dev.milepost.client.JobWatch;
import dev.milepost.client.WatchOptions;
import dev.milepost.v1.Job;
import dev.milepost.v1.JournalEntry;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Follows one job to its end, and shows how it goes on. */
final class JobWatcher {
  private final JobClient client;
  private final Terminal terminal;
  private final LogLine lines;
  private final boolean logs;
  private volatile @Nullable Job job;
  private String shown = "";

  /**
   * Follows jobs.
   *
   * @param logs whether to show log lines too
   */
  JobWatcher(JobClient client, Environment environment, boolean logs) {
    this.client = client;
    this.terminal = environment.terminal();
    this.lines = new LogLine(terminal, environment.zone(), false);
    this.logs = logs;
  }

  /** Follows a job until it has finished; returns the exit code that tells how. */
  int follow(String id) {
    WatchOptions options = logs ? WatchOptions.defaults() : WatchOptions.defaults().progressOnly();
    try (JobWatch watch = client.watch(id, options)) {
      if (terminal.interactive()) {
        try (LiveDisplay display = new LiveDisplay(terminal, () -> JobPanel.lines(job, terminal))) {
          watch.forEach(event -> draw(event, display));
        }
      } else {
        watch.forEach(this::print);
      }
    }
    Job last = job;
    return States.exitCode((last == null ? client.get(id) : last).getStatus().getState());
  }

  private void draw(JobEvent event, LiveDisplay display) {
    JournalEntry entry = apply(event);
    if (entry != null) {
      display.above(lines.of(entry));
    }
  }

  private void print(JobEvent event) {
    JournalEntry entry = apply(event);
    if (entry != null) {
      terminal.out().println(lines.of(entry));
      return;
    }
    Job now = job;
    String line = now == null ? "" : JobPanel.line(now, Instant.now());
    // A status may change in what the line does not show.
    if (!line.isEmpty() && !line.equals(shown)) {
      terminal.out().println(line);
      shown = line;
    }
  }

  /** Keeps the state of the job; returns the journal entry, if that is what the event has. */
  private @Nullable JournalEntry apply(JobEvent event) {
    Job before = job;
    if (event instanceof JobEvent.Snapshot snapshot) {
      job = snapshot.job();
    } else if (event instanceof JobEvent.Status status && before != null) {
      job = before.toBuilder().setStatus(status.status()).build();
    } else if (event instanceof JobEvent.Entry entry) {
      return entry.entry();
    }
    return null;
  }
}
