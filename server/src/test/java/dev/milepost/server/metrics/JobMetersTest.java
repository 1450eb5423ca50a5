package dev.milepost.server.metrics;

import static dev.milepost.server.store.StoreHarness.report;
import static dev.milepost.server.store.StoreHarness.spec;
import static dev.milepost.server.store.StoreHarness.token;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.Struct;
import dev.milepost.server.job.JobCommand;
import dev.milepost.server.job.Times;
import dev.milepost.server.store.SettableClock;
import dev.milepost.server.store.StoreHarness;
import dev.milepost.server.store.memory.MemoryJobStore;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Meters of what becomes of jobs. */
class JobMetersTest {
  private final SettableClock clock = new SettableClock();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final MemoryJobStore store =
      new MemoryJobStore(clock, StoreHarness.CAP, new CommitMeters(registry));
  private final StoreHarness jobs = new StoreHarness(store, clock);
  private final OldestQueued oldest = new OldestQueued(store, registry);

  @AfterEach
  void close() {
    store.close();
  }

  private double ended(String outcome) {
    return registry
        .get("milepost.jobs.ended")
        .tags("kind", "job", "outcome", outcome)
        .counter()
        .count();
  }

  private double seconds(String timer, int samples) {
    Timer found = registry.get(timer).timer();
    assertThat(found.count()).isEqualTo(samples);
    return found.totalTime(TimeUnit.SECONDS);
  }

  /** Returns what the meter shows after it has asked the store. */
  private double oldest() {
    oldest.take();
    // The store works in order: the meter's reads, of which each follows another, come before
    // these.
    for (int i = 0; i < 10; i++) {
      store.get(List.of()).toCompletableFuture().join();
    }
    return registry.get("milepost.jobs.oldest.queued").gauge().value();
  }

  private void claim(String id, int attempt) {
    jobs.apply(id, new JobCommand.Claim("worker", token(id, attempt)));
  }

  private void complete(String id, int attempt) {
    jobs.apply(
        id,
        new JobCommand.Complete(
            token(id, attempt), report(0), Map.of(), Struct.getDefaultInstance()));
  }

  @Test
  void waitsAndRunsAreMeasuredOnce() {
    jobs.create("a");
    clock.advance(Duration.ofSeconds(7));
    claim("a", 1);
    clock.advance(Duration.ofSeconds(5));
    complete("a", 1);
    jobs.create("b");
    jobs.apply("b", new JobCommand.Cancel("ann", "", null));

    assertThat(ended("succeeded")).isOne();
    assertThat(ended("cancelled")).isOne();
    assertThat(ended("failed")).isZero();
    assertThat(seconds("milepost.job.queue.wait", 1)).isCloseTo(7, within(0.01));
    assertThat(seconds("milepost.job.run", 1)).isCloseTo(5, within(0.01));
  }

  @Test
  void aJobThatMayNotBeClaimedYetDoesNotWait() {
    jobs.create(
        "a", spec().setNotBeforeTime(Times.timestamp(clock.instant().plus(Duration.ofMinutes(1)))));
    clock.advance(Duration.ofSeconds(50));
    assertThat(oldest()).isZero();

    clock.advance(Duration.ofSeconds(20));
    jobs.apply("a", new JobCommand.Tick());
    assertThat(oldest()).isCloseTo(10, within(1.0));
    claim("a", 1);

    assertThat(seconds("milepost.job.queue.wait", 1)).isCloseTo(10, within(0.01));
    assertThat(oldest()).isZero();
  }

  @Test
  void theOldestJobOfAllIsFound() {
    assertThat(registry.get("milepost.jobs.oldest.queued").gauge().value()).isNaN();
    assertThat(oldest()).isZero();
    jobs.create("a");
    clock.advance(Duration.ofMinutes(2));
    jobs.create("b");
    clock.advance(Duration.ofSeconds(1));

    assertThat(oldest()).isCloseTo(121, within(1.0));
    claim("a", 1);
    assertThat(oldest()).isCloseTo(1, within(1.0));
    store.close();
    assertThat(oldestAfterClose()).isNaN();
  }

  private double oldestAfterClose() {
    oldest.take();
    return registry.get("milepost.jobs.oldest.queued").gauge().value();
  }
}
