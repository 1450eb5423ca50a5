package dev.milepost.server.upkeep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.milepost.server.job.BatchRules;
import dev.milepost.server.job.JobCommand;
import dev.milepost.server.job.JobDecision;
import dev.milepost.server.job.JobDefaults;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.NewJob;
import dev.milepost.server.store.CountQuery;
import dev.milepost.server.store.Decision;
import dev.milepost.server.store.Found;
import dev.milepost.server.store.Selection;
import dev.milepost.server.store.SettableClock;
import dev.milepost.server.store.StoreHarness;
import dev.milepost.server.store.memory.MemoryJobStore;
import dev.milepost.storage.v1.ChildWorkKind;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.Item;
import dev.milepost.v1.JobCount;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Several servers do the upkeep of one store without disturbing each other. */
class SharedUpkeepTest {
  private static final int SERVERS = 4;
  private static final JobKey BATCH = StoreHarness.key("batch");

  private final SettableClock clock = new SettableClock();
  private final MemoryJobStore store = new MemoryJobStore(clock, StoreHarness.CAP);
  private final StoreHarness harness = new StoreHarness(store, clock);
  private final AtomicInteger removed = new AtomicInteger();
  private final AtomicInteger failures = new AtomicInteger();
  private final Map<ChildWorkKind, AtomicInteger> slices = new ConcurrentHashMap<>();
  private final List<JobTicker> servers = new ArrayList<>();

  @AfterEach
  void close() {
    servers.forEach(JobTicker::close);
    store.close();
  }

  private void startServers() {
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
          public void sliced(ChildWorkKind kind) {
            slices.computeIfAbsent(kind, any -> new AtomicInteger()).incrementAndGet();
          }
        };
    for (int i = 0; i < SERVERS; i++) {
      servers.add(
          new JobTicker(
              store,
              harness.rules(),
              Duration.ofMillis(20),
              SharedUpkeepTest::requireNoWebhook,
              observer));
    }
  }

  private static void requireNoWebhook(JobRecord before, JobDecision decision) {
    assertThat(before.getJob().getSpec().hasWebhook()).isFalse();
  }

  private long kept() {
    return StoreHarness.await(store.count(new CountQuery(JobFilter.getDefaultInstance(), Set.of())))
        .stream()
        .mapToLong(JobCount::getCount)
        .sum();
  }

  @Test
  void eachJobIsDeletedByOneServer() {
    for (int i = 0; i < 1_000; i++) {
      harness.create("j" + i);
      harness.apply("j" + i, new JobCommand.Cancel("ann", "", null));
    }
    clock.advance(JobDefaults.STANDARD.retention().cancelled());
    startServers();

    await().atMost(Duration.ofSeconds(30)).until(() -> kept() == 0);
    await().until(() -> removed.get() == 1_000);
    assertThat(failures).hasValue(0);
    assertThat(slices).isEmpty();
  }

  @Test
  void eachSliceOfABatchIsDoneByOneServer() {
    update(List.of(BATCH), found -> List.of(batches().open(batch(), "", found.clock())));
    for (int i = 0; i < 250; i++) {
      JobKey child = StoreHarness.key("c" + i);
      List<Item> item = List.of(Item.newBuilder().setId("i").build());
      update(
          List.of(BATCH, child),
          found -> batches().add(found.job(BATCH).orElseThrow(), child, item, found.clock()));
    }
    update(
        List.of(BATCH),
        found -> List.of(batches().seal(found.job(BATCH).orElseThrow(), found.clock())));
    startServers();

    awaitDone(() -> slicesOf(ChildWorkKind.CHILD_WORK_KIND_RELEASE) == 3);
    harness.apply("batch", new JobCommand.Cancel("ann", "", null));
    awaitDone(() -> state() == JobState.JOB_STATE_CANCELLED);
    harness.apply("batch", new JobCommand.Delete(""));
    awaitDone(() -> kept() == 0);

    await().until(() -> slicesOf(ChildWorkKind.CHILD_WORK_KIND_DELETE) == 63);
    assertThat(slicesOf(ChildWorkKind.CHILD_WORK_KIND_RELEASE)).isEqualTo(3);
    assertThat(slicesOf(ChildWorkKind.CHILD_WORK_KIND_CANCEL)).isEqualTo(3);
    assertThat(failures).hasValue(0);
  }

  /** Advances the clock, so that each server assumes that another has died during its slice. */
  private void awaitDone(Callable<Boolean> isDone) {
    await()
        .pollInterval(Duration.ofMillis(1))
        .atMost(Duration.ofSeconds(30))
        .until(
            () -> {
              clock.advance(Duration.ofSeconds(11));
              return isDone.call();
            });
  }

  private int slicesOf(ChildWorkKind kind) {
    return slices.getOrDefault(kind, new AtomicInteger()).get();
  }

  private JobState state() {
    return harness.get("batch").orElseThrow().getJob().getStatus().getState();
  }

  private BatchRules batches() {
    return harness.rules().batches();
  }

  private static NewJob batch() {
    return StoreHarness.job("batch", StoreHarness.spec());
  }

  private void update(List<JobKey> keys, Function<Found, List<JobDecision>> decide) {
    Selection selection = new Selection.Named(keys, Set.of(), Optional.empty(), false);
    boolean unused =
        StoreHarness.await(
            store.update(selection, found -> Decision.of(decide.apply(found), true)));
  }
}
