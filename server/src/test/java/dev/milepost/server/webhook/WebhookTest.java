package dev.milepost.server.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.milepost.server.grpc.BatchSender;
import dev.milepost.server.grpc.HeldJob;
import dev.milepost.server.grpc.TestClient;
import dev.milepost.server.grpc.TestServer;
import dev.milepost.server.job.JobCommand;
import dev.milepost.server.job.Times;
import dev.milepost.server.store.SettableClock;
import dev.milepost.server.store.StoreHarness;
import dev.milepost.server.store.memory.MemoryJobStore;
import dev.milepost.server.upkeep.JobTicker;
import dev.milepost.server.upkeep.TickObserver;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.Webhook;
import dev.milepost.v1.WebhookDelivery;
import dev.milepost.v1.WebhookDeliveryState;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Delivers the end of a job to a real receiver. */
class WebhookTest {
  private static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

  private Receiver receiver;

  @BeforeEach
  void open() throws Exception {
    receiver = new Receiver();
  }

  @AfterEach
  void close() {
    receiver.close();
  }

  private JobSpec.Builder spec() {
    return JobSpec.newBuilder()
        .setType("a")
        .setWebhook(Webhook.newBuilder().setUrl(receiver.url()).setSecret(SECRET));
  }

  private static WebhookDelivery delivery(TestClient client, String jobId) {
    return client.get(jobId).getStatus().getWebhookDeliveries(0);
  }

  /** Waits until the result of this try is recorded. */
  private static WebhookDelivery awaitTried(TestClient client, String jobId, int tries) {
    await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> {
              WebhookDelivery delivery = delivery(client, jobId);
              boolean isNoted = delivery.getStatusCode() != 0 || !delivery.getError().isEmpty();
              return delivery.getTries() == tries && isNoted;
            });
    return delivery(client, jobId);
  }

  /** Advances the clock to the time of the next try. */
  private static void pass(SettableClock clock, WebhookDelivery delivery) {
    clock.advance(Duration.between(clock.instant(), Times.instant(delivery.getNextTryTime())));
  }

  private static void awaitDelivered(TestClient client, String jobId) {
    await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () ->
                delivery(client, jobId).getDeliveryState()
                    == WebhookDeliveryState.WEBHOOK_DELIVERY_STATE_DELIVERED);
  }

  @Test
  void onlyTheBatchIsNotifiedNotItsChildren() throws Exception {
    try (TestServer server = TestServer.start(Map.of("milepost.limits.batch-items-per-job", 1))) {
      TestClient ann = server.client();
      String batch = BatchSender.make(ann, spec(), 3).getJob().getId();
      List<HeldJob> works = new ArrayList<>();
      await().until(() -> works.addAll(ann.claim(10)) && works.size() == 3);
      works.forEach(HeldJob::complete);

      awaitDelivered(ann, batch);
      assertThat(receiver.calls()).hasSize(1);
      assertThat(receiver.calls().get(0).body()).contains(batch).contains("SUCCEEDED");
    }
  }

  @Test
  void afterThreeFailuresTheFourthTryHasTheSameId() {
    receiver.answering(500, 503, 404);
    try (TestServer server = TestServer.start()) {
      TestClient ann = server.client();
      HeldJob work = ann.start(spec());
      work.complete();

      for (int tries = 1; tries <= 3; tries++) {
        int soMany = tries;
        await()
            .atMost(Duration.ofSeconds(20))
            .until(
                () -> {
                  WebhookDelivery delivery = delivery(ann, work.jobId());
                  return delivery.getTries() == soMany
                      && delivery.getStatusCode() == (soMany == 1 ? 500 : soMany == 2 ? 503 : 404);
                });
        pass(server.clock(), delivery(ann, work.jobId()));
      }
      awaitDelivered(ann, work.jobId());

      assertThat(delivery(ann, work.jobId()).getTries()).isEqualTo(4);
      assertThat(receiver.calls()).hasSize(4);
      assertThat(receiver.calls())
          .allSatisfy(
              call -> {
                assertThat(call.path()).isEqualTo("/hook?key=1");
                assertThat(call.header("Webhook-id"))
                    .isEqualTo(delivery(ann, work.jobId()).getId());
                assertThat(call.header("Webhook-signature"))
                    .isEqualTo(
                        WebhookMessage.sign(
                            SECRET,
                            call.header("Webhook-id"),
                            Long.parseLong(call.header("Webhook-timestamp")),
                            call.body()));
                assertThat(call.header("Content-type")).startsWith("application/cloudevents+json");
              });
    }
  }

  @Test
  void pendingNotificationsAreSentByTheNextServer(@TempDir Path directory) {
    receiver.answering(500);
    SettableClock clock = new SettableClock();
    Path file = directory.resolve("m.db");
    String jobId;
    String id;
    try (TestServer server = TestServer.on(file, clock)) {
      TestClient ann = server.client();
      HeldJob work = ann.start(spec());
      work.complete();
      jobId = work.jobId();
      WebhookDelivery tried = awaitTried(ann, jobId, 1);
      id = tried.getId();
      assertThat(tried.getStatusCode()).isEqualTo(500);
    }
    clock.advance(Duration.ofSeconds(30));
    try (TestServer server = TestServer.on(file, clock)) {
      TestClient ann = server.client();
      awaitDelivered(ann, jobId);
      assertThat(delivery(ann, jobId).getTries()).isEqualTo(2);
    }
    assertThat(receiver.calls())
        .extracting(call -> call.header("Webhook-id"))
        .containsExactly(id, id);
  }

  @Test
  void aRedirectIsNotFollowed() {
    receiver.answering(302);
    try (TestServer server = TestServer.start()) {
      TestClient ann = server.client();
      HeldJob work = ann.start(spec());
      work.complete();

      WebhookDelivery tried = awaitTried(ann, work.jobId(), 1);

      assertThat(tried.getStatusCode()).isEqualTo(302);
      assertThat(tried.getError()).isEqualTo("The receiver did not respond with 2xx.");
      assertThat(receiver.calls()).extracting(Receiver.Call::path).containsExactly("/hook?key=1");
    }
  }

  @Test
  void noWebhookIsSentToLoopbackIfNoLongerAllowed(@TempDir Path directory) {
    String store = "sqlite:" + directory.resolve("jobs.db");
    HeldJob work;
    try (TestServer server =
        TestServer.start(Map.of("milepost.store", store, "milepost.webhooks.loopback", "on"))) {
      work = server.client().start(spec());
    }
    try (TestServer server =
        TestServer.start(Map.of("milepost.store", store, "milepost.webhooks.loopback", "off"))) {
      TestClient ann = server.client();
      var unused = work.by(ann).complete();

      WebhookDelivery tried = awaitTried(ann, work.jobId(), 1);

      assertThat(tried.getError()).contains("the server's own machine");
      assertThat(receiver.calls()).isEmpty();
    }
  }

  /** The guard comes before the connection: any connection made here is an error. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://169.254.169.254/latest",
        "https://10.0.0.1/",
        "https://[::1]/",
        "https://metadata.example/",
        "https://private.example/",
        "https://loopback.example/",
        "https://mixed.example/"
      })
  void noConnectionIsMadeToARejectedAddress(String url) {
    SettableClock clock = new SettableClock();
    AtomicInteger posters = new AtomicInteger();
    try (MemoryJobStore store = new MemoryJobStore(clock, StoreHarness.CAP)) {
      StoreHarness harness = new StoreHarness(store, clock);
      WebhookSender sender =
          new WebhookSender(
              store,
              harness.rules(),
              clock,
              new AddressGuard(AddressGuardTest::resolve, false),
              () -> {
                posters.incrementAndGet();
                throw new AssertionError("a connection was wanted");
              },
              WebhookObserver.NONE);
      try (sender;
          JobTicker ticker =
              new JobTicker(
                  store,
                  harness.rules(),
                  Duration.ofMillis(10),
                  sender::committed,
                  TickObserver.NONE)) {
        harness.create("j1", StoreHarness.spec().setWebhook(Webhook.newBuilder().setUrl(url)));
        harness.apply("j1", new JobCommand.Cancel("ann", "", null));
        await()
            .atMost(Duration.ofSeconds(20))
            .until(
                () ->
                    !harness
                        .get("j1")
                        .orElseThrow()
                        .getJob()
                        .getStatus()
                        .getWebhookDeliveries(0)
                        .getError()
                        .isEmpty());
        WebhookDelivery tried =
            harness.get("j1").orElseThrow().getJob().getStatus().getWebhookDeliveries(0);
        assertThat(tried.getStatusCode()).isZero();
        assertThat(tried.getError()).startsWith("The webhook ");
        assertThat(tried.getDeliveryState())
            .isEqualTo(WebhookDeliveryState.WEBHOOK_DELIVERY_STATE_PENDING);
        assertThat(posters).hasValue(0);
      }
    }
  }
}
