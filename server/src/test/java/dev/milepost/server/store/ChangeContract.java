package dev.milepost.server.store;

import static dev.milepost.server.store.StoreHarness.await;
import static dev.milepost.server.store.StoreHarness.awaitAll;
import static dev.milepost.server.store.StoreHarness.key;
import static dev.milepost.server.store.StoreHarness.report;
import static dev.milepost.server.store.StoreHarness.token;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milepost.server.job.JobCommand;
import dev.milepost.server.job.Refusal;
import dev.milepost.storage.v1.JobRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What every store publishes to its listeners. */
interface ChangeContract {
  StoreHarness harness();

  /** Collects what is published. */
  final class Recorder implements ChangeListener {
    private final List<Change> changes = new CopyOnWriteArrayList<>();

    @Override
    public void changed(List<Change> more) {
      changes.addAll(more);
    }

    @Override
    public void missed() {
      throw new AssertionError("a store within this process misses nothing");
    }
  }

  @Test
  default void changeHasBeforeAfterAndEntries() {
    Recorder recorder = new Recorder();
    Subscription subscription = harness().store().subscribe(recorder);

    JobRecord created = harness().create("a");
    JobRecord cancelled = harness().apply("a", new JobCommand.Cancel("ann", "why", null));
    harness().apply("a", new JobCommand.Delete(""));
    subscription.close();
    harness().create("b");

    assertThat(recorder.changes).hasSize(3);
    assertThat(recorder.changes.get(0).before()).isNull();
    assertThat(recorder.changes.get(0).after()).isEqualTo(created);
    assertThat(recorder.changes.get(0).entries()).hasSize(1);
    assertThat(recorder.changes.get(1).before()).isEqualTo(created);
    assertThat(recorder.changes.get(1).after()).isEqualTo(cancelled);
    assertThat(recorder.changes.get(1).entries()).hasSize(1);
    assertThat(recorder.changes.get(2)).isEqualTo(new Change(key("a"), cancelled, null, List.of()));
  }

  @Test
  default void failedUpdatesAreNotPublished() {
    harness().create("a");
    Recorder recorder = new Recorder();
    Subscription subscription = harness().store().subscribe(recorder);

    assertThatThrownBy(() -> harness().create("a")).isInstanceOf(Refusal.JobAlreadyExists.class);
    await(harness().store().update(Selection.of(key("a")), found -> Decision.nothing(1)));

    assertThat(recorder.changes).isEmpty();
    subscription.close();
  }

  @Test
  default void listenersAreNotifiedBeforeTheCaller() {
    AtomicLong published = new AtomicLong();
    harness().running("a");
    ChangeListener listener =
        new ChangeListener() {
          @Override
          public void changed(List<Change> changes) {
            for (Change change : changes) {
              JobRecord after = change.after();
              published.set(after == null ? 0 : after.getReportSeq());
            }
          }

          @Override
          public void missed() {}
        };
    Subscription subscription = harness().store().subscribe(listener);
    List<CompletionStage<Boolean>> early = new ArrayList<>();
    for (int i = 1; i <= 300; i++) {
      long seq = i;
      early.add(
          harness()
              .reportLater("a", token("a", 1), report(i))
              .thenApply(record -> published.get() >= seq));
    }

    assertThat(awaitAll(early)).containsOnly(true);
    subscription.close();
  }

  @Test
  default void stagesCompleteInOrderOfCommits() {
    harness().running("a");
    List<Long> received = new CopyOnWriteArrayList<>();
    List<CompletionStage<Boolean>> stages = new ArrayList<>();
    for (int i = 1; i <= 300; i++) {
      stages.add(
          harness()
              .reportLater("a", token("a", 1), report(i))
              .thenApply(record -> received.add(record.getReportSeq())));
    }
    awaitAll(stages);

    assertThat(received).hasSize(300).isSorted();
  }

  @Test
  default void throwingListenerDoesNotAffectOthers() {
    Recorder recorder = new Recorder();
    ChangeListener bad =
        new ChangeListener() {
          @Override
          public void changed(List<Change> changes) {
            throw new ArithmeticException("on purpose");
          }

          @Override
          public void missed() {}
        };
    try (Subscription first = harness().store().subscribe(bad);
        Subscription second = harness().store().subscribe(recorder)) {
      harness().create("a");
    }

    assertThat(recorder.changes).hasSize(1);
  }
}
