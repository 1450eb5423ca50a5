package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.SettableClock;
import dev.milepost.server.store.StoreDamage;
import dev.milepost.server.store.postgres.PostgresDamage;
import dev.milepost.server.store.redis.RedisDamage;
import dev.milepost.server.store.sqlite.SqliteDamage;
import dev.milepost.v1.AdminServiceGrpc;
import dev.milepost.v1.CountJobsRequest;
import dev.milepost.v1.EraseUserRequest;
import dev.milepost.v1.EraseUserResponse;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobState;
import dev.milepost.v1.ListJobsRequest;
import dev.milepost.v1.StartTaskRequest;
import dev.milepost.v1.TaskServiceGrpc;
import dev.milepost.v1.Webhook;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What an erasure must not leave: webhooks on their way, damaged jobs, children of tasks. */
class EraseLeftoversTest {
  private static final String MARK = "Planted-Personal-Data-9c1e";
  private static final String DEFINITIONS =
      """
      tasks:
        - name: publish
          scope: ITEM_SET
          steps:
            - {name: resize, type: resize}
            - {name: send, type: send}
      """;

  @TempDir Path directory;

  private static EraseUserResponse erase(TestClient root) {
    return AdminServiceGrpc.newBlockingStub(root.channel())
        .eraseUser(
            EraseUserRequest.newBuilder()
                .setTenantId("default")
                .setUserId("ann")
                .setCancelRunning(true)
                .build());
  }

  private static void eraseAll(TestClient root) {
    await().atMost(Duration.ofSeconds(30)).until(() -> erase(root).getComplete());
    assertThat(count(root)).isZero();
  }

  private static long count(TestClient root) {
    return root.jobs()
        .countJobs(
            CountJobsRequest.newBuilder()
                .setFilter(JobFilter.newBuilder().setTenantId("default").setUserId("ann"))
                .build())
        .getTotal();
  }

  /** Receives webhooks, and responds to each when it is told to: with 500. */
  private static final class Receiver implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<String> received = new CopyOnWriteArrayList<>();
    private final CountDownLatch mayRespond = new CountDownLatch(1);

    Receiver() throws IOException {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.setExecutor(threads);
      server.createContext(
          "/",
          exchange -> {
            received.add(exchange.getRequestURI().getPath());
            try {
              mayRespond.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
            exchange.sendResponseHeaders(500, -1);
            exchange.close();
          });
      server.start();
    }

    String url(String path) {
      return "http://localhost:%d/%s".formatted(server.getAddress().getPort(), path);
    }

    @Override
    public void close() {
      mayRespond.countDown();
      server.stop(0);
      threads.shutdownNow();
    }
  }

  private static JobSpec.Builder notifying(String url) {
    return JobSpec.newBuilder()
        .setType("a")
        .setWebhook(Webhook.newBuilder().setUrl(url).setSecret(MARK));
  }

  @Test
  void webhooksThatAreNotDeliveredAreRemovedAndNotSentAgain() throws IOException {
    SettableClock clock = new SettableClock();
    Path file = directory.resolve("jobs.db");
    try (Receiver receiver = new Receiver();
        TestServer server = TestServer.on(file, clock)) {
      TestClient ann = server.client();
      TestClient root = ann.as("root").in("ADMIN");
      ann.start(notifying(receiver.url(MARK))).complete();
      await().until(() -> receiver.received.size() == 1);

      eraseAll(root);
      assertThat(isIn(file)).isFalse();
      assertThat(isIn(directory.resolve("jobs.db-wal"))).isFalse();
      // The try that was in progress ends now, and its result has no job.
      receiver.mayRespond.countDown();
      ann.as("bob").start(notifying(receiver.url("of-bob"))).complete();
      await().until(() -> receiver.received.contains("/of-bob"));
      for (int hour = 0; hour < 24; hour++) {
        int before = receiver.received.size();
        clock.advance(Duration.ofHours(1));
        if (hour < 3) {
          // Bob's webhook is tried again: the server did look for what is due.
          await().until(() -> receiver.received.size() > before);
        }
      }
      assertThat(receiver.received).filteredOn(path -> path.contains(MARK)).hasSize(1);
      assertThat(count(root)).isZero();
      assertThat(isIn(file)).isFalse();
    }
  }

  private static boolean isIn(Path file) throws IOException {
    return Files.exists(file)
        && new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains(MARK);
  }

  @ParameterizedTest
  @EnumSource(
      value = EraseUserTest.Store.class,
      names = {"SQLITE", "POSTGRES", "REDIS"})
  void damagedJobsAreRemoved(EraseUserTest.Store store) throws Exception {
    String url = store.url(directory);
    StoreDamage damage =
        switch (store) {
          case SQLITE -> new SqliteDamage(directory.resolve("jobs.db"));
          case POSTGRES -> new PostgresDamage(url);
          default -> new RedisDamage(url, 1);
        };
    Map<String, Object> settings =
        Map.of("milepost.store", url, "milepost.limits.batch-items-per-job", 1);
    List<JobKey> damaged = new ArrayList<>();
    String bobs;
    try (TestServer server = TestServer.inRealTime(settings)) {
      TestClient ann = server.client();
      damaged.add(new JobKey("default", ann.create("queued").getId()));
      ann.create("queued");
      damaged.add(new JobKey("default", ann.start("running").jobId()));
      HeldJob finished = ann.start("finished");
      finished.complete();
      damaged.add(new JobKey("default", finished.jobId()));
      String batch = BatchSender.make(ann, JobSpec.newBuilder().setType("b"), 2).getJob().getId();
      damaged.add(new JobKey("default", children(ann, batch).get(0).getId()));
      String whole = BatchSender.make(ann, JobSpec.newBuilder().setType("b"), 2).getJob().getId();
      damaged.add(new JobKey("default", whole));
      bobs = ann.as("bob").create("queued").getId();
      damaged.add(new JobKey("default", bobs));
    }
    damage.jobs(damaged, StoreDamage.Damage.GARBAGE);
    try (TestServer server = TestServer.inRealTime(settings)) {
      TestClient root = server.client().as("root").in("ADMIN");
      assertThat(count(root)).isEqualTo(10);

      eraseAll(root);

      assertThat(Failure.of(() -> root.get(bobs)).reason()).isEqualTo("JOB_UNREADABLE");
      assertThat(
              root.jobs()
                  .listJobs(
                      ListJobsRequest.newBuilder()
                          .setFilter(JobFilter.newBuilder().setTenantId("default"))
                          .build())
                  .getUnreadableJobIdsList())
          .hasSize(1);
    }
  }

  private static List<Job> children(TestClient client, String parent) {
    return client
        .jobs()
        .listJobs(
            ListJobsRequest.newBuilder()
                .setFilter(JobFilter.newBuilder().setParentId(parent))
                .build())
        .getJobsList();
  }

  @ParameterizedTest
  @EnumSource(EraseUserTest.Store.class)
  void childrenOfTasksGoWithTheirTask(EraseUserTest.Store store) throws Exception {
    Path definitions = Files.writeString(directory.resolve("tasks.yaml"), DEFINITIONS);
    Map<String, Object> settings =
        Map.of(
            "milepost.store", store.url(directory), "milepost.tasks.file", definitions.toString());
    try (TestServer server = TestServer.inRealTime(settings)) {
      TestClient ann = server.client();
      TestClient root = ann.as("root").in("ADMIN");
      // One task whose second step runs, one that has ended, one that nobody has begun.
      startTask(ann);
      ann.claim().complete();
      HeldJob second = awaitClaim(ann, "send");
      String ended = startTask(ann);
      awaitClaim(ann, "resize").fail("BROKEN", false);
      await().until(() -> ann.get(ended).getStatus().getState() == JobState.JOB_STATE_FAILED);
      startTask(ann);
      startTask(ann.as("bob"));
      long found = count(root);
      assertThat(found).isGreaterThanOrEqualTo(7);

      EraseUserResponse answer = erase(root);
      assertThat(answer.getComplete()).isFalse();
      await()
          .atMost(Duration.ofSeconds(20))
          .until(
              () ->
                  ann.get(second.jobId()).getStatus().getState() == JobState.JOB_STATE_CANCELLING);
      second.confirmCancel();
      eraseAll(root);

      assertThat(
              root.jobs()
                  .listJobs(
                      ListJobsRequest.newBuilder()
                          .setFilter(JobFilter.newBuilder().setTenantId("default"))
                          .build())
                  .getJobsList())
          .isNotEmpty()
          .allMatch(job -> job.getUserId().equals("bob"));
    }
  }

  private static String startTask(TestClient client) {
    return TaskServiceGrpc.newBlockingStub(client.channel())
        .startTask(StartTaskRequest.newBuilder().setDefinition("publish").build())
        .getTask()
        .getJob()
        .getId();
  }

  private static HeldJob awaitClaim(TestClient client, String type) {
    List<HeldJob> claimed = new ArrayList<>();
    await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () ->
                claimed.addAll(
                    client.works(
                        client
                            .worker()
                            .claimJobs(
                                TestClient.claimRequest().addTypes(type).setMaxJobs(1).build()))));
    return claimed.get(0);
  }
}
