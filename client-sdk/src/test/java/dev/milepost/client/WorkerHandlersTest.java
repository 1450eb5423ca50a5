package dev.milepost.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import dev.milepost.v1.JobState;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests what a worker runs: results of handlers, threads, interceptors; with the real server. */
@Timeout(60)
class WorkerHandlersTest {
  private static final boolean HAS_VIRTUAL_THREADS = Runtime.version().feature() >= 21;

  private final TestServer server = TestServer.inMemory();
  private final JobClient client = JobClient.connect(server.target());
  private final ExecutorService threads =
      Executors.newCachedThreadPool(work -> new Thread(work, "mine"));

  @AfterEach
  void close() {
    threads.shutdownNow();
    client.close();
    server.close();
  }

  @Test
  void theValueOfAHandlerIsTheResultOfItsJob() {
    try (Worker worker =
        client
            .worker()
            .handler(
                "double",
                JobHandler.returning(
                    context -> Map.of("doubled", 2 * context.params().getLong("n"))))
            .handler(
                "null",
                JobHandler.returning(
                    context -> {
                      context.result(Map.of("set", true));
                      return null;
                    }))
            .start()) {
      assertThat(client.create(JobSpec.of("double").params(Map.of("n", 21))).result())
          .isEqualTo(Map.of("doubled", 42L));
      assertThat(client.create(JobSpec.of("null")).result()).isEqualTo(Map.of("set", true));
      assertThat(worker.running()).isBetween(0, 1);
    }
  }

  @Test
  void handlersRunOnTheExecutorWhichOutlivesTheWorker() {
    List<String> names = new CopyOnWriteArrayList<>();
    CountDownLatch both = new CountDownLatch(2);
    try (Worker worker =
        client
            .worker()
            .executor(threads)
            .concurrency(2)
            .defaultHandler(
                context -> {
                  names.add(Thread.currentThread().getName());
                  both.countDown();
                  both.await();
                })
            .start()) {
      List<String> expected =
          List.of(client.create(JobSpec.of("a")), client.create(JobSpec.of("b"))).stream()
              .map(job -> "milepost-job-" + job.await().getId())
              .toList();
      assertThat(names).containsExactlyInAnyOrderElementsOf(expected);
      await().until(() -> worker.running() == 0);
    }
    assertThat(threads.isShutdown()).isFalse();
    assertThat(threads.submit(() -> Thread.currentThread().getName()))
        .succeedsWithin(Duration.ofSeconds(5))
        .isEqualTo("mine");
  }

  @Test
  void aJobThatTheExecutorRejectsIsReleased() {
    AtomicInteger rejected = new AtomicInteger();
    try (Worker worker =
        client
            .worker()
            .executor(
                work -> {
                  if (rejected.getAndIncrement() == 0) {
                    throw new RejectedExecutionException("busy");
                  }
                  threads.execute(work);
                })
            .handler("sync", context -> {})
            .start()) {
      JobHandle job = client.create(JobSpec.of("sync").maxRetries(0));

      assertThat(job.await().getStatus().getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
      assertThat(rejected).hasValue(2);
      await().until(() -> worker.running() == 0);
    }
  }

  @Test
  void virtualThreadsAreUsedWhereJavaHasThem() {
    if (!HAS_VIRTUAL_THREADS) {
      assertThatIllegalStateException()
          .isThrownBy(() -> client.worker().virtualThreads())
          .withMessageContaining("Java 21");
      return;
    }
    int jobs = 200;
    CountDownLatch all = new CountDownLatch(jobs);
    List<Thread> used = new CopyOnWriteArrayList<>();
    try (Worker worker =
        client
            .worker()
            .virtualThreads()
            .concurrency(jobs)
            .handler(
                "wait",
                context -> {
                  used.add(Thread.currentThread());
                  all.countDown();
                  all.await(); // Ends only if all of them run at the same time.
                })
            .start()) {
      List<JobHandle> handles =
          java.util.stream.IntStream.range(0, jobs)
              .mapToObj(i -> client.create(JobSpec.of("wait")))
              .toList();
      handles.forEach(
          job ->
              assertThat(job.await().getStatus().getState())
                  .isEqualTo(JobState.JOB_STATE_SUCCEEDED));
      assertThat(used).allMatch(thread -> thread.toString().startsWith("VirtualThread"));
      assertThat(worker.workerId()).isNotEmpty();
    }
  }

  @Test
  void interceptorsRunAroundHandlersTheFirstOneOutermost() {
    List<String> order = new CopyOnWriteArrayList<>();
    try (Worker worker =
        client
            .worker()
            .intercept(noting(order, "outer"))
            .intercept(noting(order, "inner"))
            .intercept(
                (context, next) -> {
                  try {
                    next.handle(context);
                  } catch (IllegalStateException e) {
                    throw new JobFailure("TRANSLATED", "by an interceptor", false);
                  }
                })
            .handler("sync", context -> order.add("handler of " + context.jobId()))
            .handler(
                "broken",
                context -> {
                  throw new IllegalStateException("broken");
                })
            .start()) {
      String id = client.create(JobSpec.of("sync")).await().getId();
      assertThat(order)
          .containsExactly(
              "outer before " + id,
              "inner before " + id,
              "handler of " + id,
              "inner after " + id,
              "outer after " + id);
      assertThat(client.create(JobSpec.of("broken")).await().getStatus().getError().getCode())
          .isEqualTo("TRANSLATED");
      assertThat(worker.workerId()).isNotEmpty();
    }
  }

  private static HandlerInterceptor noting(List<String> order, String name) {
    return (context, next) -> {
      order.add(name + " before " + JobContext.current().jobId());
      try {
        next.handle(context);
      } finally {
        order.add(name + " after " + context.jobId());
      }
    };
  }

  @Test
  void anInterceptorGoesAroundALocalRunToo() {
    List<String> order = new CopyOnWriteArrayList<>();
    String id = client.run(JobSpec.of("sync"), noting(order, "run").around(context -> {})).getId();
    assertThat(order).containsExactly("run before " + id, "run after " + id);
  }
}
