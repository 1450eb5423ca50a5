package dev.milepost.server.store;

import static dev.milepost.server.store.StoreHarness.anything;
import static dev.milepost.server.store.StoreHarness.awaitAll;
import static dev.milepost.server.store.StoreHarness.key;
import static dev.milepost.server.store.StoreHarness.report;
import static dev.milepost.server.store.StoreHarness.spec;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Struct;
import dev.milepost.server.job.JobCommand;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.NewJob;
import dev.milepost.server.job.Refusal;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.Item;
import dev.milepost.v1.ItemState;
import dev.milepost.v1.JobError;
import dev.milepost.v1.JobScope;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.LogLevel;
import dev.milepost.v1.Report;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/**
 * Random operations on a few jobs, many of them at once, beside a model that listens to the
 * changes.
 */
final class RandomLife {
  private static final LogLevel[] LEVELS = {
    LogLevel.LOG_LEVEL_DEBUG,
    LogLevel.LOG_LEVEL_INFO,
    LogLevel.LOG_LEVEL_MILESTONE,
    LogLevel.LOG_LEVEL_WARNING,
    LogLevel.LOG_LEVEL_ERROR
  };

  private final StoreHarness harness;
  private final Random random;
  private final Model model;
  private final Subscription subscription;

  RandomLife(StoreHarness harness, long seed) {
    this.harness = harness;
    this.random = new Random(seed);
    this.model = new Model();
    this.subscription = harness.store().subscribe(model);
  }

  /** Runs this many operations; some of them are refused. */
  void live(int operations) {
    List<CompletionStage<Boolean>> stages = new ArrayList<>();
    for (int i = 0; i < operations; i++) {
      stages.add(operation().handle((result, failure) -> isExpected(failure)));
    }
    assertThat(awaitAll(stages)).containsOnly(true);
    harness.clock().advance(Duration.ofSeconds(random.nextInt(3)));
  }

  private static boolean isExpected(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    return cause == null || cause instanceof Refusal;
  }

  private CompletionStage<?> operation() {
    String id = "j" + random.nextInt(12);
    String token = harness.get(id).map(JobRecord::getAttemptToken).orElse("none");
    return switch (random.nextInt(12)) {
      case 0, 1 -> harness.createLater(job(id), items());
      case 2 -> harness.claimLater(anything(1 + random.nextInt(3)));
      case 3 -> harness.applyLater(id, new JobCommand.Cancel("ann", "", null));
      case 4 -> harness.applyLater(id, new JobCommand.Delete(""));
      case 5 -> harness.applyLater(id, new JobCommand.Retry("ann"));
      case 6 -> harness.applyLater(id, new JobCommand.Tick());
      case 7 ->
          harness.applyLater(
              id,
              new JobCommand.Fail(
                  token,
                  report(0),
                  Map.of(),
                  JobError.newBuilder().setCode("BAD").setRetryable(random.nextBoolean()).build()));
      case 8 -> harness.applyLater(id, new JobCommand.Release(token, report(0), Map.of(), ""));
      default -> harness.reportLater(id, token, randomReport());
    };
  }

  private NewJob job(String id) {
    JobSpec.Builder spec = spec().setType("t" + random.nextInt(3)).setPriority(random.nextInt(101));
    if (random.nextBoolean()) {
      spec.setScope(JobScope.JOB_SCOPE_PROJECT).setProjectId("p" + random.nextInt(3));
    }
    return new NewJob(key(id), "u" + random.nextInt(3), "ann", "", "", spec.build());
  }

  private List<Item> items() {
    List<Item> items = new ArrayList<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      items.add(item("i" + i));
    }
    return items;
  }

  private Item item(String id) {
    return Item.newBuilder()
        .setId(id)
        .setState(ItemState.forNumber(1 + random.nextInt(5)))
        .setMessage("m" + random.nextInt(100))
        .build();
  }

  private Report randomReport() {
    LogLevel level = LEVELS[random.nextInt(LEVELS.length)];
    String[] lines = new String[random.nextInt(15)];
    for (int i = 0; i < lines.length; i++) {
      lines[i] = "x".repeat(1 + random.nextInt(120));
    }
    return report(0, level, lines).toBuilder()
        .addAllItems(List.of(item("i" + random.nextInt(6))))
        .build();
  }

  /** Compares the store's content with the model. */
  void check() {
    model.check(harness);
  }

  void end() {
    subscription.close();
    for (JobKey key : model.keys()) {
      String token = harness.get(key.jobId()).map(JobRecord::getAttemptToken).orElse("");
      if (!token.isEmpty()) {
        harness.apply(
            key.jobId(),
            new JobCommand.Complete(token, report(0), Map.of(), Struct.getDefaultInstance()));
      }
      harness.apply(key.jobId(), new JobCommand.Delete(""));
    }
  }
}
