package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.milepost.server.app.CallerLimits;
import dev.milepost.server.app.QuotaLimits;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.Decision;
import dev.milepost.server.store.Selection;
import dev.milepost.v1.CompleteJobRequest;
import dev.milepost.v1.CompleteJobResponse;
import dev.milepost.v1.CreateJobRequest;
import dev.milepost.v1.CreateJobResponse;
import dev.milepost.v1.JobSpec;
import io.grpc.Status.Code;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A server whose store is behind rejects new changes, and remains healthy. */
class OverloadTest {
  private static final CreateJobRequest CREATION =
      CreateJobRequest.newBuilder().setSpec(JobSpec.newBuilder().setType("a")).build();

  @Test
  void newChangesAreRejectedWhileTheStoreIsBehind() throws Exception {
    CountDownLatch goOn = new CountDownLatch(1);
    try (BareServer server =
        BareServer.start(
            new CallerLimits(0, 0, Duration.ofSeconds(1), 0, QuotaLimits.NONE, 2_000, 4))) {
      TestClient ann = server.caller("acme ann USER");
      HeldJob work = ann.start("a");
      var busy =
          server
              .store()
              .update(
                  Selection.of(new JobKey("acme", "any")),
                  found -> {
                    try {
                      goOn.await();
                    } catch (InterruptedException e) {
                      throw new IllegalStateException(e);
                    }
                    return Decision.nothing("done");
                  });
      // The update above counts too. Concurrent calls may be admitted together, so this repeats
      // until one is rejected.
      List<PendingCall<?, CreateJobResponse>> creations = new ArrayList<>();
      await()
          .until(
              () -> {
                creations.add(PendingCall.call(ann.jobsAsync()::createJob, CREATION));
                return creations.stream().anyMatch(CompletableFuture::isCompletedExceptionally);
              });
      Failure refused =
          Failure.of(
              creations.stream()
                      .filter(CompletableFuture::isCompletedExceptionally)
                      .findFirst()
                      .orElseThrow()
                  ::soon);
      assertThat(refused.code()).isEqualTo(Code.RESOURCE_EXHAUSTED);
      assertThat(refused.info().getMetadataMap())
          .containsEntry("limit", "milepost.limits.store-changes")
          .containsEntry("subject", "server");
      assertThat(Failure.of(() -> work.progress(1, 2)).code()).isEqualTo(Code.RESOURCE_EXHAUSTED);
      // Health checks are answered; calls that end an attempt wait like the others.
      assertThat(
              HealthGrpc.newBlockingStub(ann.channel())
                  .check(HealthCheckRequest.getDefaultInstance())
                  .getStatus())
          .isEqualTo(ServingStatus.SERVING);
      Future<CompleteJobResponse> ending =
          PendingCall.call(
              ann.workerAsync()::completeJob,
              CompleteJobRequest.newBuilder()
                  .setJobId(work.jobId())
                  .setAttemptToken(work.token())
                  .build());
      goOn.countDown();
      assertThat(busy.toCompletableFuture().get(20, TimeUnit.SECONDS)).isEqualTo("done");
      int created = 0;
      for (PendingCall<?, CreateJobResponse> one : creations) {
        if (!one.handle((answer, failure) -> failure != null).get(20, TimeUnit.SECONDS)) {
          assertThat(one.soon().getCreated()).isTrue();
          created++;
        }
      }
      assertThat(created).isBetween(3, creations.size() - 1);
      assertThat(ending.get(20, TimeUnit.SECONDS).getJob().getId()).isEqualTo(work.jobId());
      await().ignoreExceptions().until(() -> !ann.create("a").getId().isEmpty());
    } finally {
      goOn.countDown();
    }
  }
}
