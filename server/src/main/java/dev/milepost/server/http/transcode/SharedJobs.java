package dev.milepost.server.http.transcode;

import dev.milepost.v1.Job;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The JSON of jobs that were printed last. A change reaches all watches of a list as one object, so
 * that it is printed once, however many pages are open. Thread-safe.
 */
final class SharedJobs {
  private static final int SLOTS = 256;

  /** Larger jobs are printed each time: few are, and they would stay in memory. */
  private static final int MAX_BYTES = 8 * 1024;

  private final Function<Job, String> printer;
  private final AtomicReferenceArray<@Nullable Printed> slots = new AtomicReferenceArray<>(SLOTS);

  private record Printed(Job job, String json) {}

  /**
   * @param printer returns a job as JSON
   */
  SharedJobs(Function<Job, String> printer) {
    this.printer = printer;
  }

  /** Returns a job as JSON. */
  @SuppressWarnings("ReferenceEquality") // To compare two jobs takes as long as to print one.
  String print(Job job) {
    int slot = System.identityHashCode(job) % SLOTS;
    Printed known = slots.get(slot);
    if (known != null && known.job == job) {
      return known.json;
    }
    String json = printer.apply(job);
    if (json.length() <= MAX_BYTES) {
      slots.set(slot, new Printed(job, json));
    }
    return json;
  }
}
