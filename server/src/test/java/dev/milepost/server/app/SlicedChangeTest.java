package dev.milepost.server.app;

import static dev.milepost.server.store.StoreHarness.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milepost.server.access.AccessPolicy;
import dev.milepost.server.access.Caller;
import dev.milepost.server.access.Role;
import dev.milepost.server.job.JobCommand;
import dev.milepost.server.job.JobDefaults;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.JobRules;
import dev.milepost.server.job.NewJob;
import dev.milepost.server.store.Change;
import dev.milepost.server.store.ChangeListener;
import dev.milepost.server.store.CountQuery;
import dev.milepost.server.store.Decision;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.Selection;
import dev.milepost.server.store.SettableClock;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.memory.MemoryJobStore;
import dev.milepost.v1.Item;
import dev.milepost.v1.JobCount;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobState;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A bulk change runs in slices; it can stop between any two of them and resume there. */
class SlicedChangeTest {
  private static final Duration LONG = Duration.ofMinutes(10);
  private static final Caller ADMIN = new Caller("ops", "root", Set.of(Role.ADMIN));
  private static final JobCommand CANCEL = new JobCommand.Cancel("root", "", null);
  private static final JobFilter QUEUED =
      JobFilter.newBuilder().addStates(JobState.JOB_STATE_QUEUED).build();

  static final BulkCall NO_CALL = cancelledIf(new AtomicBoolean());

  private final SettableClock clock = new SettableClock();
  private final JobRules rules = new JobRules(JobDefaults.STANDARD);
  private JobStore store = new MemoryJobStore(clock, 1_000);

  @AfterEach
  void close() {
    store.close();
  }

  private SlicedChange change(Duration share) {
    JobAccess access = new JobAccess(store, rules, new AccessPolicy(), clock);
    return new SlicedChange(store, access, rules, clock, share);
  }

  private static BulkCall cancelledIf(AtomicBoolean cancelled) {
    return new BulkCall() {
      @Override
      public boolean isCancelled() {
        return cancelled.get();
      }

      @Override
      public void changed(String jobId) {}
    };
  }

  private void create(int count, List<Item> items) {
    List<CompletionStage<Boolean>> made = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String tenant = i % 2 == 0 ? "even" : "odd";
      JobKey key = new JobKey(tenant, "j" + i);
      NewJob job = new NewJob(key, "ann", "ann", "", "", JobSpec.newBuilder().setType("a").build());
      made.add(
          store.update(
              Selection.of(key),
              found -> Decision.of(rules.create(job, items, found.clock()), true)));
    }
    made.forEach(one -> await(one));
  }

  private long queued() {
    return await(store.count(new CountQuery(QUEUED, Set.of()))).stream()
        .mapToLong(JobCount::getCount)
        .sum();
  }

  /** Jobs that each commit changed, all of one tenant. */
  private List<Integer> commits() {
    List<Integer> sizes = new CopyOnWriteArrayList<>();
    store.subscribe(
        new ChangeListener() {
          @Override
          public void changed(List<Change> changes) {
            long tenants =
                changes.stream().map(change -> change.key().tenantId()).distinct().count();
            sizes.add(tenants == 1 ? changes.size() : -1);
          }

          @Override
          public void missed() {}
        });
    return sizes;
  }

  private static ChangeListener onChange(java.util.function.IntConsumer action) {
    return new ChangeListener() {
      @Override
      public void changed(List<Change> changes) {
        action.accept(changes.size());
      }

      @Override
      public void missed() {}
    };
  }

  @Test
  void eachSliceIsOneUpdateForEachTenantAndTheNextComesAfterIt() {
    create(2_500, List.of());
    List<Integer> commits = commits();
    SlicedChange.Result swept =
        await(change(LONG).apply(ADMIN, QUEUED, true, Optional.empty(), CANCEL, NO_CALL));
    assertThat(swept).isEqualTo(new SlicedChange.Result(2_500, Optional.empty()));
    assertThat(commits).hasSize(50).allMatch(size -> size == SlicedChange.SLICE_JOBS / 2);
    assertThat(queued()).isZero();
  }

  @Test
  void heavyJobsMakeSmallSlices() {
    List<Item> items =
        IntStream.range(0, 1_500).mapToObj(i -> Item.newBuilder().setId("i" + i).build()).toList();
    create(7, items);
    List<Integer> commits = commits();
    assertThat(
            await(change(LONG).apply(ADMIN, QUEUED, false, Optional.empty(), CANCEL, NO_CALL))
                .count())
        .isEqualTo(7);
    assertThat(commits).containsExactly(2, 2, 2, 1);
  }

  @Test
  void aCallNearItsDeadlineDoesOneSliceAndReturnsWhereToContinue() {
    create(250, List.of());
    SlicedChange hasty = change(Duration.ZERO);
    List<Long> counts = new ArrayList<>();
    Optional<String> position = Optional.empty();
    do {
      SlicedChange.Result part = await(hasty.apply(ADMIN, QUEUED, true, position, CANCEL, NO_CALL));
      counts.add(part.count());
      position = part.next();
    } while (position.isPresent());
    assertThat(counts).containsExactly(100L, 100L, 50L);
    assertThat(queued()).isZero();
  }

  @Test
  void aCancelledCallStopsBetweenTwoSlices() throws Exception {
    create(2_500, List.of());
    AtomicBoolean hungUp = new AtomicBoolean();
    List<Integer> commits = new CopyOnWriteArrayList<>();
    store.subscribe(
        onChange(
            size -> {
              commits.add(size);
              if (commits.size() == 7) {
                hungUp.set(true);
              }
            }));
    SlicedChange.Result swept =
        await(
            change(LONG).apply(ADMIN, QUEUED, true, Optional.empty(), CANCEL, cancelledIf(hungUp)));
    assertThat(swept.count()).isEqualTo(350);
    assertThat(queued()).isEqualTo(2_150);

    SlicedChange.Result again =
        await(change(LONG).apply(ADMIN, QUEUED, true, Optional.empty(), CANCEL, NO_CALL));
    assertThat(again.count()).as("a repeated call changes the rest").isEqualTo(2_150);
  }

  @Test
  void aStoreFailureLeavesOnlyWholeSlices() {
    create(2_500, List.of());
    JobStore sound = store;
    store = failingAfter(5);
    assertThatThrownBy(
            () -> await(change(LONG).apply(ADMIN, QUEUED, true, Optional.empty(), CANCEL, NO_CALL)))
        .isInstanceOf(StoreException.class);

    store = sound;
    assertThat(queued()).isEqualTo(2_250);
    assertThat(
            await(change(LONG).apply(ADMIN, QUEUED, true, Optional.empty(), CANCEL, NO_CALL))
                .count())
        .as("a repeated call changes the rest")
        .isEqualTo(2_250);
  }

  /** A store whose disk is full after a number of updates. */
  private JobStore failingAfter(int updates) {
    JobStore sound = store;
    AtomicInteger made = new AtomicInteger();
    return (JobStore)
        Proxy.newProxyInstance(
            JobStore.class.getClassLoader(),
            new Class<?>[] {JobStore.class},
            (proxy, method, arguments) ->
                method.getName().equals("update") && made.incrementAndGet() > updates
                    ? CompletableFuture.failedFuture(
                        new StoreException(StoreException.Outcome.NOT_APPLIED, "The disk is full."))
                    : method.invoke(sound, arguments));
  }

  @Test
  void jobsCreatedDuringTheChangeAreNotChanged() {
    create(150, List.of());
    SlicedChange.Result first =
        await(change(Duration.ZERO).apply(ADMIN, QUEUED, true, Optional.empty(), CANCEL, NO_CALL));
    JobKey key = new JobKey("even", "late");
    NewJob job = new NewJob(key, "ann", "ann", "", "", JobSpec.newBuilder().setType("a").build());
    await(
        store.update(
            Selection.of(key),
            found -> Decision.of(rules.create(job, List.of(), found.clock()), true)));
    assertThat(
            await(change(LONG).apply(ADMIN, QUEUED, true, first.next(), CANCEL, NO_CALL)).count())
        .isEqualTo(50);
    assertThat(queued()).isEqualTo(1);
  }

  @Test
  void jobsThatTheCallerMayNotSeeAreNeverChanged() {
    create(10, List.of());
    Caller user = new Caller("even", "ann", Set.of(Role.USER));
    assertThat(
            await(change(LONG).apply(user, QUEUED, true, Optional.empty(), CANCEL, NO_CALL))
                .count())
        .isEqualTo(5);
    assertThat(queued()).isEqualTo(5);
  }
}
