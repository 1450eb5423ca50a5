package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import com.google.api.gax.longrunning.OperationFuture;
import com.google.api.gax.rpc.ApiException;
import com.google.api.gax.rpc.ClientContext;
import com.google.api.gax.rpc.NotFoundException;
import com.google.api.gax.rpc.OperationCallable;
import com.google.api.gax.rpc.StatusCode;
import com.google.longrunning.GetOperationRequest;
import com.google.longrunning.Operation;
import com.google.longrunning.OperationsClient;
import com.google.longrunning.WaitOperationRequest;
import com.google.longrunning.stub.GrpcOperationsStub;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobStatus;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Google's own client library for long-running operations follows jobs, knowing only their types.
 */
class LongRunningClientTest {
  private final TestServer server = TestServer.start();
  private final TestClient ann = server.client();
  private ManagedChannel channel;
  private OperationsClient operations;
  private OperationCallable<GetOperationRequest, Job, JobStatus> jobs;

  @BeforeEach
  void connect() throws Exception {
    channel = LongRunningExample.connect(server.port(), "ann");
    ClientContext context = LongRunningExample.context(channel);
    operations = OperationsClient.create(GrpcOperationsStub.create(context));
    jobs = LongRunningExample.jobs(context, Duration.ofMillis(20));
  }

  @AfterEach
  void stop() throws Exception {
    operations.close();
    channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    server.close();
  }

  private OperationFuture<Job, JobStatus> follow(HeldJob work) {
    return jobs.resumeFutureCall("operations/" + work.jobId());
  }

  private static void awaitProgress(OperationFuture<Job, JobStatus> future, long current) {
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> future.peekMetadata().get().getProgress().getCurrent() == current);
  }

  @Test
  void aJobIsPolledToItsEnd() throws Exception {
    HeldJob work = ann.start("a");
    work.progress(1, 3);
    OperationFuture<Job, JobStatus> future = follow(work);
    awaitProgress(future, 1);
    assertThat(future.peekMetadata().get().getState()).isEqualTo(JobState.JOB_STATE_RUNNING);
    work.progress(2, 3);
    awaitProgress(future, 2);
    assertThat(future).isNotDone();
    Job done = work.complete();
    assertThat(future.get(20, TimeUnit.SECONDS)).isEqualTo(done);
    assertThat(future.getMetadata().get().getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(future.getName()).isEqualTo("operations/" + work.jobId());
    assertThat(jobs.call(GetOperationRequest.newBuilder().setName(future.getName()).build()))
        .isEqualTo(done);
  }

  @Test
  void theExampleShowsTheProgressAndReturnsTheJob() throws Exception {
    HeldJob work = ann.start("a");
    Job followed =
        LongRunningExample.follow(
            jobs,
            work.jobId(),
            status -> {
              long current = status.getProgress().getCurrent();
              if (status.getState() == JobState.JOB_STATE_RUNNING && current < 3) {
                work.progress(current + 1, 3);
              } else if (status.getState() == JobState.JOB_STATE_RUNNING) {
                work.complete();
              }
            });
    assertThat(followed).isEqualTo(ann.get(work.jobId()));
    assertThat(followed.getStatus().getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(followed.getStatus().getProgress().getCurrent()).isEqualTo(3);
  }

  @Test
  void theDocumentedExampleMatchesTheCode() throws IOException {
    assertThat(between("```java\n", "```", Path.of("..", "docs", "LONG_RUNNING.md")))
        .isEqualTo(
            between(
                "// example begins",
                "// example ends",
                Path.of("src/test/java/dev/milepost/server/grpc/LongRunningExample.java")));
  }

  /** Removes white space, which depends on the formatter. */
  private static String between(String begin, String end, Path file) throws IOException {
    String text = Files.readString(file);
    int from = text.indexOf(begin) + begin.length();
    return text.substring(from, text.indexOf(end, from)).replaceAll("\\s", "");
  }

  @Test
  void aJobThatFailsIsAnApiException() {
    HeldJob work = ann.start("a");
    OperationFuture<Job, JobStatus> future = follow(work);
    work.fail("NOT_FOUND", false);
    assertThat(failure(future))
        .isInstanceOf(NotFoundException.class)
        .hasMessageContaining("It broke.");

    HeldJob other = ann.start("a");
    other.fail("BROKEN", false);
    assertThat(((ApiException) failure(follow(other))).getStatusCode().getCode())
        .isEqualTo(StatusCode.Code.UNKNOWN);
  }

  private static Throwable failure(OperationFuture<Job, JobStatus> future) {
    Throwable thrown = catchThrowable(() -> future.get(20, TimeUnit.SECONDS));
    return thrown instanceof ExecutionException ? thrown.getCause() : thrown;
  }

  @Test
  void aJobIsCancelled() throws Exception {
    HeldJob work = ann.start("a");
    OperationFuture<Job, JobStatus> future = follow(work);
    jobs.cancel("operations/" + work.jobId()).get(20, TimeUnit.SECONDS);
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> future.peekMetadata().get().getState() == JobState.JOB_STATE_CANCELLING);
    work.confirmCancel();
    Throwable thrown = failure(future);
    assertThat(((ApiException) thrown).getStatusCode().getCode())
        .isEqualTo(StatusCode.Code.CANCELLED);
  }

  @Test
  void aMissingJobIsAnApiException() {
    Throwable thrown = catchThrowable(() -> operations.getOperation("operations/no-such-job"));
    assertThat(thrown).isInstanceOf(NotFoundException.class);
    assertThat(((ApiException) thrown).getReason()).isEqualTo("JOB_NOT_FOUND");
    assertThat(((ApiException) thrown).getDomain()).isEqualTo("milepost.dev");
  }

  @Test
  void theGenericClientListsWaitsCancelsAndDeletes() {
    List<String> made = new ArrayList<>();
    for (int i = 0; i < 120; i++) {
      made.add("operations/" + ann.create("a").getId());
    }
    List<String> listed = new ArrayList<>();
    for (Operation each : operations.listOperations("operations", "done = false").iterateAll()) {
      listed.add(each.getName());
    }
    assertThat(listed).containsExactlyInAnyOrderElementsOf(made);

    String first = made.get(0);
    operations.cancelOperation(first);
    Operation ended =
        operations.waitOperation(WaitOperationRequest.newBuilder().setName(first).build());
    assertThat(ended.getDone()).isTrue();
    operations.deleteOperation(first);
    assertThat(catchThrowable(() -> operations.getOperation(first)))
        .isInstanceOf(NotFoundException.class);
  }
}
