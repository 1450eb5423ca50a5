package dev.milepost.server.copy;

import dev.milepost.v1.JobState;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Where jobs are copied from. Blocks; for one thread. */
public interface JobSource extends AutoCloseable {
  /** What it is, without credentials: the same each time that it is opened. */
  String name();

  /**
   * How many jobs it has, by state.
   *
   * @param tenant the tenant that is counted; empty: all
   */
  Map<JobState, Long> counts(String tenant);

  /**
   * Shows all jobs, oldest first, page by page.
   *
   * @param tenant the tenant whose jobs are shown; empty: all
   * @param reader looks at each page before the next is read
   */
  void eachPage(String tenant, Consumer<List<SourceJob>> reader);

  /** Lets go of it. */
  @Override
  void close();
}
