package dev.milepost.client;

import dev.milepost.v1.Progress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Collects an attempt's counters for its summary line. Thread-safe. */
final class AttemptSummary {
  /** The contract's limit. */
  static final int MAX_COUNTERS = 64;

  private final long startNanos = System.nanoTime();
  private final Map<String, Long> outcome = new LinkedHashMap<>();
  private boolean counted;
  private boolean written;
  private boolean refused;

  synchronized void counted() {
    counted = true;
  }

  /** Adds to a counter; returns false if there would be too many. */
  synchronized boolean add(String name, long units) {
    boolean fits = fits(name);
    if (fits) {
      outcome.merge(name, units, Saturated::add);
    }
    return fits;
  }

  /** Sets a counter; returns false if there would be too many. */
  synchronized boolean set(String name, long value) {
    boolean fits = fits(name);
    if (fits) {
      outcome.put(name, value);
    }
    return fits;
  }

  private boolean fits(String name) {
    return outcome.size() < MAX_COUNTERS || outcome.containsKey(name);
  }

  /** Whether a counter that did not fit is the first one. */
  synchronized boolean isFirstRefused() {
    boolean first = !refused;
    refused = true;
    return first;
  }

  synchronized void written() {
    written = true;
  }

  synchronized boolean isDue() {
    return !written && (counted || !outcome.isEmpty());
  }

  /** "Summary: 90 of 100 files in 12.3 s; hashed 88, empty 2". */
  synchronized String text(Progress progress) {
    StringBuilder text = new StringBuilder("Summary: ");
    if (progress.getCurrent() > 0 || progress.hasTotal()) {
      text.append(progress.getCurrent());
      if (progress.hasTotal()) {
        text.append(" of ").append(progress.getTotal());
      }
      if (!progress.getUnit().isEmpty()) {
        text.append(' ').append(progress.getUnit());
      }
      text.append(' ');
    }
    text.append(String.format(Locale.ROOT, "in %.1f s", elapsed().toMillis() / 1e3));
    String separator = "; ";
    for (Map.Entry<String, Long> counter : outcome.entrySet()) {
      text.append(separator).append(counter.getKey()).append(' ').append(counter.getValue());
      separator = ", ";
    }
    return text.toString();
  }

  synchronized Map<String, ?> context() {
    Map<String, Object> context = new LinkedHashMap<>();
    context.put("elapsed_ms", elapsed().toMillis());
    if (!outcome.isEmpty()) {
      context.put("outcome", Map.copyOf(outcome));
    }
    return context;
  }

  private Duration elapsed() {
    return Duration.ofNanos(System.nanoTime() - startNanos);
  }
}
