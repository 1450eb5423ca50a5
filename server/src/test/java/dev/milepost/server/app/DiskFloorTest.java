package dev.milepost.server.app;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** When little free space refuses new jobs, and when no longer. */
class DiskFloorTest {
  private static final long MIB = 1 << 20;

  private final Logger logger = (Logger) LoggerFactory.getLogger(DiskFloor.class);
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private final AtomicLong free = new AtomicLong(1_000 * MIB);
  private final DiskFloor floor = new DiskFloor(160 * MIB, free::get);

  @BeforeEach
  void listen() {
    log.start();
    logger.setLevel(Level.INFO);
    logger.addAppender(log);
  }

  @AfterEach
  void stop() {
    logger.detachAppender(log);
    logger.setLevel(null);
  }

  private boolean refuses(long mebibytes) {
    free.set(mebibytes * MIB);
    floor.check();
    return floor.refusal().isPresent();
  }

  @Test
  void refusesBelowTheMinimumAndUntilThereIsMore() {
    assertThat(refuses(160)).isFalse();
    assertThat(refuses(159)).isTrue();
    assertThat(refuses(0)).isTrue();
    assertThat(refuses(160)).isTrue();
    assertThat(refuses(169)).isTrue();
    assertThat(refuses(170)).isFalse();
    assertThat(refuses(160)).isFalse();
  }

  @Test
  void logsTheBeginAndTheEnd() {
    for (int i = 0; i < 10; i++) {
      refuses(100 - i);
    }
    for (int i = 0; i < 10; i++) {
      refuses(200 + i);
    }
    assertThat(log.list).hasSize(2);
    assertThat(log.list.get(0).getFormattedMessage())
        .contains("100 MiB", "milepost.limits.min-free-disk (160 MiB)");
    assertThat(log.list.get(1).getFormattedMessage()).contains("200 MiB", "accepted again");
  }

  @Test
  void aRefusalNamesTheSettingAndWhoCanHelp() {
    assertThat(floor.refusal()).isEmpty();
    refuses(1);
    assertThat(floor.refusal().orElseThrow())
        .hasMessageContaining("milepost.limits.min-free-disk")
        .hasMessageContaining("administrator");
    // Only a check asks for the free space.
    free.set(Long.MAX_VALUE);
    assertThat(floor.refusal()).isPresent();
  }

  @Test
  void unknownFreeSpaceRefusesNothing() {
    assertThat(floor.free()).isNaN();
    free.set(Long.MAX_VALUE);
    floor.check();
    assertThat(floor.refusal()).isEmpty();
    assertThat(floor.free()).isNaN();
    refuses(500);
    assertThat(floor.free()).isEqualTo(500.0 * MIB);
  }

  @Test
  void zeroRefusesNothing() {
    DiskFloor off = new DiskFloor(0, () -> 0);
    off.check();
    assertThat(off.refusal()).isEmpty();
    assertThat(off.free()).isZero();
  }
}
