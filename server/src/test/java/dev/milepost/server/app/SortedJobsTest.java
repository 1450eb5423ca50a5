package dev.milepost.server.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.milepost.server.job.JobCommand;
import dev.milepost.server.job.JobDefaults;
import dev.milepost.server.job.Refusal;
import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.JobPage;
import dev.milepost.server.store.JobShape;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.SettableClock;
import dev.milepost.server.store.StoreHarness;
import dev.milepost.server.store.memory.MemoryJobStore;
import dev.milepost.server.store.sqlite.SqliteJobStore;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.JobFilter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sorts by attributes without an index, on real stores, and compares with a sort of all jobs. */
class SortedJobsTest {
  private static final JobFilter ALL =
      JobFilter.newBuilder().setTenantId(StoreHarness.TENANT).build();

  @TempDir Path directory;

  private final SettableClock clock = new SettableClock();

  private JobStore open(String kind) {
    return kind.equals("memory")
        ? new MemoryJobStore(clock, StoreHarness.CAP)
        : SqliteJobStore.open(
            directory.resolve("m.db"),
            clock,
            JobDefaults.STANDARD.journalCap(),
            CommitObserver.NONE);
  }

  /** Creates jobs with few priorities and many equal times, some of them finished. */
  private List<JobRecord> fill(StoreHarness harness, int jobs) {
    Random random = new Random(7);
    List<JobRecord> all = new ArrayList<>();
    for (int i = 0; i < jobs; i++) {
      if (random.nextInt(3) == 0) {
        clock.advance(Duration.ofSeconds(1));
      }
      all.add(
          harness.create(
              "j" + random.nextInt(1_000_000),
              StoreHarness.spec().setPriority(random.nextInt(4)).putLabels("even", "" + (i % 2))));
    }
    for (int i = 0; i < jobs; i++) {
      if (random.nextInt(2) == 0) {
        if (random.nextInt(3) == 0) {
          clock.advance(Duration.ofSeconds(1));
        }
        String id = all.get(i).getJob().getId();
        all.set(i, harness.apply(id, new JobCommand.Cancel("ann", "", null)));
      }
    }
    return all;
  }

  private static SortedJobs sorted(JobStore store, int most) {
    return new SortedJobs(new JobScan(store, most), store);
  }

  private static List<JobRecord> list(
      SortedJobs sorted, JobFilter filter, JobOrder order, int limit) {
    List<JobRecord> all = new ArrayList<>();
    Optional<String> after = Optional.empty();
    do {
      JobPage page = StoreHarness.await(sorted.page(filter, order, after, limit, JobShape.WHOLE));
      assertThat(page.jobs()).hasSizeLessThanOrEqualTo(limit);
      all.addAll(page.jobs());
      after = page.next();
    } while (after.isPresent());
    return all;
  }

  @ParameterizedTest
  @ValueSource(strings = {"memory", "sqlite"})
  void everyOrderEqualsASortOfAllJobs(String kind) {
    try (JobStore store = open(kind)) {
      List<JobRecord> all = fill(new StoreHarness(store, clock), 120);
      SortedJobs sorted = sorted(store, 120);
      for (JobOrder.Field field : JobOrder.Field.values()) {
        for (boolean descending : new boolean[] {false, true}) {
          JobOrder order = new JobOrder(field, descending);
          Comparator<JobRecord> naive =
              Comparator.comparing(job -> order.placeOf(job.getJob()), order.comparator());
          for (int limit : new int[] {1, 7, 120, 1_000}) {
            assertThat(list(sorted, ALL, order, limit))
                .as("%s %s", order, limit)
                .isEqualTo(all.stream().sorted(naive).toList());
          }
          assertThat(list(sorted, ALL.toBuilder().putLabels("even", "1").build(), order, 7))
              .isEqualTo(
                  all.stream()
                      .filter(job -> job.getJob().getSpec().getLabelsOrThrow("even").equals("1"))
                      .sorted(naive)
                      .toList());
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void unfinishedJobsAreLast(boolean descending) {
    try (JobStore store = open("memory")) {
      StoreHarness harness = new StoreHarness(store, clock);
      harness.create("waits");
      harness.create("first");
      harness.create("second");
      harness.apply("first", new JobCommand.Cancel("ann", "", null));
      clock.advance(Duration.ofSeconds(1));
      harness.apply("second", new JobCommand.Cancel("ann", "", null));

      JobOrder order = new JobOrder(JobOrder.Field.END_TIME, descending);

      assertThat(StoreHarness.ids(list(sorted(store, 3), ALL, order, 10)))
          .isEqualTo(
              descending
                  ? List.of("second", "first", "waits")
                  : List.of("first", "second", "waits"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"memory", "sqlite"})
  void tooManyMatchingJobsAreRefused(String kind) {
    try (JobStore store = open(kind)) {
      StoreHarness harness = new StoreHarness(store, clock);
      List<java.util.concurrent.CompletionStage<JobRecord>> created = new ArrayList<>();
      for (int i = 0; i < 1_001; i++) {
        created.add(harness.createLater(StoreHarness.job("j" + i, StoreHarness.spec()), List.of()));
      }
      StoreHarness.awaitAll(created);
      JobOrder order = new JobOrder(JobOrder.Field.PRIORITY, true);

      assertThatExceptionOfType(Refusal.TooManyMatchingJobs.class)
          .isThrownBy(() -> list(sorted(store, 1_000), ALL, order, 10))
          .withMessageContaining("priority")
          .withMessageContaining("1000")
          .withMessageContaining("narrow the filter");
      assertThat(list(sorted(store, 1_001), ALL, order, 500)).hasSize(1_001);
    }
  }
}
