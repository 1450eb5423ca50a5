package dev.milepost.benchmarks.life;

import dev.milepost.benchmarks.load.Connection;
import dev.milepost.v1.CountJobsRequest;
import dev.milepost.v1.GetJobRequest;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobServiceGrpc;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.ListJournalRequest;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Counts acknowledged lives and checks that the store holds them. Thread-safe. */
final class LifeTally {
  private static final int SAMPLE_INTERVAL = 50;

  private final AtomicLong count = new AtomicLong();
  private final Queue<String> samples = new ConcurrentLinkedQueue<>();

  void acknowledged(String jobId) {
    if (count.getAndIncrement() % SAMPLE_INTERVAL == 0) {
      samples.add(jobId);
    }
  }

  /**
   * Fails if the store does not hold exactly the acknowledged lives, or if one of a sample of them
   * is incomplete.
   *
   * @param connection of the user who owns the jobs
   * @return the number of acknowledged lives
   */
  long check(Connection connection) {
    JobServiceGrpc.JobServiceBlockingStub jobs =
        JobServiceGrpc.newBlockingStub(connection.channel());
    long stored =
        jobs.withDeadlineAfter(60, TimeUnit.SECONDS)
            .countJobs(
                CountJobsRequest.newBuilder()
                    .setFilter(JobFilter.newBuilder().addStates(JobState.JOB_STATE_SUCCEEDED))
                    .build())
            .getTotal();
    if (stored != count.get()) {
      throw new IllegalStateException(
          "the store holds %d jobs that succeeded, and %d were acknowledged"
              .formatted(stored, count.get()));
    }
    for (String id : samples) {
      checkOne(jobs.withDeadlineAfter(60, TimeUnit.SECONDS), id);
    }
    return stored;
  }

  private static void checkOne(JobServiceGrpc.JobServiceBlockingStub jobs, String id) {
    Job job = jobs.getJob(GetJobRequest.newBuilder().setJobId(id).build()).getJob();
    long progress = job.getStatus().getProgress().getCurrent();
    long lines =
        jobs
            .listJournal(ListJournalRequest.newBuilder().setJobId(id).setPageSize(1_000).build())
            .getEntriesList()
            .stream()
            .filter(JournalEntry::hasLog)
            .count();
    if (progress != LifeReports.PROGRESS || lines != LifeReports.LINES) {
      throw new IllegalStateException(
          "the store holds progress %d and %d log lines of %s".formatted(progress, lines, id));
    }
  }
}
