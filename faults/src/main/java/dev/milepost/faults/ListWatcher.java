package dev.milepost.faults;

import dev.milepost.client.JobClient;
import dev.milepost.client.JobException;
import dev.milepost.client.JobListEvent;
import dev.milepost.client.JobListWatch;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Watches all jobs of a type in its own thread. Thread-safe. */
final class ListWatcher {
  private final String name;
  private final JobListWatch watch;
  private final Map<String, JobState> states = new HashMap<>();
  private final List<String> violations = new ArrayList<>();

  ListWatcher(String name, JobClient client, String type) {
    this.name = name;
    this.watch = client.watchJobs(JobFilter.newBuilder().addTypes(type).build());
    new Thread(this::follow, name).start();
  }

  private void follow() {
    try {
      watch.forEach(this::receive);
    } catch (JobException e) {
      synchronized (this) {
        violations.add(name + ": the watch failed: " + e.getMessage());
        notifyAll();
      }
    }
  }

  private synchronized void receive(JobListEvent event) {
    if (event instanceof JobListEvent.SnapshotStarted) {
      states.clear();
    } else if (event instanceof JobListEvent.SnapshotJob shown) {
      put(shown.job());
    } else if (event instanceof JobListEvent.Entered entered) {
      put(entered.job());
    } else if (event instanceof JobListEvent.Changed changed) {
      put(changed.job());
    } else if (event instanceof JobListEvent.Left left) {
      states.remove(left.job().getId());
    }
    notifyAll();
  }

  private void put(Job job) {
    states.put(job.getId(), job.getStatus().getState());
  }

  /** Waits until the watch shows the actual states, and returns the differences that remain. */
  synchronized List<String> check(Map<String, JobState> actual, long millis)
      throws InterruptedException {
    long deadline = System.nanoTime() + millis * 1_000_000;
    while (!states.equals(actual) && violations.isEmpty() && System.nanoTime() < deadline) {
      wait(50);
    }
    List<String> all = new ArrayList<>(violations);
    if (!states.equals(actual)) {
      actual.forEach(
          (id, state) -> {
            if (!Objects.equals(states.get(id), state)) {
              all.add(name + ": shows " + id + " as " + states.get(id) + " instead of " + state);
            }
          });
      states.keySet().stream()
          .filter(id -> !actual.containsKey(id))
          .forEach(id -> all.add(name + ": shows " + id + ", which does not exist"));
    }
    watch.close();
    return all;
  }
}
