package dev.milepost.faults;

import dev.milepost.client.JobClient;
import dev.milepost.client.JobEvent;
import dev.milepost.client.JobException;
import dev.milepost.client.JobWatch;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JournalEntry;
import java.util.ArrayList;
import java.util.List;

/** Watches one job from creation to end in its own thread. Thread-safe. */
final class Watcher {
  private final String jobId;
  private final String name;
  private final JobWatch watch;
  private final Thread thread;
  private final List<JournalEntry> seen = new ArrayList<>();
  private final List<String> violations = new ArrayList<>();
  private JobState last = JobState.JOB_STATE_UNSPECIFIED;
  private boolean ended;

  Watcher(String name, JobClient client, String jobId) {
    this.name = name;
    this.jobId = jobId;
    this.watch = client.watch(jobId);
    this.thread = new Thread(this::follow, name);
    thread.start();
  }

  String jobId() {
    return jobId;
  }

  private void follow() {
    try {
      for (JobEvent event : watch) {
        receive(event);
      }
      synchronized (this) {
        ended = true;
      }
    } catch (JobException e) {
      synchronized (this) {
        violations.add(name + ": the watch of " + jobId + " failed: " + e.getMessage());
      }
    }
  }

  private synchronized void receive(JobEvent event) {
    if (event instanceof JobEvent.Entry entry) {
      seen.add(entry.entry());
    } else if (event instanceof JobEvent.Snapshot snapshot) {
      last = snapshot.job().getStatus().getState();
    } else if (event instanceof JobEvent.Status status) {
      last = status.status().getState();
    } else if (event instanceof JobEvent.Skipped skipped) {
      violations.add(name + ": " + skipped + " of " + jobId + ", although no entry is evicted");
    }
  }

  /**
   * Waits for the end of the watch and returns what was wrong with it.
   *
   * @param state final state of the job
   */
  List<String> check(JobState state, List<JournalEntry> journal, long millis)
      throws InterruptedException {
    thread.join(Math.max(1, millis));
    boolean timely;
    synchronized (this) {
      timely = ended || !violations.isEmpty();
    }
    watch.close();
    synchronized (this) {
      List<String> all = new ArrayList<>(violations);
      String who = name + " at " + jobId;
      if (!timely) {
        all.add(who + ": the watch does not end; it received " + seen.size() + " entries");
      }
      if (last != state) {
        all.add(who + ": the last state that it received is " + last + " instead of " + state);
      }
      all.addAll(Checker.checkWatch(who, seen, journal));
      return all;
    }
  }
}
