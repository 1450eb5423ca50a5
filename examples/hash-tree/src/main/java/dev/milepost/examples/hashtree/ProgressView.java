package dev.milepost.examples.hashtree;

import dev.milepost.v1.JobStatus;

/** Shows a person how the job progresses. Thread-safe. */
interface ProgressView extends AutoCloseable {
  /** Shows a line that remains visible. */
  void line(String line);

  /** Shows that the job has entered a stage. */
  void stage(String name);

  /** Shows the latest status; may skip some. */
  void status(JobStatus status);

  /** Ends the view; other code may print from now on. */
  @Override
  void close();
}
