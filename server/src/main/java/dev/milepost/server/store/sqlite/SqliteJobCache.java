package dev.milepost.server.store.sqlite;

import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.sql.StoredJob;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Jobs that the writer need not read again: those that workers hold, since they are reported on. It
 * alone changes jobs, so they are as the database has them. The others would fill the heap with
 * what is seldom asked for. Used by the writer alone.
 */
final class SqliteJobCache {
  private static final long MOST_BYTES = 64L << 20;

  private final Map<JobKey, StoredJob> jobs = new LinkedHashMap<>(1024, 0.75f, true);
  private long bytes;

  @Nullable StoredJob get(JobKey key) {
    return jobs.get(key);
  }

  void put(JobKey key, StoredJob job) {
    bytes += job.weight();
    StoredJob old = jobs.put(key, job);
    bytes -= old == null ? 0 : old.weight();
    Iterator<StoredJob> eldest = jobs.values().iterator();
    while (bytes > MOST_BYTES && eldest.hasNext()) {
      bytes -= eldest.next().weight();
      eldest.remove();
    }
  }

  void clear() {
    jobs.clear();
    bytes = 0;
  }

  void remove(JobKey key) {
    StoredJob old = jobs.remove(key);
    bytes -= old == null ? 0 : old.weight();
  }
}
