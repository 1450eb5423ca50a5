package dev.milepost.server.upkeep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.milepost.server.job.JobCommand;
import dev.milepost.server.job.JobDefaults;
import dev.milepost.server.store.CountQuery;
import dev.milepost.server.store.SettableClock;
import dev.milepost.server.store.StoreHarness;
import dev.milepost.server.store.memory.MemoryJobStore;
import dev.milepost.storage.v1.FamilyWorkKind;
import dev.milepost.v1.JobCount;
import dev.milepost.v1.JobFilter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Servers that share a store all sweep it, and none is in another's way. */
class SharedSweepTest {
  @Test
  void eachJobIsRemovedByOneOfThem() {
    SettableClock clock = new SettableClock();
    try (MemoryJobStore store = new MemoryJobStore(clock, StoreHarness.CAP)) {
      StoreHarness harness = new StoreHarness(store, clock);
      for (int i = 0; i < 1_000; i++) {
        harness.create("j" + i);
        harness.apply("j" + i, new JobCommand.Cancel("ann", "", null));
      }
      clock.advance(JobDefaults.STANDARD.retention().cancelled());
      AtomicInteger removed = new AtomicInteger();
      AtomicInteger failures = new AtomicInteger();
      TickObserver observer =
          new TickObserver() {
            @Override
            public void ticked(TickResult result) {
              if (result == TickResult.REMOVED) {
                removed.incrementAndGet();
              }
            }

            @Override
            public void failed() {
              failures.incrementAndGet();
            }

            @Override
            public void tried(WebhookOutcome outcome) {
              throw new AssertionError("no job has a webhook");
            }

            @Override
            public void sliced(FamilyWorkKind kind) {
              throw new AssertionError("no job has children");
            }
          };
      List<JobTicker> servers = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        servers.add(
            new JobTicker(
                store, harness.rules(), clock, Duration.ofMillis(20), one -> {}, observer));
      }
      try {
        await()
            .atMost(Duration.ofSeconds(30))
            .until(
                () ->
                    StoreHarness.await(
                                store.count(
                                    new CountQuery(JobFilter.getDefaultInstance(), Set.of())))
                            .stream()
                            .mapToLong(JobCount::getCount)
                            .sum()
                        == 0);
      } finally {
        servers.forEach(JobTicker::close);
      }
      await().until(() -> removed.get() == 1_000);
      assertThat(failures).hasValue(0);
    }
  }
}
