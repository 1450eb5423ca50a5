package dev.milepost.server.copy;

import static dev.milepost.server.store.StoreHarness.await;
import static dev.milepost.server.store.StoreHarness.job;
import static dev.milepost.server.store.StoreHarness.report;
import static dev.milepost.server.store.StoreHarness.spec;
import static dev.milepost.server.store.StoreHarness.token;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Struct;
import dev.milepost.server.job.JobCommand;
import dev.milepost.server.job.JobDecision;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.NewJob;
import dev.milepost.server.store.Change;
import dev.milepost.server.store.ChangeListener;
import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.CountQuery;
import dev.milepost.server.store.Decision;
import dev.milepost.server.store.ItemQuery;
import dev.milepost.server.store.JobQuery;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.Postgres;
import dev.milepost.server.store.Redis;
import dev.milepost.server.store.Selection;
import dev.milepost.server.store.SettableClock;
import dev.milepost.server.store.StoreHarness;
import dev.milepost.server.store.Subscription;
import dev.milepost.server.store.memory.MemoryJobStore;
import dev.milepost.server.store.postgres.PostgresJobStore;
import dev.milepost.server.store.redis.RedisJobStore;
import dev.milepost.server.store.sqlite.SqliteJobStore;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.Item;
import dev.milepost.v1.JobCount;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobGroup;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.LogLevel;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Copies between real stores of every kind. */
class StoreCopyTest {
  private static final int JOBS = 450;
  private static final int ITEMS = 30;

  private static final List<LogLevel> LEVELS =
      List.of(
          LogLevel.LOG_LEVEL_DEBUG,
          LogLevel.LOG_LEVEL_INFO,
          LogLevel.LOG_LEVEL_MILESTONE,
          LogLevel.LOG_LEVEL_WARNING);

  @TempDir Path directory;

  private final SettableClock clock = new SettableClock();
  private final List<JobStore> open = new ArrayList<>();

  /** Stores that use their engine's clock need leases in the present. */
  @BeforeEach
  void beInThePresent() {
    clock.advance(Duration.between(clock.instant(), Instant.now()));
  }

  @AfterEach
  void close() {
    open.forEach(JobStore::close);
  }

  private JobStore empty(String kind) {
    int cap = StoreHarness.CAP;
    JobStore store =
        switch (kind) {
          case "memory" -> new MemoryJobStore(clock, cap);
          case "sqlite" ->
              SqliteJobStore.open(
                  directory.resolve(open.size() + ".db"), clock, cap, CommitObserver.NONE);
          case "postgres" ->
              PostgresJobStore.open(Postgres.emptyStore(), clock, cap, CommitObserver.NONE);
          case "redis" -> RedisJobStore.open(Redis.emptyStore(), clock, cap, CommitObserver.NONE);
          default -> throw new AssertionError(kind);
        };
    open.add(store);
    return store;
  }

  /**
   * Creates a variety of jobs: with items, a long journal, running, finished, of another tenant.
   */
  private JobStore filled(String kind) {
    JobStore store = empty(kind);
    StoreHarness harness = new StoreHarness(store, clock);
    List<CompletionStage<JobRecord>> created = new ArrayList<>();
    for (int i = 0; i < JOBS; i++) {
      List<Item> items = new ArrayList<>();
      for (int n = 0; i % 100 == 0 && n < ITEMS; n++) {
        items.add(Item.newBuilder().setId("item-" + n).setMessage("x".repeat(n)).build());
      }
      created.add(harness.createLater(job("job-" + i, spec()), items));
    }
    for (int i = 0; i < 20; i++) {
      NewJob other =
          new NewJob(new JobKey("globex", "job-" + i), "bob", "bob", "", "", spec().build());
      created.add(harness.createLater(other, List.of()));
    }
    StoreHarness.awaitAll(created);
    harness.running("long");
    for (int seq = 1; seq <= 3 * StoreHarness.CAP; seq++) {
      await(
          harness.reportLater(
              "long", token("long", 1), report(seq, LogLevel.LOG_LEVEL_INFO, "line " + seq)));
    }
    harness.running("done");
    harness.apply(
        "done",
        new JobCommand.Complete(
            token("done", 1), report(0), Map.of(), Struct.getDefaultInstance()));
    return store;
  }

  private static StoreCopy copy(JobStore from, JobStore to, String tenant) {
    return copy(from, to, tenant, new Counted());
  }

  private static StoreCopy copy(JobStore from, JobStore to, String tenant, CopyProgress progress) {
    Optional<String> only = tenant.isEmpty() ? Optional.empty() : Optional.of(tenant);
    return new StoreCopy(StoreSource.of(from), to, only, progress);
  }

  /** Counts jobs. */
  private static class Counted implements CopyProgress {
    private final List<Phase> phases = new ArrayList<>();
    private int done;

    @Override
    public void begins(Phase phase, long jobs) {
      phases.add(phase);
    }

    @Override
    public void done(int jobs) {
      done += jobs;
    }
  }

  private static final class Stopped extends RuntimeException {}

  private static final class Stopping extends Counted {
    @Override
    public void done(int jobs) {
      throw new Stopped();
    }
  }

  private static List<JobRecord> all(JobStore store, String tenant) {
    JobFilter filter = JobFilter.newBuilder().setTenantId(tenant).build();
    return await(store.list(new JobQuery(filter, false, Optional.empty(), 1_000))).jobs();
  }

  /** Counts of jobs and bytes. */
  private static Set<JobCount> byUserAndState(JobStore store) {
    Set<JobGroup> groups = Set.of(JobGroup.JOB_GROUP_USER, JobGroup.JOB_GROUP_STATE);
    return Set.copyOf(await(store.count(new CountQuery(JobFilter.getDefaultInstance(), groups))));
  }

  @ParameterizedTest
  @CsvSource({
    "memory,sqlite",
    "sqlite,postgres",
    "postgres,redis",
    "redis,memory",
    "redis,sqlite",
    "sqlite,redis",
    "memory,postgres"
  })
  void theTargetEqualsTheSource(String from, String to) {
    JobStore source = filled(from);
    JobStore target = empty(to);
    Counted progress = new Counted();

    StoreCopy.Result result = copy(source, target, "", progress).run();

    assertThat(result.jobs()).isEqualTo(JOBS + 22);
    assertThat(result.items()).isEqualTo(5 * ITEMS);
    assertThat(progress.phases)
        .containsExactly(CopyProgress.Phase.COPYING, CopyProgress.Phase.VERIFYING);
    assertThat(progress.done).isEqualTo(2 * (JOBS + 22));
    assertThat(all(target, StoreHarness.TENANT)).isEqualTo(all(source, StoreHarness.TENANT));
    assertThat(all(target, "globex")).hasSize(20).isEqualTo(all(source, "globex"));
    assertThat(all(target, "")).hasSize(JOBS + 22);
    assertThat(byUserAndState(target)).isEqualTo(byUserAndState(source));
    CopyMark.requireNone(target);
    // The target continues where the source stopped: the worker keeps its lease, the journal its
    // cap.
    StoreHarness there = new StoreHarness(target, clock);
    StoreHarness here = new StoreHarness(source, clock);
    assertThat(there.journal("long")).isEqualTo(here.journal("long"));
    long next = 3 * StoreHarness.CAP + 1;
    for (StoreHarness harness : List.of(there, here)) {
      await(
          harness.reportLater(
              "long", token("long", 1), report(next, LogLevel.LOG_LEVEL_INFO, "after")));
    }
    assertThat(there.journal("long"))
        .extracting(entry -> entry.getSequence())
        .isEqualTo(here.journal("long").stream().map(entry -> entry.getSequence()).toList());
    assertThat(there.claim(StoreHarness.anything(2))).hasSize(2);
  }

  @Test
  void aStoppedCopyIsMarkedAndResumes() {
    JobStore source = filled("sqlite");
    JobStore target = empty("sqlite");
    assertThatThrownBy(() -> copy(source, target, "", new Stopping()).run())
        .isInstanceOf(Stopped.class);

    int arrived = all(target, StoreHarness.TENANT).size();
    assertThat(arrived).isPositive().isLessThan(JOBS);
    assertThatThrownBy(() -> CopyMark.requireNone(target))
        .isInstanceOf(CopyException.class)
        .hasMessageContaining("incomplete");
    JobStore other = filled("memory");
    assertThatThrownBy(() -> copy(other, target, "").run())
        .isInstanceOf(CopyException.class)
        .hasMessageContaining("Another copy");
    assertThatThrownBy(() -> copy(source, target, "globex").run())
        .isInstanceOf(CopyException.class)
        .hasMessageContaining("Another copy");
    assertThatThrownBy(() -> copy(target, empty("memory"), "").run())
        .isInstanceOf(CopyException.class)
        .hasMessageContaining("incomplete");

    // Jobs that have changed in between are copied again.
    StoreHarness here = new StoreHarness(source, clock);
    here.apply("job-0", new JobCommand.Cancel("ann", "enough", null));

    copy(source, target, "").run();

    CopyMark.requireNone(target);
    assertThat(all(target, StoreHarness.TENANT))
        .containsExactlyInAnyOrderElementsOf(all(source, StoreHarness.TENANT));
    assertThat(new StoreHarness(target, clock).get("job-0"))
        .map(record -> record.getJob().getStatus().getState())
        .contains(JobState.JOB_STATE_CANCELLED);
  }

  @Test
  void aDifferingJobIsDetectedAndTheMarkStays() {
    JobStore source = filled("sqlite");
    JobStore target = empty("memory");
    CopyProgress meddling =
        new Counted() {
          @Override
          public void begins(Phase phase, long jobs) {
            if (phase == Phase.VERIFYING) {
              StoreHarness there = new StoreHarness(target, clock);
              there.apply("job-3", new JobCommand.Cancel("ann", "by somebody", null));
            }
          }
        };
    assertThatThrownBy(() -> copy(source, target, "", meddling).run())
        .isInstanceOf(CopyException.class)
        .hasMessageContaining("differ in 1 job, such as job-3 of " + StoreHarness.TENANT);
    assertThatThrownBy(() -> CopyMark.requireNone(target)).isInstanceOf(CopyException.class);

    copy(source, target, "").run();
    CopyMark.requireNone(target);
  }

  @Test
  void aJobMissingFromTheSourceIsDetected() {
    JobStore source = filled("memory");
    JobStore target = empty("sqlite");
    CopyProgress meddling =
        new Counted() {
          @Override
          public void begins(Phase phase, long jobs) {
            if (phase == Phase.VERIFYING) {
              new StoreHarness(target, clock).create("stranger");
            }
          }
        };
    assertThatThrownBy(() -> copy(source, target, "", meddling).run())
        .isInstanceOf(CopyException.class)
        .hasMessageContaining("The source counts");
  }

  @Test
  void oneTenantCanBeCopiedIntoATargetWithoutItsJobs() {
    JobStore source = filled("sqlite");
    JobStore target = empty("memory");
    assertThat(copy(source, target, "globex").run().jobs()).isEqualTo(20);
    assertThat(all(target, "")).hasSize(20);
    assertThatThrownBy(() -> copy(source, target, "globex").run())
        .isInstanceOf(CopyException.class)
        .hasMessageContaining("holds jobs of tenant globex already");
    assertThatThrownBy(() -> copy(source, target, "").run())
        .isInstanceOf(CopyException.class)
        .hasMessageContaining("holds jobs already");
    assertThat(copy(source, target, StoreHarness.TENANT).run().jobs()).isEqualTo(JOBS + 2);
    assertThat(copy(empty("memory"), empty("sqlite"), "").run().jobs()).isZero();
  }

  @Test
  void neitherCallersNorUpkeepCanChangeTheMark() {
    JobStore store = empty("memory");
    new CopyMark("sqlite:a", "").set(store);
    JobRecord mark = all(store, "milepost copy").get(0);
    assertThat(CopyMark.of(store)).contains(new CopyMark("sqlite:a", ""));
    assertThat(mark.hasWakeTime()).isFalse();
    assertThat(dev.milepost.server.job.Names.isName(mark.getJob().getTenantId())).isFalse();
    await(
        store.update(
            Selection.of(JobKey.of(mark)),
            found -> Decision.of(new JobDecision.Remove(JobKey.of(mark)), true)));
    CopyMark.requireNone(store);
  }

  /** Adds a running job with megabytes of log lines and items. */
  private JobStore withLargeJob(String kind) {
    JobStore store = empty(kind);
    StoreHarness harness = new StoreHarness(store, clock);
    List<Item> items = new ArrayList<>();
    for (int n = 0; n < 1_500; n++) {
      items.add(Item.newBuilder().setId("item-" + n).setMessage("m".repeat(2_000)).build());
    }
    await(harness.createLater(job("large", spec()), items));
    harness.apply("large", new JobCommand.Claim("worker", token("large", 1)));
    for (LogLevel level : LEVELS) {
      log(harness, level, StoreHarness.CAP + 3);
    }
    harness.create("small");
    return store;
  }

  private static void log(StoreHarness harness, LogLevel level, int lines) {
    long last = harness.get("large").orElseThrow().getReportSeq();
    List<CompletionStage<JobRecord>> reports = new ArrayList<>();
    for (long seq = last + 1; seq <= last + lines; seq++) {
      reports.add(
          harness.reportLater(
              "large", token("large", 1), report(seq, level, seq + "x".repeat(100_000))));
    }
    StoreHarness.awaitAll(reports);
  }

  private static List<Item> items(JobStore store) {
    ItemQuery query = new ItemQuery(StoreHarness.key("large"), Set.of(), "", "", 2_000);
    return await(store.items(query)).items();
  }

  /** Records how many bytes of entries each commit adds. */
  private static Subscription bytesOfCommits(JobStore store, List<Integer> to) {
    return store.subscribe(
        new ChangeListener() {
          @Override
          public void changed(List<Change> changes) {
            for (Change change : changes) {
              to.add(change.entries().stream().mapToInt(JournalEntry::getSerializedSize).sum());
            }
          }

          @Override
          public void missed() {}
        });
  }

  @ParameterizedTest
  @CsvSource({"memory,sqlite", "sqlite,postgres", "postgres,redis", "redis,memory"})
  void aLargeJobIsCopiedInParts(String from, String to) {
    JobStore source = withLargeJob(from);
    JobStore target = empty(to);
    List<Integer> bytes = new CopyOnWriteArrayList<>();
    StoreCopy.Result result;
    try (Subscription subscription = bytesOfCommits(target, bytes)) {
      result = copy(source, target, "").run();
    }

    assertThat(result.jobs()).isEqualTo(2);
    assertThat(result.items()).isEqualTo(1_500);
    assertThat(result.damaged()).isZero();
    assertThat(bytes.stream().mapToInt(each -> each).sum()).isGreaterThan(6 << 20);
    assertThat(bytes).allMatch(each -> each < 5 << 20);
    assertThat(all(target, "")).isEqualTo(all(source, ""));
    assertThat(items(target)).isEqualTo(items(source));
    StoreHarness there = new StoreHarness(target, clock);
    StoreHarness here = new StoreHarness(source, clock);
    assertThat(there.journal("large")).isEqualTo(here.journal("large"));
    // The journal keeps its cap for each kind of entry.
    for (LogLevel level : LEVELS) {
      for (StoreHarness harness : List.of(there, here)) {
        log(harness, level, 1);
      }
    }
    assertThat(there.journal("large"))
        .extracting(JournalEntry::getSequence)
        .isEqualTo(here.journal("large").stream().map(JournalEntry::getSequence).toList());
  }

  /** A source that breaks off within a job. */
  private record Breaking(JobSource source) implements JobSource {
    @Override
    public String name() {
      return source.name();
    }

    @Override
    public Map<JobState, Long> counts(String tenant) {
      return source.counts(tenant);
    }

    @Override
    public void eachPage(
        String tenant, Consumer<List<SourceJob>> reader, Consumer<JobKey> unreadable) {
      source.eachPage(
          tenant,
          page -> reader.accept(page.stream().map(Breaking::breaking).toList()),
          unreadable);
    }

    private static SourceJob breaking(SourceJob job) {
      return new SourceJob(
          job.record(),
          () -> {
            JobReading reading = job.reading().get();
            AtomicInteger parts = new AtomicInteger();
            return () -> {
              if (parts.incrementAndGet() > 4) {
                throw new Stopped();
              }
              return reading.next();
            };
          });
    }

    @Override
    public void close() {
      source.close();
    }
  }

  @Test
  void aLargeJobThatIsNotCompleteIsCopiedAgain() {
    JobStore source = withLargeJob("sqlite");
    JobStore target = empty("sqlite");
    StoreHarness there = new StoreHarness(target, clock);
    StoreCopy broken =
        new StoreCopy(
            new Breaking(StoreSource.of(source)), target, Optional.empty(), new Counted());
    assertThatThrownBy(broken::run).isInstanceOf(Stopped.class);

    JobRecord incomplete = there.get("large").orElseThrow();
    assertThat(incomplete).isNotEqualTo(new StoreHarness(source, clock).get("large").orElseThrow());
    assertThat(incomplete.hasWakeTime()).isFalse();

    copy(source, target, "").run();

    assertThat(all(target, "")).containsExactlyInAnyOrderElementsOf(all(source, ""));
    assertThat(items(target)).isEqualTo(items(source));
    assertThat(there.journal("large")).isEqualTo(new StoreHarness(source, clock).journal("large"));
  }
}
