package dev.milepost.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milepost.client.JobCancelledException;
import dev.milepost.client.JobContext;
import dev.milepost.client.JobHandler;
import dev.milepost.client.JobSpec;
import dev.milepost.client.LeaseLostException;
import dev.milepost.client.LogLine;
import dev.milepost.v1.AttemptOutcome;
import dev.milepost.v1.Item;
import dev.milepost.v1.ItemState;
import dev.milepost.v1.LogLevel;
import dev.milepost.v1.SubOperationState;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The fake records what a handler reports, and stops it as a server would. */
class FakeJobContextTest {
  private static final JobSpec SYNC =
      JobSpec.of("user-sync").params(Map.of("users", List.of("ann", "bob", "cid")));

  private static final JobHandler EVERYTHING =
      context -> {
        context.logger().setTotal(5, "files");
        context.logger().setStage("One");
        context.logger().setStage("One", "again");
        context.logger().setStage("Two", "detail");
        context.logger().setProgress(1, 10, "files");
        context.logger().incrementProgress(2);
        context.logger().addSucceeded(2);
        context.logger().addFailed(1);
        context.logger().addSkipped(4);
        context.logger().message("nearly");
        context.logger().debug("d", Map.of("number", 1));
        JobContext.current().logger().info("i");
        context.logger().milestone("m");
        context.logger().warning("w", new IllegalStateException("why"));
        context.logger().error("e", Map.of("list", List.of(1, 2.5, true)));
        context.logger().addOutcome("a", 2);
        context.logger().addOutcome("a", 3);
        context.logger().saveOutcome(Map.of("b", 7));
        context.pipeline().add("load", "Load").add("save", "Save", 3);
        context.pipeline().update("load", 0.5);
        context.pipeline().complete("load");
        context.pipeline().update("save", 0.25);
        context.pipeline().fail("save");
        context.items().running("x");
        context.items().done("x", "fine");
        context.items().failed("y", "bad");
        context.items().skipped("z", "why");
        context.saveCheckpoint(Map.of("at", 3));
        context.flush();
        context.result(Map.of("n", 1, "nested", Map.of("list", Arrays.asList(1, null))));
      };

  @Test
  void recordsWhatAHandlerReports() {
    FakeJobContext context = FakeJobContext.of(SYNC).withJobId("j1");

    assertThat(context.run(new UserSync())).isEqualTo(AttemptOutcome.ATTEMPT_OUTCOME_SUCCEEDED);

    assertThat(context.thrown()).isEmpty();
    assertThat(context.messages(LogLevel.LOG_LEVEL_INFO))
        .containsExactly("Synced ann", "Synced bob", "Synced cid");
    assertThat(context.lines()).hasSize(4);
    assertThat(context.stages()).containsExactly("Syncing");
    assertThat(context.progress().getCurrent()).isEqualTo(3);
    assertThat(context.progress().getUnit()).isEqualTo("users");
    assertThat(context.outcome()).isEqualTo(Map.of("synced", 3L));
    assertThat(context.checkpoints()).hasSize(3).last().isEqualTo(Map.of("last", "cid"));
    assertThat(context.result()).isEqualTo(Map.of("total", 3L));
    assertThat(context.checks()).isEqualTo(3);
    assertThat(context.jobName()).isEqualTo("user-sync");
    assertThat(context.job().getId()).isEqualTo("j1");
  }

  /** What the fake records is what the server has. */
  @Test
  void recordsWhatAServerWould() {
    FakeJobContext fake = FakeJobContext.of(SYNC);
    assertThat(fake.run(EVERYTHING)).isEqualTo(AttemptOutcome.ATTEMPT_OUTCOME_SUCCEEDED);

    try (TestServer server = TestServer.start()) {
      var job = server.client().create(SYNC);
      server.run(job, EVERYTHING);
      JobHistory real = server.history(job).assertSucceeded();

      List<LogLine> lines =
          real.lines().stream().filter(line -> !line.message().startsWith("Summary")).toList();
      assertThat(lines).hasSameSizeAs(fake.lines());
      for (int i = 0; i < lines.size(); i++) {
        assertThat(lines.get(i).level()).isEqualTo(fake.lines().get(i).level());
        assertThat(lines.get(i).message()).isEqualTo(fake.lines().get(i).message());
        assertThat(lines.get(i).stage()).isEqualTo(fake.lines().get(i).stage());
        assertThat(lines.get(i).attempt()).isEqualTo(fake.lines().get(i).attempt());
        assertThat(lines.get(i).context()).containsAllEntriesOf(fake.lines().get(i).context());
      }
      assertThat(fake.stages()).isEqualTo(List.of("One", "Two"));
      assertThat(real.stages()).containsSubsequence(fake.stages());
      assertThat(real.outcome()).isEqualTo(fake.outcome());
      assertThat(real.result()).isEqualTo(fake.result());
      var progress = real.job().getStatus().getProgress();
      assertThat(progress.getCurrent()).isEqualTo(fake.progress().getCurrent());
      assertThat(progress.getTotal()).isEqualTo(fake.progress().getTotal());
      assertThat(progress.getUnit()).isEqualTo(fake.progress().getUnit());
      assertThat(progress.getMessage()).isEqualTo(fake.progress().getMessage());
      assertThat(progress.getSucceeded()).isEqualTo(fake.progress().getSucceeded());
      assertThat(progress.getFailed()).isEqualTo(fake.progress().getFailed());
      assertThat(progress.getSkipped()).isEqualTo(fake.progress().getSkipped());
      assertThat(progress.getSubOperationsList()).isEqualTo(fake.progress().getSubOperationsList());
      assertThat(job.items())
          .extracting(Item::getId, Item::getState, Item::getMessage)
          .isEqualTo(
              fake.items().all().stream()
                  .map(item -> tuple(item.getId(), item.getState(), item.getMessage()))
                  .toList());
    }
  }

  private static org.assertj.core.groups.Tuple tuple(Object... values) {
    return org.assertj.core.groups.Tuple.tuple(values);
  }

  @Test
  void aCancelStopsTheHandlerAtTheCheck() {
    FakeJobContext context = FakeJobContext.of(SYNC);
    context.cancelAtCheck(2);

    assertThat(context.run(new UserSync())).isEqualTo(AttemptOutcome.ATTEMPT_OUTCOME_CANCELLED);

    assertThat(context.outcome()).isEqualTo(Map.of("synced", 1L));
    assertThat(context.thrown()).containsInstanceOf(JobCancelledException.class);
    assertThat(context.cancelReason()).contains("cancelled by the test");
  }

  @Test
  void theNextAttemptGetsTheCheckpointAndTheItems() {
    FakeJobContext first = FakeJobContext.of(SYNC).withItems(Item.newBuilder().setId("a").build());
    first.cancelAtCheck(3);
    first.run(new UserSync());
    first.items().done("a");

    FakeJobContext second = first.nextAttempt();

    assertThat(second.attempt()).isEqualTo(2);
    assertThat(second.checkpoint()).contains(Map.of("last", "bob"));
    assertThat(second.items().all().get(0).getState()).isEqualTo(ItemState.ITEM_STATE_DONE);
    assertThat(second.lines()).isEmpty();
    assertThat(second.isCancelRequested()).isFalse();
  }

  @Test
  void eachEndOfAnAttemptIsTold() {
    FakeJobContext lost = FakeJobContext.of(SYNC);
    lost.loseLease();
    assertThat(lost.run(new UserSync())).isEqualTo(AttemptOutcome.ATTEMPT_OUTCOME_LOST);
    assertThat(lost.thrown()).containsInstanceOf(LeaseLostException.class);

    FakeJobContext stopped = FakeJobContext.of(SYNC);
    stopped.stopWorker();
    assertThat(stopped.run(new UserSync())).isEqualTo(AttemptOutcome.ATTEMPT_OUTCOME_RELEASED);

    FakeJobContext interrupted = FakeJobContext.of(SYNC);
    interrupted.cancel("enough");
    assertThat(
            interrupted.run(
                c -> {
                  throw new IllegalStateException(new InterruptedException());
                }))
        .isEqualTo(AttemptOutcome.ATTEMPT_OUTCOME_CANCELLED);

    FakeJobContext failed = FakeJobContext.of(SYNC);
    failed.cancel("enough");
    assertThat(
            failed.run(
                c -> {
                  throw new IllegalStateException("a bug");
                }))
        .isEqualTo(AttemptOutcome.ATTEMPT_OUTCOME_FAILED);

    FakeJobContext swallowed = FakeJobContext.of(SYNC);
    swallowed.cancel("enough");
    assertThat(
            swallowed.run(
                c -> {
                  try {
                    c.throwIfCancelled();
                  } catch (JobCancelledException e) {
                    c.logger().info("cleaned up");
                  }
                }))
        .isEqualTo(AttemptOutcome.ATTEMPT_OUTCOME_CANCELLED);
  }

  @Test
  void aHandlerMayHaveCompletedInSpiteOfACancel() {
    FakeJobContext context = FakeJobContext.of(SYNC);
    context.onCancel(() -> context.logger().info("told"));
    context.cancel("too late");
    context.onCancel(() -> context.logger().info("told at once"));

    AttemptOutcome outcome =
        context.run(
            job -> {
              try {
                job.throwIfCancelled();
              } catch (JobCancelledException e) {
                context.completed();
              }
            });

    assertThat(outcome).isEqualTo(AttemptOutcome.ATTEMPT_OUTCOME_SUCCEEDED);
    assertThat(context.messages(LogLevel.LOG_LEVEL_INFO)).containsExactly("told", "told at once");
    assertThat(context.flush(java.time.Duration.ZERO)).isTrue();
  }

  @Test
  void valuesThatTheClientRefusesAreRefused() {
    FakeJobContext context = FakeJobContext.of(SYNC);
    assertThatThrownBy(() -> context.saveCheckpoint(Map.of("big", "x".repeat(70_000))))
        .hasMessageContaining("65536");
    assertThatThrownBy(() -> context.result(Map.of("object", new Object())))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> context.logger().setFraction(Double.NaN)).hasMessageContaining("NaN");
    assertThatThrownBy(() -> context.logger().addOutcome("", 1)).hasMessageContaining("name");
    assertThatThrownBy(() -> context.pipeline().complete("x")).hasMessageContaining("unknown");
    assertThatThrownBy(() -> context.pipeline().add("a", "A").add("a", "A"))
        .hasMessageContaining("exists");
    context
        .logger()
        .info("any", Map.of("object", new java.io.File("text"), "path", Long.MAX_VALUE));
    assertThat(context.lines().get(0).context()).containsEntry("object", "text");
    assertThat(context.progress().getSubOperations(0).getState())
        .isEqualTo(SubOperationState.SUB_OPERATION_STATE_PENDING);
  }
}
