package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.milepost.v1.Job;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.WatchJobRequest;
import io.grpc.Status.Code;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Limits of a connection, and calls that are open to all callers. */
class ServerLimitsTest {
  @Test
  void anOversizedMessageIsRefusedAndTheConnectionSurvives() {
    try (TestServer server = TestServer.start()) {
      TestClient ann = server.client();
      Failure failure =
          Failure.of(
              () ->
                  ann.create(
                      JobSpec.newBuilder().setType("a").setDisplayName("x".repeat(4 << 20))));
      assertThat(failure.code()).isEqualTo(Code.RESOURCE_EXHAUSTED);
      assertThat(ann.create("a").getId()).isNotEmpty();
    }
  }

  @Test
  void oversizedHeadersAreRefusedAndTheConnectionSurvives() {
    try (TestServer server = TestServer.start()) {
      TestClient ann = server.client();
      Failure failure = Failure.of(() -> ann.with("x-fat", "x".repeat(20_000)).create("a"));
      assertThat(failure.code()).isNotEqualTo(Code.OK);
      assertThat(ann.create("a").getId()).isNotEmpty();
    }
  }

  @Test
  void aCallAboveTheLimitOfItsConnectionIsRefusedWithTheReason() throws Exception {
    try (TestServer server =
        TestServer.start(
            Map.of("milepost.limits.calls-per-connection", 3, "milepost.limits.user-streams", 0))) {
      TestClient ann = server.client();
      Job job = ann.create("a");
      List<JobWatchRecorder> watches = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        watches.add(ann.watch(WatchJobRequest.newBuilder().setJobId(job.getId())).awaitMessages(1));
      }
      Failure failure = Failure.of(() -> ann.get(job.getId()));
      assertThat(failure.code()).isEqualTo(Code.RESOURCE_EXHAUSTED);
      assertThat(failure.info().getMetadataMap())
          .containsEntry("limit", "milepost.limits.calls-per-connection");
      // Each connection has its own limit.
      assertThat(server.client().get(job.getId())).isEqualTo(job);
      watches.get(0).cancel();
      await().ignoreExceptions().until(() -> ann.get(job.getId()).equals(job));
    }
  }

  @Test
  void aUserWithTooManyStreamsOnOneConnectionIsToldThatLimit() {
    try (TestServer server =
        TestServer.start(
            Map.of("milepost.limits.calls-per-connection", 3, "milepost.limits.user-streams", 2))) {
      TestClient ann = server.client();
      Job job = ann.create("a");
      for (int i = 0; i < 2; i++) {
        ann.watch(WatchJobRequest.newBuilder().setJobId(job.getId())).awaitMessages(1);
      }
      Failure failure = ann.watch(job.getId()).awaitFailure();
      assertThat(failure.code()).isEqualTo(Code.RESOURCE_EXHAUSTED);
      assertThat(failure.info().getMetadataMap())
          .containsEntry("limit", "milepost.limits.user-streams");
      assertThat(ann.get(job.getId())).isEqualTo(job);
    }
  }

  @Test
  void aClientThatResetsTooManyStreamsIsDisconnected() {
    try (TestServer server = TestServer.start(Map.of("milepost.limits.resets-per-window", 10))) {
      TestClient ann = server.client();
      Job job = ann.create("a");
      JobWatchRecorder staying = ann.watch(job.getId()).awaitMessages(1);
      for (int i = 0; i < 20 && !staying.isOver(); i++) {
        JobWatchRecorder going = ann.watch(WatchJobRequest.newBuilder().setJobId(job.getId()));
        await().until(() -> going.isOver() || !going.messages().isEmpty());
        going.cancel();
      }
      await().until(staying::isOver);
      assertThat(server.client().get(job.getId())).isEqualTo(job);
    }
  }

  @Test
  void healthChecksNeedNoCredentials() {
    try (TestServer server = TestServer.start()) {
      HealthGrpc.HealthBlockingStub health =
          HealthGrpc.newBlockingStub(server.client().anonymous().channel());
      for (String service : List.of("", "milepost.v1.JobService", "milepost.v1.WorkerService")) {
        assertThat(
                health
                    .check(HealthCheckRequest.newBuilder().setService(service).build())
                    .getStatus())
            .isEqualTo(ServingStatus.SERVING);
      }
    }
  }

  @Test
  void reflectionListsTheServices() throws Exception {
    try (TestServer server = TestServer.start()) {
      ResponseRecorder<ServerReflectionResponse> answer = new ResponseRecorder<>();
      StreamObserver<ServerReflectionRequest> questions =
          ServerReflectionGrpc.newStub(server.client().anonymous().channel())
              .serverReflectionInfo(answer);
      questions.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());
      questions.onCompleted();
      answer.awaitEnd();
      assertThat(answer.last().getListServicesResponse().getServiceList())
          .extracting(service -> service.getName())
          .contains("milepost.v1.JobService", "milepost.v1.WorkerService", "grpc.health.v1.Health");
    }
  }
}
