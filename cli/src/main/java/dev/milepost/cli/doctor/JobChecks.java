package dev.milepost.cli.doctor;

import dev.milepost.client.JobClient;
import dev.milepost.client.JobHandle;
import dev.milepost.client.JobListEvent;
import dev.milepost.client.JobListWatch;
import dev.milepost.client.JobSpec;
import dev.milepost.client.LimitExceededException;
import dev.milepost.v1.JobFilter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Creates a few jobs, sees them arrive in a watch, and deletes them. */
final class JobChecks {
  private static final int JOBS = 5;
  private static final String TYPE = "milepost-doctor";
  private static final String LABEL = "milepost-doctor";
  private static final Duration MAX_CREATE = Duration.ofMillis(200);
  private static final Duration WATCH_TIMEOUT = Duration.ofSeconds(5);

  private final JobClient client;
  private final String run = UUID.randomUUID().toString();

  JobChecks(JobClient client) {
    this.client = client;
  }

  /** Checks; deletes what it has created. */
  List<Finding> run() {
    List<JobHandle> created = new ArrayList<>();
    List<Finding> findings = new ArrayList<>();
    JobFilter ours = JobFilter.newBuilder().addTypes(TYPE).putLabels(LABEL, run).build();
    try (JobListWatch watch = client.watchJobs(ours)) {
      CompletableFuture<Long> arrived = awaitEntered(watch);
      long start = System.nanoTime();
      findings.add(create(created));
      findings.add(live(arrived, start));
    } catch (LimitExceededException e) {
      findings.add(
          Finding.failure(
              "changes",
              String.valueOf(e.getMessage()),
              "Delete jobs that nobody needs, or raise the limit that the message names."));
    } finally {
      created.forEach(job -> client.cancel(job.id(), "a check"));
      created.forEach(job -> client.delete(job.id()));
    }
    return findings;
  }

  private Finding create(List<JobHandle> created) {
    long[] nanos = new long[JOBS];
    for (int i = 0; i < JOBS; i++) {
      long start = System.nanoTime();
      // Not claimed by a worker of all types in the moment that it exists.
      created.add(
          client.create(
              JobSpec.of(TYPE).label(LABEL, run).notBefore(Instant.now().plusSeconds(3_600))));
      nanos[i] = System.nanoTime() - start;
    }
    Arrays.sort(nanos);
    Duration median = Duration.ofNanos(nanos[JOBS / 2]);
    String text =
        String.format(Locale.ROOT, "A job is created in %.1f ms.", median.toNanos() / 1e6);
    return median.compareTo(MAX_CREATE) <= 0
        ? Finding.ok("changes", text)
        : Finding.warning(
            "changes", text, "Look at the disk of the store, and at the load of its machine.");
  }

  private static Finding live(CompletableFuture<Long> arrived, long start) {
    try {
      long nanos = arrived.get(WATCH_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS) - start;
      return Finding.ok(
          "watches", String.format(Locale.ROOT, "A change is seen after %.1f ms.", nanos / 1e6));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } catch (ExecutionException | TimeoutException e) {
      return Finding.failure(
          "watches",
          "A change was not seen within " + WATCH_TIMEOUT.toSeconds() + " s.",
          "A proxy between may hold streams back: let it pass HTTP/2 without buffering.");
    }
  }

  private static CompletableFuture<Long> awaitEntered(JobListWatch watch) {
    CompletableFuture<Long> arrived = new CompletableFuture<>();
    CompletableFuture<Boolean> synced = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                for (JobListEvent event : watch) {
                  if (event instanceof JobListEvent.Synced) {
                    synced.complete(true);
                  } else if (event instanceof JobListEvent.Entered) {
                    arrived.complete(System.nanoTime());
                  }
                }
              } catch (RuntimeException e) {
                arrived.completeExceptionally(e);
              } finally {
                synced.complete(false);
              }
            },
            "milepost-doctor");
    thread.setDaemon(true);
    thread.start();
    var unused =
        synced.completeOnTimeout(false, WATCH_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS).join();
    return arrived;
  }
}
