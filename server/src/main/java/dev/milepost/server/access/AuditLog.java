package dev.milepost.server.access;

import dev.milepost.server.concurrent.RepeatLimit;
import dev.milepost.server.log.AuditFile;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * The audit log. Each change has its line. Of calls that were refused, and of those with a share
 * token, each caller has a few lines a minute, and then one line with their number, so that no
 * caller can fill the log: not by calls that change nothing. Thread-safe.
 *
 * <p>It goes to a file of its own, or else to the server's log. While the file cannot be written,
 * the lines go to the server's log, which says so; no call fails for it.
 */
public final class AuditLog implements AutoCloseable {
  static final int MAX_LINES = 10;

  private static final Logger AUDIT = LoggerFactory.getLogger("milepost.audit");
  private static final Logger LOG = LoggerFactory.getLogger(AuditLog.class);
  private static final Duration INTERVAL = Duration.ofMinutes(1);
  private static final int MAX_LINES_IN_ALL = 60;
  private static final int MAX_CALLERS = 1_000;
  private static final int MAX_SUMS = 60;

  private final RepeatLimit limit =
      new RepeatLimit(MAX_LINES, MAX_LINES_IN_ALL, MAX_CALLERS, INTERVAL);
  private final @Nullable AuditFile file;
  private volatile boolean isFileBroken;

  /**
   * Creates a log.
   *
   * @param timer writes the sums every minute
   * @param file takes the lines, and is closed with this log; empty: the server's log does
   */
  public AuditLog(ScheduledExecutorService timer, Optional<AuditFile> file) {
    this.file = file.orElse(null);
    var unused =
        timer.scheduleWithFixedDelay(
            this::sum, INTERVAL.toMillis(), INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Returns whether calls are logged at all. */
  public boolean isEnabled() {
    return AUDIT.isInfoEnabled();
  }

  /** Logs a call that was made. */
  public void made(Level level, Supplier<AuditEvent> event) {
    if (AUDIT.isEnabledForLevel(level)) {
      write(level, event.get());
    }
  }

  /** Logs an event that is not a call, such as a changed token. */
  public void record(AuditEvent event) {
    made(Level.INFO, () -> event);
  }

  /**
   * Logs a call of which a caller may make any number, such as one that was refused, or only counts
   * it if its caller has had many. At level DEBUG each one is logged.
   *
   * @param who the fields that name the caller, or its address; no value has a line break
   * @param code the status of the call
   */
  public void limited(Map<String, String> who, String code, Supplier<AuditEvent> event) {
    if (limit.count(AuditSubject.text(who, code)) > 0) {
      made(Level.INFO, event);
    } else {
      made(Level.DEBUG, event);
    }
  }

  /** Writes the numbers of the calls that were only counted. */
  void sum() {
    long others = 0;
    int written = 0;
    for (RepeatLimit.Hidden hidden : limit.drain()) {
      if (written < MAX_SUMS && !hidden.kind().equals(RepeatLimit.OTHERS)) {
        recordSum(AuditSubject.parse(hidden.kind()).fields(), hidden.times());
        written++;
      } else {
        others += hidden.times();
      }
    }
    if (others > 0) {
      recordSum(Map.of("others", true), others);
    }
  }

  private void recordSum(Map<String, Object> whose, long times) {
    Map<String, Object> fields = new LinkedHashMap<>(whose);
    fields.put("more", times);
    record(new AuditEvent("more_calls", fields));
  }

  private void write(Level level, AuditEvent event) {
    if (file == null || !wrote(file, level, event)) {
      LoggingEventBuilder line = AUDIT.atLevel(level);
      for (Map.Entry<String, Object> field : event.fields().entrySet()) {
        line = line.addKeyValue(field.getKey(), field.getValue());
      }
      line.log(event.name());
    }
  }

  private boolean wrote(AuditFile to, Level level, AuditEvent event) {
    try {
      to.write(level.toString(), event.name(), event.fields());
    } catch (IOException e) {
      isFileBroken = true;
      LOG.error(
          "The audit file {} cannot be written. Its lines go to this log until it can. Free space"
              + " on its disk, or correct its permissions.",
          to.path(),
          e);
      return false;
    }
    if (isFileBroken) {
      isFileBroken = false;
      LOG.info("The audit file {} can be written again.", to.path());
    }
    return true;
  }

  @Override
  public void close() {
    sum();
    if (file != null) {
      try {
        file.close();
      } catch (IOException e) {
        LOG.debug("Could not close the audit file properly.", e);
      }
    }
  }
}
