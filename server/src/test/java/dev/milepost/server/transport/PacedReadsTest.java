package dev.milepost.server.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When the messages of a stream are read whose user exceeds its rate. */
class PacedReadsTest {
  /** Keeps what is scheduled until the test lets its time come. */
  private static final class ManualTimer extends ScheduledThreadPoolExecutor {
    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private final List<Duration> delays = new ArrayList<>();

    ManualTimer() {
      super(1);
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
      delays.add(Duration.ofNanos(unit.toNanos(delay)));
      tasks.add(task);
      return super.schedule(() -> {}, 1, TimeUnit.DAYS);
    }

    void fire() {
      tasks.remove().run();
    }
  }

  private final ManualTimer timer = new ManualTimer();
  private final List<Integer> requested = new ArrayList<>();
  private final List<String> slowed = new ArrayList<>();
  private @Nullable Duration owed;
  private final PacedReads reads =
      new PacedReads(this::excess, timer, Runnable::run, requested::add, slowed::add);

  @AfterEach
  void stop() {
    timer.shutdownNow();
  }

  private ByteRates.@Nullable Excess excess() {
    return owed == null
        ? null
        : new ByteRates.Excess("user-bytes-per-second", "user:ann", "User ann", 1, owed);
  }

  @Test
  void passesOnWhatIsRequestedWhileTheRateIsKept() {
    reads.request(4);
    reads.request(1);
    assertThat(requested).containsExactly(4, 1);
    assertThat(slowed).isEmpty();
    assertThat(timer.delays).isEmpty();
  }

  @Test
  void pausesUntilTimeHasPaid() {
    owed = Duration.ofMillis(300);
    reads.request(3);
    reads.request(1);
    assertThat(requested).isEmpty();
    assertThat(slowed).containsExactly("user-bytes-per-second");
    assertThat(timer.delays).containsExactly(Duration.ofMillis(300));
    owed = null;
    timer.fire();
    assertThat(requested).containsExactly(4);
  }

  @Test
  void readsOneMessageEveryFiveSecondsHoweverMuchIsOwed() {
    owed = Duration.ofMinutes(10);
    reads.request(3);
    timer.fire();
    assertThat(requested).containsExactly(1);
    timer.fire();
    timer.fire();
    assertThat(requested).containsExactly(1, 1, 1);
    assertThat(timer.delays).containsOnly(Duration.ofSeconds(5)).hasSize(3);
    assertThat(slowed).hasSize(3);
    // Nothing is requested any more, so nothing waits.
    assertThat(timer.tasks).isEmpty();
  }

  @Test
  void whatOthersOfTheUserSendProlongsThePauseUpToFiveSeconds() {
    owed = Duration.ofSeconds(2);
    reads.request(1);
    timer.fire();
    timer.fire();
    assertThat(requested).isEmpty();
    assertThat(timer.delays)
        .containsExactly(Duration.ofSeconds(2), Duration.ofSeconds(2), Duration.ofSeconds(1));
    timer.fire();
    assertThat(requested).containsExactly(1);
    assertThat(slowed).hasSize(1);
  }

  @Test
  void readsNothingAfterTheEnd() {
    owed = Duration.ofSeconds(1);
    reads.request(2);
    reads.end();
    owed = null;
    timer.fire();
    reads.request(1);
    assertThat(requested).isEmpty();
  }
}
