package dev.milepost.cli.jobs;

import dev.milepost.cli.output.Color;
import dev.milepost.cli.output.Terminal;
import dev.milepost.cli.output.Times;
import dev.milepost.client.JobListEvent;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The jobs of a list watch as they are now, newest first. Thread-safe. */
final class LiveJobs {
  /** Jobs that are kept. More than any terminal has lines. */
  private static final int MAX_KEPT = 1_000;

  /** Lines of the terminal beside the jobs: counts, headings, cursor. */
  private static final int OTHER_LINES = 3;

  private static final Comparator<Job> NEWEST_FIRST =
      Comparator.<Job, Instant>comparing(job -> Times.instant(job.getCreateTime()))
          .thenComparing(Job::getId)
          .reversed();

  private final int limit;
  private final Map<String, Job> jobs = new HashMap<>();
  private Map<JobState, Long> counts = Map.of();
  private boolean synced;

  /**
   * No jobs yet.
   *
   * @param limit maximum number of jobs to show; 0: as many as the terminal has lines for
   */
  LiveJobs(int limit) {
    this.limit = limit == 0 ? MAX_KEPT : limit;
  }

  synchronized void apply(JobListEvent event) {
    if (event instanceof JobListEvent.SnapshotStarted) {
      jobs.clear();
      synced = false;
    } else if (event instanceof JobListEvent.SnapshotJob snapshot) {
      put(snapshot.job());
    } else if (event instanceof JobListEvent.Synced end) {
      counts = end.counts();
      synced = true;
    } else if (event instanceof JobListEvent.Entered entered) {
      put(entered.job());
      counts = entered.counts();
    } else if (event instanceof JobListEvent.Changed changed) {
      put(changed.job());
      counts = changed.counts();
    } else if (event instanceof JobListEvent.Left left) {
      jobs.remove(left.job().getId());
      counts = left.counts();
    }
  }

  /** The counts by state, and the table of the newest jobs. */
  synchronized List<String> lines(JobOutput output, Terminal terminal) {
    if (!synced) {
      return List.of(terminal.paint(Color.DIM, "Reading the list…"));
    }
    List<Job> shown =
        jobs.values().stream()
            .sorted(NEWEST_FIRST)
            .limit(Math.min(limit, Math.max(1, terminal.rows() - OTHER_LINES)))
            .toList();
    List<String> lines = new ArrayList<>();
    lines.add(summary(terminal));
    if (!shown.isEmpty()) {
      lines.addAll(output.lines(shown, terminal));
    }
    return lines;
  }

  private void put(Job job) {
    jobs.put(job.getId(), job);
    if (jobs.size() > 2 * MAX_KEPT) {
      List<Job> sorted = new ArrayList<>(jobs.values());
      sorted.sort(NEWEST_FIRST);
      sorted.subList(MAX_KEPT, sorted.size()).forEach(old -> jobs.remove(old.getId()));
    }
  }

  private String summary(Terminal terminal) {
    List<String> parts = new ArrayList<>();
    for (JobState state : JobState.values()) {
      long count = counts.getOrDefault(state, 0L);
      if (count > 0) {
        parts.add(
            terminal.paint(
                States.color(state),
                String.format(Locale.ROOT, "%s %,d", States.word(state), count)));
      }
    }
    return parts.isEmpty() ? "No job matches." : String.join("   ", parts);
  }
}
