package dev.milepost.testing;

import dev.milepost.client.JobLogger;
import dev.milepost.client.JobParams;
import dev.milepost.client.LogLine;
import dev.milepost.v1.LogLevel;
import dev.milepost.v1.Progress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/** Records what a handler reports. Thread-safe. */
final class FakeJobLogger implements JobLogger {
  private final IntSupplier attempt;
  private final List<LogLine> lines = new ArrayList<>();
  private final List<String> stages = new ArrayList<>();
  private final Map<String, Long> outcome = new LinkedHashMap<>();
  private final Progress.Builder progress = Progress.newBuilder();

  /**
   * Creates a logger that has recorded nothing.
   *
   * @param attempt number of the attempt that its lines belong to
   */
  FakeJobLogger(IntSupplier attempt) {
    this.attempt = attempt;
  }

  synchronized List<LogLine> lines() {
    return List.copyOf(lines);
  }

  synchronized List<String> stages() {
    return List.copyOf(stages);
  }

  synchronized Map<String, Long> outcome() {
    return Map.copyOf(outcome);
  }

  synchronized Progress progress() {
    return progress.build();
  }

  private synchronized void change(Consumer<Progress.Builder> change) {
    change.accept(progress);
  }

  /** A new detail does not enter the stage again. */
  @Override
  public synchronized void setStage(String name, String detail) {
    if (stages.isEmpty() || !stages.get(stages.size() - 1).equals(name)) {
      stages.add(name);
    }
  }

  @Override
  public void setTotal(long total) {
    change(changed -> total(changed, total));
  }

  @Override
  public void setTotal(long total, String unit) {
    change(changed -> total(changed.setUnit(unit), total));
  }

  private static void total(Progress.Builder changed, long total) {
    if (total < 0) {
      changed.clearTotal();
    } else {
      changed.setTotal(total);
    }
  }

  @Override
  public void incrementProgress(long units) {
    change(changed -> changed.setCurrent(sum(changed.getCurrent(), units)));
  }

  @Override
  public void setProgress(long current) {
    change(changed -> changed.setCurrent(Math.max(0, current)));
  }

  @Override
  public void setProgress(long current, long total, String unit) {
    change(
        changed -> {
          changed.setCurrent(Math.max(0, current)).setUnit(unit);
          total(changed, total);
        });
  }

  @Override
  public void setFraction(double fraction) {
    if (Double.isNaN(fraction)) {
      throw new IllegalArgumentException("the fraction is NaN");
    }
    change(changed -> changed.setFraction(Math.max(0, Math.min(1, fraction))));
  }

  @Override
  public void message(String message) {
    change(changed -> changed.setMessage(message));
  }

  @Override
  public void addSucceeded(long units) {
    change(changed -> changed.setSucceeded(sum(changed.getSucceeded(), units)));
  }

  @Override
  public void addFailed(long units) {
    change(changed -> changed.setFailed(sum(changed.getFailed(), units)));
  }

  @Override
  public void addSkipped(long units) {
    change(changed -> changed.setSkipped(sum(changed.getSkipped(), units)));
  }

  /** Adds; never negative, and stays at the greatest number instead of overflowing. */
  private static long sum(long value, long units) {
    long sum = value + units;
    return units > 0 && sum < value ? Long.MAX_VALUE : Math.max(0, sum);
  }

  @Override
  public void debug(String message, Map<String, ?> context) {
    write(LogLevel.LOG_LEVEL_DEBUG, message, context, null);
  }

  @Override
  public void info(String message, Map<String, ?> context) {
    write(LogLevel.LOG_LEVEL_INFO, message, context, null);
  }

  @Override
  public void milestone(String message, Map<String, ?> context) {
    write(LogLevel.LOG_LEVEL_MILESTONE, message, context, null);
  }

  @Override
  public void warning(String message, Map<String, ?> context) {
    write(LogLevel.LOG_LEVEL_WARNING, message, context, null);
  }

  @Override
  public void warning(String message, Map<String, ?> context, Throwable cause) {
    write(LogLevel.LOG_LEVEL_WARNING, message, context, cause);
  }

  @Override
  public void error(String message, Map<String, ?> context) {
    write(LogLevel.LOG_LEVEL_ERROR, message, context, null);
  }

  @Override
  public void error(String message, Map<String, ?> context, Throwable cause) {
    write(LogLevel.LOG_LEVEL_ERROR, message, context, cause);
  }

  private void write(
      LogLevel level, String message, Map<String, ?> context, @Nullable Throwable cause) {
    Map<String, @Nullable Object> all = new LinkedHashMap<>();
    if (cause != null) {
      all.put("exception", cause.getClass().getName());
      all.put("exception_message", String.valueOf(cause.getMessage()));
    }
    context.forEach((key, value) -> all.put(key, decoded(key, value)));
    synchronized (this) {
      String stage = stages.isEmpty() ? "" : stages.get(stages.size() - 1);
      lines.add(
          new LogLine(
              lines.size() + 1,
              Instant.now(),
              attempt.getAsInt(),
              level,
              message,
              JobParams.of(Protos.struct(all)),
              stage));
    }
  }

  /** A value that cannot be encoded is written as text. */
  private static @Nullable Object decoded(String key, @Nullable Object value) {
    try {
      return value == null ? null : JobParams.of(Protos.struct(Map.of(key, value))).get(key);
    } catch (IllegalArgumentException e) {
      return String.valueOf(value);
    }
  }

  @Override
  public synchronized void addOutcome(String name, long units) {
    outcome.merge(named(name), units, Long::sum);
  }

  @Override
  public synchronized void saveOutcome(Map<String, ? extends Number> values) {
    values.forEach((name, value) -> outcome.put(named(name), value.longValue()));
  }

  private static String named(String name) {
    if (name.isEmpty()) {
      throw new IllegalArgumentException("the name of a counter must not be empty");
    }
    return name;
  }

  /** Writes the counters, without the elapsed time, so that the line is always the same. */
  @Override
  public synchronized void logSummary() {
    info("Summary: " + outcome);
  }
}
