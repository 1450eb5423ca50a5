package dev.milepost.benchmarks.soak;

import dev.milepost.benchmarks.load.Connection;
import dev.milepost.v1.CountJobsRequest;
import dev.milepost.v1.CountJobsResponse;
import dev.milepost.v1.JobCount;
import dev.milepost.v1.JobGroup;
import dev.milepost.v1.JobServiceGrpc;
import dev.milepost.v1.JobState;
import java.util.concurrent.TimeUnit;

/** Compares the counts of a store with what was acknowledged. */
final class SoakCheck {
  private final Connection connection;

  SoakCheck(Connection connection) {
    this.connection = connection;
  }

  void counts(long created, long completed, long running) {
    CountJobsResponse counts =
        JobServiceGrpc.newBlockingStub(connection.channel())
            .withDeadlineAfter(60, TimeUnit.SECONDS)
            .countJobs(CountJobsRequest.newBuilder().addGroupBy(JobGroup.JOB_GROUP_STATE).build());
    require("jobs", counts.getTotal(), created);
    require("jobs that succeeded", of(counts, JobState.JOB_STATE_SUCCEEDED), completed);
    require("running jobs", of(counts, JobState.JOB_STATE_RUNNING), running);
  }

  private static long of(CountJobsResponse counts, JobState state) {
    return counts.getCountsList().stream()
        .filter(count -> count.getState() == state)
        .mapToLong(JobCount::getCount)
        .sum();
  }

  private static void require(String what, long stored, long acknowledged) {
    if (stored != acknowledged) {
      throw new IllegalStateException(
          "the store holds %d %s, but %d were acknowledged".formatted(stored, what, acknowledged));
    }
  }
}
