package dev.milepost.examples.hashtree;

import dev.milepost.v1.JobStatus;

/** Where a person sees how the job goes. Thread-safe. */
interface ProgressView extends AutoCloseable {
  /** Shows a line that stays. */
  void line(String line);

  /** Shows that the job goes on to a stage. */
  void stage(String name);

  /** Shows the latest status; may leave some out. */
  void status(JobStatus status);

  /** Ends the view: what comes after it is printed by others. */
  @Override
  void close();
}
