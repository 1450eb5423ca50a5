package dev.milepost.testing;

import dev.milepost.client.JobClient;
import dev.milepost.client.JobHandle;
import dev.milepost.v1.Job;
import java.lang.ref.Cleaner;

/** Handles of jobs that exist in a test only, for unit tests of code that takes a handle. */
public final class JobHandles {
  private static final Cleaner CLEANER = Cleaner.create();

  private JobHandles() {}

  /**
   * Returns a handle whose job never changes, and which needs no server. It answers {@code get},
   * {@code await}, {@code completion}, {@code progress}, {@code outcome} and {@code result}; any
   * other call, and a wait for a job that has not finished, fails with a {@link
   * dev.milepost.client.JobException} that says so.
   *
   * @param job the job with its status
   */
  public static JobHandle of(Job job) {
    JobClient client =
        JobClient.builder("localhost:1")
            .plaintext()
            .channel(channel -> channel.intercept(new OneJob(job)))
            .build();
    JobHandle handle = client.attach(job.getId());
    // A handle cannot be closed, and gRPC complains about clients that are lost without being.
    CLEANER.register(handle, client::close);
    return handle;
  }
}
