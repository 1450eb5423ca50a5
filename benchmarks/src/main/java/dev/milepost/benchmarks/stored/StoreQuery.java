package dev.milepost.benchmarks.stored;

import dev.milepost.benchmarks.load.Calls;
import dev.milepost.benchmarks.load.ClosedLoop;
import dev.milepost.benchmarks.load.FilledJobs;
import dev.milepost.v1.CountJobsRequest;
import dev.milepost.v1.CountJobsResponse;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobGroup;
import dev.milepost.v1.JobServiceGrpc;
import dev.milepost.v1.JobState;
import dev.milepost.v1.ListJobsRequest;
import dev.milepost.v1.ListJobsResponse;
import java.util.concurrent.ThreadLocalRandom;

/** What a store with many jobs is asked. */
enum StoreQuery {
  /** The newest jobs of one user: each time of another. */
  NEWEST {
    @Override
    void ask(JobServiceGrpc.JobServiceStub stub, int jobs, ClosedLoop.Turn turn) {
      int user = ThreadLocalRandom.current().nextInt(FilledJobs.users(jobs));
      page(stub, JobFilter.newBuilder().setUserId(FilledJobs.user(user)).build(), turn);
    }
  },

  /** The newest jobs that were cancelled. */
  STATE {
    @Override
    void ask(JobServiceGrpc.JobServiceStub stub, int jobs, ClosedLoop.Turn turn) {
      page(stub, JobFilter.newBuilder().addStates(JobState.JOB_STATE_CANCELLED).build(), turn);
    }
  },

  /** The newest jobs of one type: each time of another. */
  TYPE {
    @Override
    void ask(JobServiceGrpc.JobServiceStub stub, int jobs, ClosedLoop.Turn turn) {
      int type = ThreadLocalRandom.current().nextInt(FilledJobs.TYPES.size());
      page(stub, JobFilter.newBuilder().addTypes(FilledJobs.TYPES.get(type)).build(), turn);
    }
  },

  /** Twenty pages of all jobs, each by the token of the one before it. */
  DEEP {
    @Override
    void ask(JobServiceGrpc.JobServiceStub stub, int jobs, ClosedLoop.Turn turn) {
      page(stub, 1, "", turn);
    }

    private void page(
        JobServiceGrpc.JobServiceStub stub, int number, String token, ClosedLoop.Turn turn) {
      stub.listJobs(
          ListJobsRequest.newBuilder().setPageSize(PAGE).setPageToken(token).build(),
          Calls.<ListJobsResponse>then(
              turn,
              page -> {
                String next = page.getNextPageToken();
                if (number == PAGES || next.isEmpty()) {
                  turn.done();
                } else {
                  page(stub, number + 1, next, turn);
                }
              }));
    }
  },

  /** How many jobs there are, by state. */
  COUNT {
    @Override
    void ask(JobServiceGrpc.JobServiceStub stub, int jobs, ClosedLoop.Turn turn) {
      stub.countJobs(
          CountJobsRequest.newBuilder().addGroupBy(JobGroup.JOB_GROUP_STATE).build(),
          Calls.<CountJobsResponse>then(
              turn,
              counts -> {
                if (counts.getTotal() == jobs) {
                  turn.done();
                } else {
                  turn.failed(new IllegalStateException("not " + jobs + ": " + counts));
                }
              }));
    }
  };

  private static final int PAGE = 50;
  private static final int PAGES = 20;

  /** Asks once, and tells the turn how it went. */
  abstract void ask(JobServiceGrpc.JobServiceStub stub, int jobs, ClosedLoop.Turn turn);

  private static void page(
      JobServiceGrpc.JobServiceStub stub, JobFilter filter, ClosedLoop.Turn turn) {
    page(stub, filter, "", turn);
  }

  /**
   * Asks until there are jobs: a page looks at a bounded number of them, and so may be empty though
   * more follow. What that costs is part of the answer's time.
   */
  private static void page(
      JobServiceGrpc.JobServiceStub stub, JobFilter filter, String token, ClosedLoop.Turn turn) {
    stub.listJobs(
        ListJobsRequest.newBuilder()
            .setFilter(filter)
            .setPageSize(PAGE)
            .setPageToken(token)
            .build(),
        Calls.<ListJobsResponse>then(
            turn,
            page -> {
              if (page.getJobsCount() > 0) {
                turn.done();
              } else if (!page.getNextPageToken().isEmpty()) {
                page(stub, filter, page.getNextPageToken(), turn);
              } else {
                turn.failed(new IllegalStateException("nothing was found by " + filter));
              }
            }));
  }
}
