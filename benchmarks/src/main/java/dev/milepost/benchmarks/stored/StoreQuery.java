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

/** A query of a store with many jobs. */
enum StoreQuery {
  /** The newest jobs of a random owner. */
  NEWEST {
    @Override
    void run(JobServiceGrpc.JobServiceStub stub, int jobs, ClosedLoop.Operation operation) {
      int user = ThreadLocalRandom.current().nextInt(FilledJobs.users(jobs));
      page(stub, JobFilter.newBuilder().setUserId(FilledJobs.user(user)).build(), operation);
    }
  },

  /** The newest cancelled jobs. */
  STATE {
    @Override
    void run(JobServiceGrpc.JobServiceStub stub, int jobs, ClosedLoop.Operation operation) {
      page(stub, JobFilter.newBuilder().addStates(JobState.JOB_STATE_CANCELLED).build(), operation);
    }
  },

  /** The newest jobs of a random type. */
  TYPE {
    @Override
    void run(JobServiceGrpc.JobServiceStub stub, int jobs, ClosedLoop.Operation operation) {
      int type = ThreadLocalRandom.current().nextInt(FilledJobs.TYPES.size());
      page(stub, JobFilter.newBuilder().addTypes(FilledJobs.TYPES.get(type)).build(), operation);
    }
  },

  /** The first twenty pages of all jobs. */
  DEEP {
    @Override
    void run(JobServiceGrpc.JobServiceStub stub, int jobs, ClosedLoop.Operation operation) {
      page(stub, 1, "", operation);
    }

    private void page(
        JobServiceGrpc.JobServiceStub stub,
        int number,
        String token,
        ClosedLoop.Operation operation) {
      stub.listJobs(
          ListJobsRequest.newBuilder().setPageSize(PAGE).setPageToken(token).build(),
          Calls.<ListJobsResponse>then(
              operation,
              page -> {
                String next = page.getNextPageToken();
                if (number == PAGES || next.isEmpty()) {
                  operation.done();
                } else {
                  page(stub, number + 1, next, operation);
                }
              }));
    }
  },

  /** The number of jobs by state. */
  COUNT {
    @Override
    void run(JobServiceGrpc.JobServiceStub stub, int jobs, ClosedLoop.Operation operation) {
      stub.countJobs(
          CountJobsRequest.newBuilder().addGroupBy(JobGroup.JOB_GROUP_STATE).build(),
          Calls.<CountJobsResponse>then(
              operation,
              counts -> {
                if (counts.getTotal() == jobs) {
                  operation.done();
                } else {
                  operation.failed(
                      new IllegalStateException("expected " + jobs + " jobs: " + counts));
                }
              }));
    }
  };

  private static final int PAGE = 50;
  private static final int PAGES = 20;

  /** Runs the query once and completes the operation. */
  abstract void run(JobServiceGrpc.JobServiceStub stub, int jobs, ClosedLoop.Operation operation);

  private static void page(
      JobServiceGrpc.JobServiceStub stub, JobFilter filter, ClosedLoop.Operation operation) {
    page(stub, filter, "", operation);
  }

  /**
   * Reads pages until one has jobs: the server scans a bounded number of jobs for a page, so that
   * it may be empty although more follow. The latency includes them.
   */
  private static void page(
      JobServiceGrpc.JobServiceStub stub,
      JobFilter filter,
      String token,
      ClosedLoop.Operation operation) {
    stub.listJobs(
        ListJobsRequest.newBuilder()
            .setFilter(filter)
            .setPageSize(PAGE)
            .setPageToken(token)
            .build(),
        Calls.<ListJobsResponse>then(
            operation,
            page -> {
              if (page.getJobsCount() > 0) {
                operation.done();
              } else if (!page.getNextPageToken().isEmpty()) {
                page(stub, filter, page.getNextPageToken(), operation);
              } else {
                operation.failed(new IllegalStateException("no job matches " + filter));
              }
            }));
  }
}
