package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.RetryInfo;
import dev.milepost.server.access.AccessException;
import dev.milepost.server.access.Authenticator;
import dev.milepost.server.access.CallMetadata;
import dev.milepost.server.access.Caller;
import dev.milepost.server.access.CredentialChecks;
import dev.milepost.server.access.Role;
import dev.milepost.server.store.SettableClock;
import dev.milepost.v1.GetJobRequest;
import dev.milepost.v1.GetJobResponse;
import dev.milepost.v1.Job;
import io.grpc.Status.Code;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
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

  /** Starts a server at which an address becomes suspect with its second failure. */
  private static TestServer start(SlowChecks checks) {
    return TestServer.start(
        Map.of("milepost.auth.failures-per-minute", 1, "milepost.auth.failure-delay", "1ms"),
        new SettableClock(),
        binder -> binder.bind(Authenticator.class).toInstance(checks));
  }

  private static void fail(TestClient client, int times) {
    for (int i = 0; i < times; i++) {
      TestClient guess = client.with(SlowChecks.HEADER, "bad-" + i);
      assertThat(Failure.of(() -> guess.get("a")).code()).isEqualTo(Code.UNAUTHENTICATED);
    }
  }

  @Test
  void aCallEndsAlthoughTheCheckOfItsCredentialFailsUnexpectedly() {
    try (TestServer server = start(new SlowChecks())) {
      TestClient client = server.client();
      fail(client, 2);
      assertThat(Failure.of(present(client, "broken")::soon).code()).isEqualTo(Code.INTERNAL);
      assertThat(client.with(SlowChecks.HEADER, "good-1").create("a").getId()).isNotEmpty();
    }
  }

  @Test
  void aNewCredentialOfSuchAnAddressIsCheckedOnAThreadOfItsOwn() {
    SlowChecks checks = new SlowChecks();
    try (TestServer server = start(checks)) {
      TestClient client = server.client();
      TestClient known = client.with(SlowChecks.HEADER, "good-1");
      Job job = known.create("a");
      fail(client, 5);
      assertThat(known.get(job.getId())).isEqualTo(job);
      TestClient other = client.with(SlowChecks.HEADER, "good-2");
      assertThat(other.get(job.getId())).isEqualTo(job);
      other.watch(job.getId()).awaitMessages(1);
      // One failure was within the limit.
      assertThat(checks.threads)
          .extractingByKeys("bad-1", "bad-2", "bad-3", "bad-4", "good-2")
          .allMatch(thread -> thread.startsWith("milepost-credential-checks"));
      assertThat(checks.threads)
          .extractingByKeys("good-1", "bad-0")
          .noneMatch(thread -> thread.startsWith("milepost-credential-checks"));
    }
  }

  @Test
  void credentialsBeyondThoseThatWaitAreRefusedForAMoment() throws Exception {
    SlowChecks checks = new SlowChecks();
    try (TestServer server = start(checks)) {
      TestClient client = server.client();
      TestClient known = client.with(SlowChecks.HEADER, "good-1");
      Job job = known.create("a");
      fail(client, 2);
      checks.block();
      List<PendingCall<GetJobRequest, GetJobResponse>> guesses = new ArrayList<>();
      guesses.add(present(client, "guess"));
      checks.awaitBlocked();
      for (int i = 0; i < CredentialChecks.MAX_WAITING_PER_ADDRESS; i++) {
        guesses.add(present(client, "guess-" + i));
      }
      TestClient late = client.with(SlowChecks.HEADER, "good-late");
      Failure refused = Failure.of(() -> late.get(job.getId()));
      assertThat(refused.code()).isEqualTo(Code.RESOURCE_EXHAUSTED);
      assertThat(refused.info().getMetadataMap())
          .containsEntry("limit", "milepost.auth.failures-per-minute");
      assertThat(refused.detail(RetryInfo.class)).isPresent();
      // A credential that was used before is served meanwhile.
      assertThat(known.get(job.getId())).isEqualTo(job);
      checks.release();
      for (PendingCall<GetJobRequest, GetJobResponse> guess : guesses) {
        assertThat(Failure.of(guess::soon).code()).isEqualTo(Code.UNAUTHENTICATED);
      }
      assertThat(late.get(job.getId())).isEqualTo(job);
    }
  }

  private static PendingCall<GetJobRequest, GetJobResponse> present(
      TestClient client, String credential) {
    return PendingCall.call(
        client.with(SlowChecks.HEADER, credential).jobsAsync()::getJob,
        GetJobRequest.newBuilder().setJobId("a").build());
  }

  /** Accepts credentials that begin with "good", and remembers what it has seen. */
  private static final class SlowChecks implements Authenticator {
    private static final String HEADER = "x-credential";

    /** The thread that saw a credential first. */
    private final Map<String, String> threads = new ConcurrentHashMap<>();

    private final CountDownLatch blocked = new CountDownLatch(1);
    private volatile CountDownLatch released = new CountDownLatch(0);

    /** Makes checks of guesses wait until they are released. */
    void block() {
      released = new CountDownLatch(1);
    }

    void awaitBlocked() throws InterruptedException {
      blocked.await();
    }

    void release() {
      released.countDown();
    }

    @Override
    public Caller authenticate(CallMetadata call) {
      String credential = call.header(HEADER).orElseThrow();
      if (credential.equals("broken")) {
        throw new IllegalStateException("a fault of the check");
      }
      if (credential.startsWith("guess")) {
        blocked.countDown();
        try {
          released.await();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
      threads.putIfAbsent(credential, Thread.currentThread().getName());
      if (!credential.startsWith("good")) {
        throw new AccessException.Unauthenticated("This credential is wrong.");
      }
      return new Caller("default", "ann", Set.of(Role.USER, Role.WORKER));
    }

    @Override
    public boolean isCostly(CallMetadata call) {
      return !threads.containsKey(call.header(HEADER).orElseThrow());
    }

    @Override
    public void recheck(Caller caller) {}
  }
}
