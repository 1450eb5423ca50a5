package dev.milepost.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.milepost.v1.Item;
import dev.milepost.v1.ItemState;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobScope;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobTrigger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests bulk changes and items against the real server. */
@Timeout(60)
class RealServerManyJobsTest {
  private static final JobSpec SPEC = JobSpec.of("call").maxRetries(0);

  private TestServer server;
  private JobClient client;

  /** Another user, who works on the jobs that ann creates. */
  private JobClient worker;

  @BeforeEach
  void connect() {
    server = TestServer.inMemory();
    client = JobClient.builder(server.target()).user("ann").build();
    worker = JobClient.builder(server.target()).user("worker").build();
  }

  @AfterEach
  void close() {
    worker.close();
    client.close();
    server.close();
  }

  private static Item item(String id, String project) {
    return Item.newBuilder().setId(id).setProjectId(project).build();
  }

  private static List<Item> items(JobHandle job) {
    return StreamSupport.stream(job.items().spliterator(), false).toList();
  }

  @Test
  void cancelsAllMatchingJobs() {
    List<JobHandle> jobs =
        IntStream.range(0, 250)
            .mapToObj(i -> client.async().create(SPEC.label("parity", "" + i % 2)))
            .toList()
            .stream()
            .map(CompletableFuture::join)
            .toList();
    JobFilter odd = JobFilter.newBuilder().putLabels("parity", "1").build();

    assertThat(client.cancelJobs(odd, "odd ones out")).isEqualTo(125);

    assertThat(client.cancelJobs(odd, "odd ones out")).isZero();
    Job cancelled = jobs.get(1).get();
    assertThat(cancelled.getStatus().getState()).isEqualTo(JobState.JOB_STATE_CANCELLED);
    assertThat(cancelled.getStatus().getCancel().getReason()).isEqualTo("odd ones out");
    assertThat(jobs.get(0).get().getStatus().getState()).isEqualTo(JobState.JOB_STATE_QUEUED);
  }

  @Test
  void retriesAndDeletesAllMatchingJobs() {
    JobHandle first = client.create(SPEC.label("pair", "x"));
    JobHandle second = client.create(SPEC.label("pair", "x"));
    JobHandle other = client.create(SPEC);
    JobFilter pair = JobFilter.newBuilder().putLabels("pair", "x").build();
    first.cancel("");
    second.cancel("");

    assertThat(client.retryJobs(pair)).isEqualTo(2);
    assertThat(first.get().getStatus().getState()).isEqualTo(JobState.JOB_STATE_QUEUED);
    assertThat(client.retryJobs(pair)).isZero();
    assertThat(client.deleteJobs(pair)).isEqualTo(2);
    assertThatThrownBy(second::get).isInstanceOf(JobNotFoundException.class);
    assertThat(other.get().getStatus().getState()).isEqualTo(JobState.JOB_STATE_QUEUED);
  }

  @Test
  void cleansUpFinishedJobs() {
    JobHandle waits = client.create(SPEC);
    Job done = client.run(SPEC, ctx -> {});

    assertThat(client.cleanupJobs(Duration.ofHours(1), "ann")).isZero();
    assertThat(client.cleanupJobs(Duration.ZERO, "ann")).isEqualTo(1);

    assertThatThrownBy(() -> client.get(done.getId())).isInstanceOf(JobNotFoundException.class);
    assertThat(waits.get().getId()).isEqualTo(waits.id());
    assertThatThrownBy(() -> client.cleanupJobs(Duration.ZERO, "worker"))
        .isInstanceOf(AccessDeniedException.class);
    assertThatThrownBy(() -> client.cleanupJobsOfAllOwners(Duration.ZERO))
        .isInstanceOf(AccessDeniedException.class);
  }

  @Test
  void retriesOnlyFailedItems() throws Exception {
    JobHandle job =
        client.create(
            SPEC,
            CreateOptions.defaults().items(List.of(item("a", "p1"), item("b", ""), item("c", ""))));
    assertThatThrownBy(job::retryFailedItems)
        .isInstanceOfSatisfying(
            JobStateException.class, e -> assertThat(e.reason()).isEqualTo("JOB_NOT_FINISHED"));
    JobHandler handler =
        ctx ->
            ctx.items()
                .all()
                .forEach(
                    item -> {
                      boolean isRetry =
                          ctx.job().getSpec().getTrigger() == JobTrigger.JOB_TRIGGER_RETRY;
                      if (item.getId().equals("b") || isRetry) {
                        ctx.items().done(item.getId());
                      } else {
                        ctx.items().failed(item.getId(), "broken");
                      }
                    });
    try (Worker any = Worker.builder(worker).defaultHandler(handler).start()) {
      job.completion().get(20, TimeUnit.SECONDS);
      JobHandle again = job.retryFailedItems();
      Job done = again.completion().get(20, TimeUnit.SECONDS);

      assertThat(done.getRetriedJobId()).isEqualTo(job.id());
      assertThat(done.getUserId()).isEqualTo("ann");
      assertThat(items(again))
          .extracting(Item::getId, Item::getState)
          .containsExactly(
              tuple("a", ItemState.ITEM_STATE_DONE), tuple("c", ItemState.ITEM_STATE_DONE));
      assertThatThrownBy(again::retryFailedItems)
          .isInstanceOfSatisfying(
              JobStateException.class, e -> assertThat(e.reason()).isEqualTo("NO_FAILED_ITEMS"));
      assertThat(any.stopped()).isNotDone();
    }
  }

  /** Returns the targets that a handler receives whose worker does not own the job. */
  private List<JobTarget> targets(JobSpec spec, List<Item> items) throws Exception {
    List<JobTarget> targets = new ArrayList<>();
    JobHandle job = client.create(spec, CreateOptions.defaults().items(items));
    try (Worker any =
        Worker.builder(worker)
            .defaultHandler(ctx -> targets.addAll(ctx.resolveTargets()))
            .start()) {
      assertThat(job.completion().get(20, TimeUnit.SECONDS).getStatus().getState())
          .isEqualTo(JobState.JOB_STATE_SUCCEEDED);
      assertThat(any.stopped()).isNotDone();
    }
    return targets;
  }

  @Test
  void givesAHandlerItsItemsByProjectForEveryScope() throws Exception {
    List<Item> mixed = List.of(item("a", "p2"), item("b", ""), item("c", "p1"), item("d", "p2"));

    assertThat(targets(SPEC.scope(JobScope.JOB_SCOPE_ITEM_SET), mixed))
        .extracting(JobTarget::projectId, target -> target.items().size())
        .containsExactly(
            tuple(Optional.empty(), 1), tuple(Optional.of("p1"), 1), tuple(Optional.of("p2"), 2));
    assertThat(targets(SPEC.project("p1"), List.of()))
        .containsExactly(new JobTarget(Optional.of("p1"), List.of()));
    assertThat(targets(SPEC.project("p1"), List.of(item("x", ""))))
        .singleElement()
        .satisfies(
            target -> {
              assertThat(target.projectId()).contains("p1");
              assertThat(target.items()).extracting(Item::getId).containsExactly("x");
            });
    assertThat(targets(SPEC.scope(JobScope.JOB_SCOPE_GLOBAL), List.of()))
        .containsExactly(new JobTarget(Optional.empty(), List.of()));
  }

  @Test
  void readsAllPagesOfItemsIncludingFlushedStates() {
    List<Item> many = IntStream.range(0, 1_500).mapToObj(i -> item("i" + i, "p" + i % 3)).toList();
    client.run(
        SPEC,
        CreateOptions.defaults().items(many),
        ctx -> {
          assertThat(ctx.items().all()).hasSize(1_500);
          Map<String, List<Item>> groups = ctx.groupItemsByProject();
          assertThat(groups.keySet()).containsExactly("p0", "p1", "p2");
          assertThat(groups.values()).allMatch(group -> group.size() == 500);
          ctx.items().done("i0");
          ctx.flush();
          assertThat(ctx.items().all())
              .filteredOn(item -> item.getState() == ItemState.ITEM_STATE_DONE)
              .extracting(Item::getId)
              .containsExactly("i0");
        });
  }
}
