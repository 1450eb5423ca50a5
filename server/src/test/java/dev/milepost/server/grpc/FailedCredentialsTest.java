package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.v1.GetJobRequest;
import dev.milepost.v1.GetJobResponse;
import dev.milepost.v1.Job;
import io.grpc.Status.Code;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** An address that guesses credentials is answered late; whoever has one is not. */
class FailedCredentialsTest {
  private static PendingCall<GetJobRequest, GetJobResponse> guess(TestClient client) {
    return PendingCall.call(
        client.anonymous().jobsAsync()::getJob, GetJobRequest.newBuilder().setJobId("a").build());
  }

  @Test
  void aFailureBeyondTheLimitWaitsAndAValidCredentialDoesNot() {
    Map<String, Object> settings =
        Map.of("milepost.auth.failures-per-minute", 3, "milepost.auth.failure-delay", "1h");
    try (TestServer server = TestServer.inRealTime(settings)) {
      TestClient ann = server.client();
      Job job = ann.create("a");
      for (int i = 0; i < 3; i++) {
        assertThat(Failure.of(() -> ann.anonymous().get(job.getId())).code())
            .isEqualTo(Code.UNAUTHENTICATED);
      }
      List<PendingCall<GetJobRequest, GetJobResponse>> late = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        late.add(guess(ann));
      }
      assertThat(ann.get(job.getId())).isEqualTo(job);
      assertThat(late).noneMatch(PendingCall::isDone);
    }
  }

  @Test
  void aLateAnswerIsTheSame() {
    Map<String, Object> settings =
        Map.of("milepost.auth.failures-per-minute", 1, "milepost.auth.failure-delay", "1ms");
    try (TestServer server = TestServer.inRealTime(settings)) {
      TestClient ann = server.client();
      for (int i = 0; i < 5; i++) {
        Failure failure = Failure.of(() -> ann.anonymous().get("a"));
        assertThat(failure.code()).isEqualTo(Code.UNAUTHENTICATED);
        assertThat(failure.reason()).isEqualTo("UNAUTHENTICATED");
      }
    }
  }
}
