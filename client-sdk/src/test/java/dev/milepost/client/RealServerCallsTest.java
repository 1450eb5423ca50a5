package dev.milepost.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milepost.v1.CredentialType;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobGroup;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.LogLevel;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests callers against the real server. */
@Timeout(60)
class RealServerCallsTest {
  private static final JobSpec SPEC = JobSpec.of("call").maxRetries(0);

  private TestServer server;
  private JobClient client;

  @BeforeEach
  void connect() {
    server = TestServer.inMemory();
    client = JobClient.builder(server.target()).user("ann").build();
  }

  @AfterEach
  void close() {
    client.close();
    server.close();
  }

  @Test
  void createsReadsUpdatesCancelsRetriesAndDeletes() {
    JobHandle job =
        client.create(
            SPEC.displayName("All").project("p1").label("a", "b").params(Map.of("n", 3)),
            CreateOptions.defaults().jobId("mine"));

    assertThat(job.id()).isEqualTo("mine");
    assertThat(job.get().getSpec().getDisplayName()).isEqualTo("All");
    assertThat(job.get().getUserId()).isEqualTo("ann");
    Job updated = client.update(job.id(), JobUpdate.none().priority(90).labels(Map.of("c", "d")));
    assertThat(updated.getSpec().getPriority()).isEqualTo(90);
    assertThat(updated.getSpec().getLabelsMap()).isEqualTo(Map.of("c", "d"));
    assertThat(updated.getSpec().getDisplayName()).isEqualTo("All");
    assertThatThrownBy(
            () -> client.update(job.id(), JobUpdate.none().priority(1).ifEtag("another")))
        .isInstanceOf(JobConflictException.class);
    assertThat(job.cancel("no need").getStatus().getState())
        .isEqualTo(JobState.JOB_STATE_CANCELLED);
    assertThatThrownBy(job::result)
        .isInstanceOf(JobCancelledException.class)
        .hasMessageContaining("no need");
    assertThat(client.retry(job.id()).getStatus().getState()).isEqualTo(JobState.JOB_STATE_QUEUED);
    client.delete(job.id());
    assertThatThrownBy(job::get).isInstanceOf(JobNotFoundException.class);
  }

  @Test
  void saysWhoTheServerTakesItFor() {
    CallerInfo caller = client.caller();

    assertThat(caller.userId()).isEqualTo("ann");
    assertThat(caller.tenantId()).isEqualTo("default");
    assertThat(caller.roles()).containsExactly(Role.USER, Role.WORKER);
    assertThat(caller.credentialType()).isEqualTo(CredentialType.CREDENTIAL_TYPE_DEVELOPMENT);
    assertThat(caller.expireTime()).isEmpty();
    assertThat(caller.may("CancelJob")).isTrue();
    assertThat(caller.may("milepost.v1.WorkerService/ClaimJobs")).isTrue();
    assertThat(caller.may("GetServerInfo")).isFalse();
    assertThat(caller.may("Job")).isFalse();
    assertThat(caller).hasToString("ann of default");
    assertThat(client.async().caller().join().toProto()).isEqualTo(caller.toProto());
  }

  @Test
  void mapsErrorsToExceptions() {
    client.create(SPEC, CreateOptions.defaults().jobId("taken"));

    assertThatThrownBy(() -> client.create(SPEC, CreateOptions.defaults().jobId("taken")))
        .isInstanceOf(JobAlreadyExistsException.class);
    assertThatThrownBy(() -> client.create(JobSpec.of("no good type!").priority(101)))
        .isInstanceOfSatisfying(
            InvalidRequestException.class,
            e ->
                assertThat(e.violations())
                    .extracting(InvalidRequestException.Violation::field)
                    .contains("spec.type", "spec.priority"));
    assertThatThrownBy(() -> client.retry("taken"))
        .isInstanceOfSatisfying(
            JobStateException.class,
            e -> assertThat(e.reason()).isEqualTo("INVALID_STATE_TRANSITION"));
  }

  @Test
  void theSameRequestIdCreatesOneJob() {
    CreateOptions once = CreateOptions.defaults().requestId("r-1");
    assertThat(client.create(SPEC, once).id()).isEqualTo(client.create(SPEC, once).id());
    assertThatThrownBy(() -> client.create(SPEC.priority(1), once))
        .isInstanceOf(JobAlreadyExistsException.class);
    assertThat(client.create(SPEC).id()).isNotEqualTo(client.create(SPEC).id());
  }

  @Test
  void listsReadAllPages() {
    List<String> ids =
        java.util.stream.IntStream.range(0, 130)
            .mapToObj(i -> client.async().create(SPEC.label("i", "" + i)))
            .map(CompletableFuture::join)
            .map(JobHandle::id)
            .toList();

    assertThat(client.stream(JobFilter.getDefaultInstance()).map(Job::getId))
        .containsExactlyInAnyOrderElementsOf(ids);
    assertThat(client.count(JobFilter.getDefaultInstance())).isEqualTo(130);
    assertThat(
            client
                .count(JobFilter.getDefaultInstance(), JobGroup.JOB_GROUP_STATE)
                .getCounts(0)
                .getState())
        .isEqualTo(JobState.JOB_STATE_QUEUED);
  }

  @Test
  void runsAndReadsBackWhatWasReported() {
    Job job =
        client.run(
            SPEC,
            ctx -> {
              JobLogger log = ctx.logger();
              log.setStage("Loading", "from disk");
              for (int i : ctx.track(List.of(1, 2, 3), "rows")) {
                log.addOutcome("loaded", i);
              }
              log.debug("quiet");
              log.error("loud", Map.of("row", 7), new IllegalStateException("odd"));
              log.saveOutcome(Map.of("bad", 1));
              ctx.items().running("a");
              ctx.items().done("a", "fine");
              ctx.items().failed("b", "broken");
              ctx.result(Map.of("sum", 6));
            });

    JobHandle handle = client.attach(job.getId());
    assertThat(handle.result()).isEqualTo(Map.of("sum", 6L));
    assertThat(handle.progress().percent()).hasValue(100);
    assertThat(handle.outcome().counters()).isEqualTo(Map.of("loaded", 6L, "bad", 1L));
    assertThat(job.getStatus().getItemCounts().getDone()).isEqualTo(1);
    assertThat(job.getStatus().getItemCounts().getFailed()).isEqualTo(1);
    List<JournalEntry> loud =
        StreamSupport.stream(
                client.journal(job.getId(), LogLevel.LOG_LEVEL_ERROR).spliterator(), false)
            .filter(JournalEntry::hasLog)
            .toList();
    assertThat(loud).hasSize(1);
    assertThat(loud.get(0).getLog().getStage()).isEqualTo("Loading");
    assertThat(Structs.map(loud.get(0).getLog().getContext()))
        .containsEntry("row", 7L)
        .containsEntry("exception", "java.lang.IllegalStateException")
        .containsKey("stack_trace");
  }

  @Test
  void splitsAndTruncatesOversizedTexts() {
    Job job =
        client.run(
            SPEC,
            ctx -> {
              ctx.logger().info("y".repeat(40_000), Map.of("z", "ü".repeat(20_000)));
              ctx.logger().info("");
              ctx.logger().setStage("s".repeat(300), "d".repeat(2_000));
              ctx.logger().message("m".repeat(2_000));
              ctx.logger().setProgress(1, 0, "u".repeat(100));
              ctx.logger().addOutcome("o".repeat(100), 1);
            });

    assertThat(job.getStatus().getLogCounts().getError()).isZero();
    assertThat(job.getStatus().getLogCounts().getInfo()).isEqualTo(3 + 1 + 1);
    assertThat(job.getStatus().getStage().getName()).hasSize(256).endsWith("…");
  }

  @Test
  void leavesOutCountersBeyondTheLimitAndSaysSo() {
    Job job =
        client.run(
            SPEC,
            ctx -> {
              for (int i = 0; i < 70; i++) {
                ctx.logger().addOutcome("counter " + i, 1);
              }
              assertThatThrownBy(() -> ctx.items().done(""))
                  .isInstanceOf(IllegalArgumentException.class);
              ctx.logger().info("kept");
            });

    assertThat(job.getStatus().getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(job.getStatus().getOutcomeCount()).isEqualTo(JobLimits.MAX_COUNTERS);
    assertThat(job.getStatus().getLogCounts().getWarning()).isEqualTo(1);
    assertThat(job.getStatus().getLogCounts().getError()).isZero();
    assertThat(job.getStatus().getLogCounts().getInfo()).isEqualTo(2);
  }

  @Test
  void waitsForTheEndOfAJob() throws Exception {
    CountDownLatch goOn = new CountDownLatch(1);
    JobHandle job = client.create(SPEC);
    CompletableFuture<Job> completion = job.completion();
    assertThat(job.await(Duration.ofMillis(50)).getStatus().getState())
        .isEqualTo(JobState.JOB_STATE_QUEUED);
    try (Worker worker = Worker.builder(client).defaultHandler(ctx -> goOn.await()).start()) {
      assertThat(completion).isNotDone();
      goOn.countDown();
      assertThat(completion.get(10, TimeUnit.SECONDS).getStatus().getState())
          .isEqualTo(JobState.JOB_STATE_SUCCEEDED);
      assertThat(worker.stopped()).isNotDone();
    }
  }

  @Test
  void failsIfTheServerCannotBeReached() {
    try (JobClient lost =
        JobClient.builder("localhost:1").callTimeout(Duration.ofMillis(300)).build()) {
      assertThatThrownBy(() -> lost.get("x")).isInstanceOf(ServerUnavailableException.class);
      try (JobWatch watch = lost.watch("x")) {
        assertThatThrownBy(() -> watch.iterator().hasNext())
            .isInstanceOf(ServerUnavailableException.class);
      }
    }
  }

  @Test
  void aWatchOfADeletedJobIsNotResumedWithItsSuccessor() {
    JobHandle first = client.create(SPEC, CreateOptions.defaults().jobId("reused"));
    JobWatchPosition reached;
    try (JobWatch watch = client.watch("reused")) {
      assertThat(watch.position()).isEmpty();
      Iterator<JobEvent> events = watch.iterator();
      while (watch.sequence() < 1) {
        events.next();
      }
      reached = watch.position().orElseThrow();
    }
    WatchOptions resume = WatchOptions.defaults().after(reached);
    try (JobWatch watch = client.watch("reused", resume)) {
      assertThat(watch.iterator().next()).isInstanceOf(JobEvent.Snapshot.class);
    }

    client.delete(first.id());
    client.create(SPEC, CreateOptions.defaults().jobId("reused"));

    try (JobWatch watch = client.watch("reused", resume)) {
      assertThatThrownBy(() -> watch.iterator().next())
          .isInstanceOf(JobException.class)
          .hasMessageContaining("was deleted");
    }
  }
}
