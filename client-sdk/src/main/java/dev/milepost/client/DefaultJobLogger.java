package dev.milepost.client;

import dev.milepost.v1.LogEntry;
import dev.milepost.v1.LogLevel;
import dev.milepost.v1.Progress;
import dev.milepost.v1.Stage;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The logger of one attempt: writes everything to its report buffer. */
final class DefaultJobLogger implements JobLogger {
  private static final int MAX_STAGE = 256;
  private static final int MAX_DETAIL = 1_024;
  private static final int MAX_UNIT = 64;
  private static final int MAX_PROGRESS_MESSAGE = 1_024;
  private static final int MAX_COUNTER = 64;

  private final ReportBuffer buffer;
  private final AttemptSummary summary = new AttemptSummary();

  DefaultJobLogger(ReportBuffer buffer) {
    this.buffer = buffer;
  }

  @Override
  public void setStage(String name, String detail) {
    buffer.enter(
        Stage.newBuilder()
            .setName(Texts.line(name, MAX_STAGE))
            .setDetail(Texts.cut(detail, MAX_DETAIL))
            .build());
  }

  @Override
  public void setTotal(long total) {
    change(progress -> total(progress, total));
  }

  @Override
  public void setTotal(long total, String unit) {
    change(progress -> total(progress.setUnit(Texts.line(unit, MAX_UNIT)), total));
  }

  @Override
  public void incrementProgress(long units) {
    change(
        progress -> progress.setCurrent(Math.max(0, Saturated.add(progress.getCurrent(), units))));
  }

  @Override
  public void setProgress(long current) {
    change(progress -> progress.setCurrent(Math.max(0, current)));
  }

  @Override
  public void setProgress(long current, long total, String unit) {
    change(
        progress -> {
          progress.setCurrent(Math.max(0, current)).setUnit(Texts.line(unit, MAX_UNIT));
          total(progress, total);
        });
  }

  @Override
  public void setFraction(double fraction) {
    if (Double.isNaN(fraction)) {
      throw new IllegalArgumentException("the fraction is NaN");
    }
    change(progress -> progress.setFraction(Math.max(0, Math.min(1, fraction))));
  }

  @Override
  public void message(String message) {
    change(progress -> progress.setMessage(Texts.cut(message, MAX_PROGRESS_MESSAGE)));
  }

  @Override
  public void addSucceeded(long units) {
    change(
        progress ->
            progress.setSucceeded(Math.max(0, Saturated.add(progress.getSucceeded(), units))));
  }

  @Override
  public void addFailed(long units) {
    change(progress -> progress.setFailed(Math.max(0, Saturated.add(progress.getFailed(), units))));
  }

  @Override
  public void addSkipped(long units) {
    change(
        progress -> progress.setSkipped(Math.max(0, Saturated.add(progress.getSkipped(), units))));
  }

  private static void total(Progress.Builder progress, long total) {
    if (total < 0) {
      progress.clearTotal();
    } else {
      progress.setTotal(total);
    }
  }

  private void change(Consumer<Progress.Builder> change) {
    summary.counted();
    buffer.progress(state -> change.accept(state.change()));
  }

  @Override
  public void debug(String message, Map<String, ?> context) {
    log(LogLevel.LOG_LEVEL_DEBUG, message, context, null);
  }

  @Override
  public void info(String message, Map<String, ?> context) {
    log(LogLevel.LOG_LEVEL_INFO, message, context, null);
  }

  @Override
  public void milestone(String message, Map<String, ?> context) {
    log(LogLevel.LOG_LEVEL_MILESTONE, message, context, null);
  }

  @Override
  public void warning(String message, Map<String, ?> context) {
    log(LogLevel.LOG_LEVEL_WARNING, message, context, null);
  }

  @Override
  public void warning(String message, Map<String, ?> context, Throwable cause) {
    log(LogLevel.LOG_LEVEL_WARNING, message, context, cause);
  }

  @Override
  public void error(String message, Map<String, ?> context) {
    log(LogLevel.LOG_LEVEL_ERROR, message, context, null);
  }

  @Override
  public void error(String message, Map<String, ?> context, Throwable cause) {
    log(LogLevel.LOG_LEVEL_ERROR, message, context, cause);
  }

  /** Writes an informational line with a cause. */
  void info(String message, Throwable cause) {
    log(LogLevel.LOG_LEVEL_INFO, message, Map.of(), cause);
  }

  private void log(
      LogLevel level, String message, Map<String, ?> context, @Nullable Throwable cause) {
    List<LogEntry> lines = LogLines.of(level, message, context, cause);
    for (LogEntry line : lines) {
      buffer.log(line);
    }
  }

  @Override
  public void addOutcome(String name, long units) {
    String counter = counter(name);
    if (summary.add(counter, units)) {
      buffer.add(draft -> draft.addOutcome(counter, units));
    } else {
      tooManyCounters(counter);
    }
  }

  @Override
  public void saveOutcome(Map<String, ? extends Number> outcome) {
    Map<String, Long> values = new LinkedHashMap<>(); // All of them, or none.
    outcome.forEach((name, value) -> values.put(counter(name), whole(name, value)));
    values.forEach(
        (counter, value) -> {
          if (summary.set(counter, value)) {
            buffer.add(draft -> draft.setOutcome(counter, value));
          } else {
            tooManyCounters(counter);
          }
        });
  }

  /** Says once which counter is left out, as the server does for those of several attempts. */
  private void tooManyCounters(String counter) {
    if (summary.isFirstRefused()) {
      warning(
          "The counter "
              + counter
              + " and all further new ones are left out: a job can have "
              + AttemptSummary.MAX_COUNTERS
              + " named counters.");
    }
  }

  private static String counter(@Nullable String name) {
    if (name == null || name.isEmpty()) {
      throw new IllegalArgumentException("the name of a counter must not be empty");
    }
    return Texts.line(name, MAX_COUNTER);
  }

  /**
   * Counters are whole numbers. Cutting off a fraction, or what exceeds 64 bits, would make the
   * outcome wrong without a word.
   */
  private static long whole(String name, @Nullable Number value) {
    Long whole = value == null ? null : UserCode.orNull(() -> Numbers.exactLong(value));
    if (whole == null) {
      throw new IllegalArgumentException(
          "the counter "
              + name
              + " is "
              + Texts.cut(UserCode.text(value), 64)
              + ", but counters are whole numbers of 64 bits: use result() for other values");
    }
    return whole;
  }

  @Override
  public void logSummary() {
    summary.written();
    info(summary.text(buffer.peekProgress()), summary.context());
  }

  /** Writes the summary if the handler counted something and did not write a summary itself. */
  void logSummaryIfDue() {
    if (summary.isDue()) {
      logSummary();
    }
  }
}
