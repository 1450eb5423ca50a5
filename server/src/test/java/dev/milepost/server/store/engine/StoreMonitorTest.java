package dev.milepost.server.store.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.milepost.server.store.Listeners;
import dev.milepost.server.store.SettableClock;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreException.Kind;
import dev.milepost.server.store.StoreException.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** The log of an outage: one line when it begins, one a minute, and one when it ends. */
class StoreMonitorTest {
  private final SettableClock clock = new SettableClock();
  private final FakeEngine engine = new FakeEngine();
  private final StoreMonitor monitor = new StoreMonitor(clock, new Listeners());
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private Level level;

  /** An engine that is there or not. */
  private static final class FakeEngine implements EngineProbe {
    private final AtomicInteger asked = new AtomicInteger();
    private volatile boolean isThere = true;

    @Override
    public Optional<String> check(Duration timeout) {
      asked.incrementAndGet();
      if (!isThere) {
        throw new StoreException(Outcome.NOT_APPLIED, Kind.AWAY, "It cannot be reached.", null);
      }
      return Optional.empty();
    }

    @Override
    public void close() {}
  }

  private static Logger logger() {
    return (Logger) LoggerFactory.getLogger(PartState.class);
  }

  @BeforeEach
  void startMonitor() {
    log.start();
    level = logger().getLevel();
    logger().setLevel(Level.INFO);
    logger().addAppender(log);
    monitor.start(engine);
  }

  @AfterEach
  void stopMonitor() {
    monitor.close();
    logger().detachAppender(log);
    logger().setLevel(level);
  }

  private List<String> lines() {
    return List.copyOf(log.list).stream()
        .map(event -> event.getLevel() + " " + event.getFormattedMessage())
        .toList();
  }

  /** Waits until the monitor has asked three times since now, in each round of which it may log. */
  private void awaitRounds() {
    int until = engine.asked.get() + 3;
    await().atMost(Duration.ofSeconds(20)).until(() -> engine.asked.get() >= until);
  }

  @Test
  void anOutageIsLoggedOnceAMinute() {
    engine.isThere = false;
    monitor.suspect();
    await().until(monitor::isAway);
    assertThat(lines())
        .containsExactly("WARN It cannot be reached. Calls fail at once until it is back.");

    monitor.failed(1_234);
    clock.advance(Duration.ofSeconds(50));
    awaitRounds();
    assertThat(lines()).hasSize(1);

    clock.advance(Duration.ofSeconds(10));
    await().until(() -> lines().size() > 1);
    assertThat(lines().get(1))
        .matches(
            "WARN The store has not worked for 6[0-9]\\.[0-9] s\\. It cannot be reached\\."
                + " 1,234 calls failed so far\\.");
    awaitRounds();
    assertThat(lines()).hasSize(2);

    monitor.failed(1);
    clock.advance(Duration.ofSeconds(60));
    await().until(() -> lines().size() > 2);
    assertThat(lines().get(2)).contains(" 1,235 calls failed so far.");

    engine.isThere = true;
    await().until(() -> !monitor.isAway());
    assertThat(lines())
        .hasSize(4)
        .last()
        .asString()
        .startsWith("INFO The store works again after 12")
        .endsWith(" 1,235 calls failed.");
  }

  @Test
  void theNextOutageCountsAnew() {
    for (int outage = 1; outage <= 2; outage++) {
      engine.isThere = false;
      monitor.suspect();
      await().until(monitor::isAway);
      monitor.failed(1);
      engine.isThere = true;
      await().until(() -> !monitor.isAway());
      assertThat(lines()).hasSize(2 * outage).last().asString().endsWith(" 1 call failed.");
    }
  }
}
