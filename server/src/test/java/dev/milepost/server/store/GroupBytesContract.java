package dev.milepost.server.store;

import static dev.milepost.server.store.StoreHarness.job;
import static dev.milepost.server.store.StoreHarness.key;
import static dev.milepost.server.store.StoreHarness.spec;
import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.server.job.JobCommand;
import dev.milepost.server.job.JobKey;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.JobState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Updates of large jobs are committed in several groups, so that no group uses much memory. */
public abstract class GroupBytesContract {
  /** Memory that the jobs of a group may use. */
  protected static final long GROUP_BYTES = 1 << 20;

  private static final int JOBS = 100;

  /** Three times this much is the memory of a job. */
  private static final int JOB_BYTES = 30_000;

  /** Jobs that fit into a group, and the one that makes it large. */
  private static final int MAX_UPDATES = (int) (GROUP_BYTES / (3 * JOB_BYTES)) + 1;

  private final SettableClock clock = new SettableClock();
  private final List<Integer> commits = new CopyOnWriteArrayList<>();
  private final CountDownLatch waiting = new CountDownLatch(1);
  private final CountDownLatch queued = new CountDownLatch(1);
  private StoreHarness harness;

  /** Opens an empty store whose groups have {@link #GROUP_BYTES}. */
  protected abstract JobStore open(SettableClock clock, CommitObserver observer);

  @BeforeEach
  void open() {
    CommitObserver observer =
        new CommitObserver() {
          @Override
          public void committed(int updates, long nanos) {
            commits.add(updates);
          }

          @Override
          public void failed(int updates) {}
        };
    harness = new StoreHarness(open(clock, observer), clock);
  }

  @AfterEach
  void close() {
    harness.store().close();
  }

  private List<String> create(int jobs, String type) {
    List<String> ids = StoreHarness.numbered(type, 0, jobs);
    StoreHarness.awaitAll(
        ids.stream()
            .map(id -> harness.createLater(job(id, spec(JOB_BYTES).setType(type)), List.of()))
            .toList());
    return ids;
  }

  /** Lets the writer wait until all updates of a test are queued. */
  private CompletionStage<Boolean> block() {
    CompletionStage<Boolean> blocked =
        harness
            .store()
            .update(
                Selection.of(key("none")),
                found -> {
                  waiting.countDown();
                  await(queued);
                  return Decision.nothing(true);
                });
    await(waiting);
    commits.clear();
    return blocked;
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private <T> List<T> release(CompletionStage<Boolean> blocked, List<CompletionStage<T>> updates) {
    queued.countDown();
    List<T> results = StoreHarness.awaitAll(updates);
    assertThat(StoreHarness.await(blocked)).isTrue();
    return results;
  }

  @Test
  void largeJobsAreUpdatedInSeveralGroups() {
    List<String> ids = create(JOBS, "a");
    CompletionStage<Boolean> blocked = block();
    List<CompletionStage<JobRecord>> updates = new ArrayList<>();
    for (String id : ids) {
      updates.add(harness.applyLater(id, new JobCommand.Claim("worker", id)));
      updates.add(harness.applyLater(id, new JobCommand.Cancel("ann", "", null)));
    }

    List<JobRecord> updated = release(blocked, updates);

    assertThat(updated)
        .extracting(job -> job.getJob().getStatus().getState())
        .containsOnly(JobState.JOB_STATE_RUNNING, JobState.JOB_STATE_CANCELLING);
    assertThat(commits).allMatch(size -> size <= 2 * MAX_UPDATES);
    assertThat(commits.stream().mapToInt(size -> size).sum()).isEqualTo(2 * JOBS);
    assertThat(ids)
        .allMatch(
            id ->
                harness.get(id).orElseThrow().getJob().getStatus().getState()
                    == JobState.JOB_STATE_CANCELLING);
  }

  @Test
  void smallJobsShareAGroup() {
    List<String> ids = StoreHarness.numbered("small", 0, JOBS);
    StoreHarness.awaitAll(
        ids.stream().map(id -> harness.createLater(job(id, spec()), List.of())).toList());
    CompletionStage<Boolean> blocked = block();

    release(
        blocked,
        ids.stream()
            .map(id -> harness.applyLater(id, new JobCommand.Cancel("ann", "", null)))
            .toList());

    assertThat(commits).containsExactly(JOBS);
  }

  @Test
  void largeJobsAreClaimedInSeveralGroups() {
    List<String> types = StoreHarness.numbered("t", 0, 20);
    types.forEach(type -> create(5, type));
    CompletionStage<Boolean> blocked = block();
    List<CompletionStage<List<JobRecord>>> claims = new ArrayList<>();
    for (String type : types) {
      for (int i = 0; i < 6; i++) {
        ClaimQuery query = new ClaimQuery(StoreHarness.TENANT, Set.of(type), Set.of(), 0, 100, 1);
        claims.add(harness.claimLater(query));
      }
    }

    List<List<JobRecord>> claimed = release(blocked, claims);

    assertThat(claimed.stream().flatMap(List::stream).map(JobKey::of))
        .hasSize(100)
        .doesNotHaveDuplicates();
    assertThat(commits).hasSizeGreaterThan(100 / MAX_UPDATES / 2);
  }

  @Test
  void oneUpdateMayBeLargerThanAGroup() {
    List<String> ids = create(JOBS, "a");
    List<JobKey> keys = ids.stream().map(StoreHarness::key).toList();

    Found found =
        StoreHarness.await(
            harness
                .store()
                .update(
                    new Selection.Named(keys, Set.of(), Optional.empty(), false),
                    all ->
                        Decision.of(
                            harness
                                .rules()
                                .decide(
                                    all.jobs(), job -> new JobCommand.Cancel("ann", "", null), all)
                                .all(),
                            all)));

    assertThat(StoreHarness.ids(found.jobs())).isEqualTo(ids);
    assertThat(harness.get("a99").orElseThrow().getJob().getStatus().getState())
        .isEqualTo(JobState.JOB_STATE_CANCELLED);
  }
}
