package dev.milepost.server.copy;

import dev.milepost.server.job.JobKey;
import dev.milepost.v1.JobState;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** A store or server to copy jobs from. Its methods block; for use by one thread. */
public interface JobSource extends AutoCloseable {
  /** Returns its name, without credentials; the same each time that it is opened. */
  String name();

  /**
   * Counts its jobs by state.
   *
   * @param tenant the tenant to count; empty: all
   */
  Map<JobState, Long> counts(String tenant);

  /**
   * Reads all jobs page by page, oldest first.
   *
   * @param tenant the tenant to read; empty: all
   * @param reader receives each page before the next is read. The jobs of a page must be read one
   *     after the other, in their order, and before the reader returns
   * @param unreadable receives the jobs that are damaged and so are on no page
   */
  void eachPage(String tenant, Consumer<List<SourceJob>> reader, Consumer<JobKey> unreadable);

  /** Closes it. */
  @Override
  void close();
}
