package dev.milepost.server.store.sqlite;

import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.sql.StoredJob;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Caches the jobs that are in progress, which get reports. The writer alone changes jobs, so the
 * cached ones are always current; other jobs would fill the heap and are rarely needed. Used by the
 * writer only.
 */
final class SqliteJobCache {
  private static final long MAX_BYTES = 64L << 20;

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
    while (bytes > MAX_BYTES && eldest.hasNext()) {
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
