package dev.milepost.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.MDC;

/** Tests that code below a handler finds the job, and that log lines name it. */
@Timeout(60)
class CurrentJobTest {
  private final FakeServer server = new FakeServer();
  private final JobClient client = JobClient.connect(server.target());

  @AfterEach
  void close() throws InterruptedException {
    MDC.clear();
    client.close();
    server.close();
  }

  @Test
  void aHandlerIsCurrentOnItsThreadAndNamedInTheMdc() {
    MDC.put("job_id", "of the caller");
    MDC.put("request", "7");
    AtomicReference<Map<String, String>> mdc = new AtomicReference<>();
    AtomicReference<JobContext> seen = new AtomicReference<>();

    String id =
        client
            .run(
                JobSpec.of("sync"),
                context -> {
                  mdc.set(MDC.getCopyOfContextMap());
                  assertThat(JobContext.current()).isSameAs(context);
                  seen.set(context);
                })
            .getId();

    assertThat(mdc.get())
        .isEqualTo(Map.of("request", "7", "job_id", id, "job_type", "sync", "attempt", "1"));
    assertThat(seen.get().jobId()).isEqualTo(id);
    assertThat(MDC.getCopyOfContextMap())
        .isEqualTo(Map.of("request", "7", "job_id", "of the caller"));
    assertThat(JobContext.findCurrent()).isEmpty();
  }

  @Test
  void aHandlerThatThrowsLeavesNothingBehind() {
    assertThat(
            CompletableFuture.supplyAsync(
                () ->
                    client.run(
                        JobSpec.of("sync"),
                        context -> {
                          throw new IllegalStateException("broken");
                        }),
                Runnable::run))
        .isCompletedExceptionally();

    assertThat(JobContext.findCurrent()).isEmpty();
    assertThat(MDC.get("job_id")).isNull();
  }

  @Test
  void aJobInsideAJobIsCurrentUntilItEnds() {
    client.run(
        JobSpec.of("outer"),
        outer -> {
          client.run(
              JobSpec.of("inner"),
              inner -> {
                assertThat(JobContext.current()).isSameAs(inner);
                assertThat(MDC.get("job_type")).isEqualTo("inner");
              });
          assertThat(JobContext.current()).isSameAs(outer);
          assertThat(MDC.get("job_type")).isEqualTo("outer");
        });
  }

  @Test
  void anotherThreadEntersTheJobItself() {
    client.run(
        JobSpec.of("sync"),
        context ->
            CompletableFuture.runAsync(
                    () -> {
                      assertThat(JobContext.findCurrent()).isEmpty();
                      try (JobContext.Scope scope = context.makeCurrent()) {
                        assertThat(JobContext.current()).isSameAs(context);
                        assertThat(MDC.get("job_id")).isEqualTo(context.jobId());
                      }
                      assertThat(JobContext.findCurrent()).isEmpty();
                      assertThat(MDC.get("job_id")).isNull();
                    },
                    work -> new Thread(work).start())
                .get());
  }

  @Test
  void aScopeIsClosedOnItsOwnThreadAndOnlyOnce() {
    client.run(
        JobSpec.of("sync"),
        context -> {
          JobContext.Scope scope = context.makeCurrent();
          assertThat(CompletableFuture.runAsync(scope::close, work -> new Thread(work).start()))
              .failsWithin(Duration.ofSeconds(10))
              .withThrowableThat()
              .withCauseInstanceOf(IllegalStateException.class);
          scope.close();
          MDC.put("job_id", "later");
          scope.close();
          assertThat(MDC.get("job_id")).isEqualTo("later");
        });
  }

  @Test
  void outsideOfAJobTheErrorSaysWhatToDo() {
    assertThatIllegalStateException()
        .isThrownBy(JobContext::current)
        .withMessageContaining(Thread.currentThread().getName())
        .withMessageContaining("makeCurrent()");
  }
}
