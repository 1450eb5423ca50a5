package dev.milepost.server.store;

import static dev.milepost.server.store.StoreHarness.await;
import static dev.milepost.server.store.StoreHarness.job;
import static dev.milepost.server.store.StoreHarness.key;
import static dev.milepost.server.store.StoreHarness.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.milepost.server.store.StoreException.Kind;
import dev.milepost.storage.v1.JobRecord;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

/** An engine that goes away: calls fail at once, the log has few lines, and nothing is lost. */
public abstract class OutageContract {
  private final SettableClock clock = new SettableClock();
  private final AtomicLong failedUpdates = new AtomicLong();
  private final List<Boolean> notified = new CopyOnWriteArrayList<>();
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private Level level;
  private StoreProxy proxy;
  private StoreHarness store;

  /** The port of the engine on this machine. */
  protected abstract int port();

  /** Opens an empty store through the proxy. */
  protected abstract JobStore open(int port, SettableClock clock, CommitObserver observer)
      throws Exception;

  /** What the engine's user can no longer do: log in. Restored by {@link #admit}. */
  protected abstract void reject() throws Exception;

  /** Lets the engine's user log in again. */
  protected abstract void admit() throws Exception;

  /** Makes the engine refuse changes, as after a failover. Ended by {@link #acceptChanges}. */
  protected abstract void refuseChanges() throws Exception;

  /** Makes the engine accept changes again. */
  protected abstract void acceptChanges() throws Exception;

  /** Stops the processes of the engine, as SIGSTOP does: connections stay open. */
  protected abstract void freeze() throws Exception;

  /** Lets the processes of the engine go on. */
  protected abstract void thaw() throws Exception;

  @BeforeEach
  void openStore() throws Exception {
    proxy = new StoreProxy(port());
    store =
        new StoreHarness(
            open(
                proxy.port(),
                clock,
                new CommitObserver() {
                  @Override
                  public void committed(int updates, long nanos) {}

                  @Override
                  public void failed(int updates) {
                    failedUpdates.addAndGet(updates);
                  }
                }),
            clock);
    store
        .store()
        .subscribe(
            new ChangeListener() {
              @Override
              public void changed(List<Change> changes) {}

              @Override
              public void missed() {}

              @Override
              public void availabilityChanged(boolean available) {
                notified.add(available);
              }
            });
    log.start();
    level = logger().getLevel();
    logger().setLevel(Level.INFO);
    logger().addAppender(log);
  }

  private static Logger logger() {
    return (Logger) LoggerFactory.getLogger("dev.milepost.server.store");
  }

  @AfterEach
  void closeStore() throws IOException {
    logger().detachAppender(log);
    logger().setLevel(level);
    store.store().close();
    proxy.close();
  }

  private void awaitUp(boolean isUp) {
    await()
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(5))
        .atMost(Duration.ofSeconds(20))
        .until(() -> store.store().health().engine().isUp() == isUp);
  }

  /**
   * Updates that are in progress as the engine goes away, and all calls after that, fail. A read in
   * progress may still succeed, if the engine only refuses changes.
   */
  private void checkOutage(String reason) {
    List<CompletionStage<?>> updates = new ArrayList<>();
    List<CompletionStage<?>> reads = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      updates.add(store.createLater(job("early" + i, spec()), List.of()));
      reads.add(store.store().get(List.of(key("a"))));
    }
    awaitUp(false);
    updates.forEach(OutageContract::assertAway);
    for (CompletionStage<?> read : reads) {
      Throwable failure = catchThrowable(() -> StoreHarness.await(read));
      assertThat(failure == null || StoreException.isReported(failure)).isTrue();
    }
    long begun = System.nanoTime();
    for (int i = 0; i < 100; i++) {
      assertAway(store.createLater(job("late" + i, spec()), List.of()));
      assertAway(store.store().get(List.of(key("a"))));
      assertAway(store.store().time());
    }
    // Not a bound of the speed: 300 calls that wait for an engine take at least ten times as long.
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(30));
    StoreHealth health = store.store().health();
    assertThat(health.engine().reason()).contains(reason);
    assertThat(health.feed()).isEqualTo(health.engine());
    assertThat(failedUpdates.get()).isGreaterThanOrEqualTo(100);
    assertThat(lines()).singleElement().asString().startsWith("WARN").contains(reason);
    await().until(() -> notified.equals(List.of(false)));
  }

  private static void assertAway(CompletionStage<?> stage) {
    assertThatThrownBy(() -> StoreHarness.await(stage))
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.kind()).isEqualTo(Kind.AWAY));
  }

  private void checkReturn() {
    awaitUp(true);
    JobRecord created = await(store.createLater(job("after", spec()), List.of()));
    assertThat(store.get("after")).contains(created);
    assertThat(store.get("a")).isPresent();
    assertThat(store.get("late0")).isEmpty();
    assertThat(store.store().health().feed().isUp()).isTrue();
    assertThat(lines()).hasSize(2).last().asString().startsWith("INFO The store works again");
    await().until(() -> notified.equals(List.of(false, true)));
  }

  private List<String> lines() {
    assertThat(log.list).allMatch(event -> event.getThrowableProxy() == null);
    return List.copyOf(log.list).stream()
        .map(event -> event.getLevel() + " " + event.getFormattedMessage())
        .toList();
  }

  @Test
  void refusedConnectionsAreAnOutage() throws IOException {
    store.create("a");
    proxy.refuse();
    checkOutage("cannot be reached");
    proxy.restore();
    checkReturn();
  }

  @Test
  void engineThatHangsIsAnOutage() {
    store.create("a");
    proxy.hang();
    checkOutage("cannot be reached");
    proxy.restore();
    checkReturn();
  }

  @Test
  void frozenEngineIsAnOutage() throws Exception {
    store.create("a");
    freeze();
    try {
      checkOutage("cannot be reached");
    } finally {
      thaw();
    }
    checkReturn();
  }

  @ParameterizedTest(name = "requests {0}, responses {1}")
  @CsvSource({"true, true", "true, false", "false, true"})
  void blackHoleIsAnOutage(boolean requests, boolean responses) {
    store.create("a");
    proxy.swallow(requests, responses);
    checkOutage("cannot be reached");
    proxy.restore();
    checkReturn();
  }

  @Test
  void rejectedLoginIsAnOutage() throws Exception {
    store.create("a");
    reject();
    proxy.cut();
    checkOutage("refused this user");
    admit();
    checkReturn();
  }

  @Test
  void engineThatRefusesChangesIsAnOutage() throws Exception {
    store.create("a");
    refuseChanges();
    proxy.cut();
    checkOutage("primary");
    acceptChanges();
    checkReturn();
  }

  @Test
  void connectionsThatAreCutAreReplacedWithoutFailure() {
    store.create("a");
    for (int round = 0; round < 5; round++) {
      proxy.cut();
      assertThat(store.get("a")).isPresent();
      store.create("b" + round);
    }
    assertThat(store.store().health().engine().isUp()).isTrue();
    assertThat(notified).isEmpty();
    assertThat(lines()).isEmpty();
  }

  @Test
  void storeClosesWhileItsEngineIsAway() throws IOException {
    store.create("a");
    proxy.refuse();
    awaitUp(false);
    CompletionStage<JobRecord> late = store.createLater(job("late", spec()), List.of());
    store.store().close();
    assertAway(late);
  }
}
