package dev.milepost.benchmarks.foreign;

import com.google.protobuf.Message;
import dev.milepost.v1.CancelJobRequest;
import dev.milepost.v1.GetJobRequest;
import dev.milepost.v1.JobServiceGrpc.JobServiceBlockingStub;
import dev.milepost.v1.ListJournalRequest;
import dev.milepost.v1.WatchJobRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** A call about a job that the caller cannot see. */
enum Probe {
  GET,
  CANCEL,
  WATCH,
  JOURNAL;

  private static final long TIMEOUT_SECONDS = 60;

  /** Returns its name in figures. */
  String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Makes the call. Returns how long it took, in nanoseconds.
   *
   * @throws IllegalStateException if the job was found
   */
  long nanos(JobServiceBlockingStub jobs, String id) {
    long from = System.nanoTime();
    try {
      call(jobs.withDeadlineAfter(TIMEOUT_SECONDS, TimeUnit.SECONDS), id);
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() == Status.Code.NOT_FOUND) {
        return System.nanoTime() - from;
      }
      throw e;
    }
    throw new IllegalStateException("the job " + id + " of another user was found");
  }

  private void call(JobServiceBlockingStub jobs, String id) {
    Message unused =
        switch (this) {
          case GET -> jobs.getJob(GetJobRequest.newBuilder().setJobId(id).build());
          case CANCEL -> jobs.cancelJob(CancelJobRequest.newBuilder().setJobId(id).build());
          case WATCH -> jobs.watchJob(WatchJobRequest.newBuilder().setJobId(id).build()).next();
          case JOURNAL -> jobs.listJournal(ListJournalRequest.newBuilder().setJobId(id).build());
        };
  }
}
