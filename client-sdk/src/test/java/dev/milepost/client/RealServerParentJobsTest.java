package dev.milepost.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milepost.v1.Item;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobState;
import dev.milepost.v1.SubOperationState;
import dev.milepost.v1.Task;
import dev.milepost.v1.TaskDefinition;
import dev.milepost.v1.TaskStep;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests batches and tasks against the real server. */
@Timeout(60)
class RealServerParentJobsTest {
  private static final JobSpec SPEC = JobSpec.of("resize").maxRetries(0);

  @TempDir Path directory;

  private static Iterable<Item> items(int many, IntConsumer beforeEach) {
    return () ->
        IntStream.range(0, many)
            .peek(beforeEach)
            .mapToObj(i -> Item.newBuilder().setId("i" + i).build())
            .iterator();
  }

  @Test
  void createsRunsAndShowsABatchAsOneJob() throws Exception {
    try (TestServer server = TestServer.inMemory();
        JobClient client = JobClient.builder(server.target()).user("ann").build()) {
      JobHandle batch = client.createBatch(SPEC, items(4_500, i -> {}));
      Set<String> seen = ConcurrentHashMap.newKeySet();
      try (Worker worker =
          client
              .worker()
              .concurrency(2)
              .handler("resize", job -> job.items().all().forEach(item -> seen.add(item.getId())))
              .start()) {
        Job done = batch.await();
        assertThat(done.getStatus().getProgress().getPercent()).isEqualTo(100);
        assertThat(done.getStatus().getChildCounts().getSucceeded()).isEqualTo(3);
      }
      assertThat(seen).hasSize(4_500);
    }
  }

  @Test
  void sendsTheItemsAgainAfterARestartAndCreatesOneBatch() {
    try (TestServer server = TestServer.durable(directory);
        JobClient client = JobClient.builder(server.target()).user("ann").build()) {
      AtomicInteger restarts = new AtomicInteger();
      JobHandle batch =
          client.createBatch(
              SPEC,
              CreateOptions.defaults().jobId("mine"),
              items(
                  9_000,
                  i -> {
                    if (i == 5_000 && restarts.getAndIncrement() == 0) {
                      server.restart();
                    }
                  }));

      assertThat(batch.progress().total()).hasValue(9_000);
      // The server removes what the first try created.
      Awaitility.await()
          .atMost(20, TimeUnit.SECONDS)
          .untilAsserted(
              () -> assertThat(client.count(JobFilter.getDefaultInstance())).isEqualTo(6));
    }
  }

  @Test
  void givesUpOnAServerThatKeepsFailing() throws Exception {
    AtomicInteger passes = new AtomicInteger();
    try (TestServer server = TestServer.inMemory();
        CutProxy proxy = new CutProxy(server.port());
        JobClient client =
            JobClient.builder(proxy.target())
                .user("ann")
                .callTimeout(Duration.ofSeconds(2))
                .build()) {
      Iterable<Item> items =
          items(
              6_000,
              i -> {
                if (i == 5_000) {
                  passes.incrementAndGet();
                  cut(proxy);
                }
              });
      assertThatThrownBy(() -> client.createBatch(SPEC, items))
          .isInstanceOf(ServerUnavailableException.class);
      assertThat(passes).hasValueGreaterThan(1);
    }
  }

  private static void cut(CutProxy proxy) {
    try {
      proxy.cut();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void removesTheBatchIfTheItemsCannotBeRead() {
    try (TestServer server = TestServer.inMemory();
        JobClient client = JobClient.builder(server.target()).user("ann").build()) {
      Iterable<Item> broken =
          items(
              9_000,
              i -> {
                if (i == 5_000) {
                  throw new IllegalStateException("no more");
                }
              });
      assertThatThrownBy(() -> client.createBatch(SPEC, broken))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("no more");
      Awaitility.await()
          .atMost(20, TimeUnit.SECONDS)
          .untilAsserted(() -> assertThat(client.count(JobFilter.getDefaultInstance())).isZero());

      assertThatThrownBy(() -> client.createBatch(SPEC, List.of()))
          .isInstanceOf(InvalidRequestException.class)
          .hasMessageContaining("items must be at least one");
    }
  }

  @Test
  void runsTheStepsOfATask() throws IOException {
    Path file = directory.resolve("tasks.yaml");
    Files.writeString(
        file,
        """
        tasks:
          - name: publish
            display_name: Publish
            scope: ITEM_SET
            steps:
              - {name: resize, type: resize, params: {size: 100}}
              - {name: send, type: send}
        """);
    try (TestServer server = TestServer.withTasks(file);
        JobClient client = JobClient.builder(server.target()).user("ann").build()) {
      assertThat(client.taskDefinitions())
          .extracting(TaskDefinition::getName)
          .containsExactly("publish");
      Map<String, Object> sizes = new ConcurrentHashMap<>();
      Set<String> sent = ConcurrentHashMap.newKeySet();
      try (Worker worker =
          client
              .worker()
              .handler("resize", job -> sizes.put(job.jobId(), job.params().getLong("size")))
              .handler("send", job -> job.items().all().forEach(item -> sent.add(item.getId())))
              .start()) {
        JobHandle task =
            client.startTask(
                JobSpec.of("publish").params(Map.of("size", 200)),
                CreateOptions.defaults().items(all(items(3, i -> {}))));
        assertThat(task.await().getStatus().getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);

        Task seen = client.task(task.id());
        assertThat(seen.getStepsList())
            .extracting(TaskStep::getState)
            .containsOnly(SubOperationState.SUB_OPERATION_STATE_DONE);
        assertThat(sizes).containsValue(200L);
        assertThat(sent).containsExactlyInAnyOrder("i0", "i1", "i2");
      }
      assertThatThrownBy(() -> client.startTask(JobSpec.of("unknown")))
          .isInstanceOf(InvalidRequestException.class)
          .hasMessageContaining("definition");
    }
  }

  private static List<Item> all(Iterable<Item> items) {
    List<Item> list = new java.util.ArrayList<>();
    for (Iterator<Item> each = items.iterator(); each.hasNext(); ) {
      list.add(each.next());
    }
    return list;
  }
}
