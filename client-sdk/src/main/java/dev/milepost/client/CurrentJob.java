package dev.milepost.client;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/** Which job the current thread works on, and the MDC entries that name it in log lines. */
final class CurrentJob {
  private static final ThreadLocal<@Nullable JobContext> CURRENT = new ThreadLocal<>();

  private CurrentJob() {}

  static Optional<JobContext> find() {
    return Optional.ofNullable(CURRENT.get());
  }

  /** Makes a job current on this thread until the scope is closed. */
  static JobContext.Scope enter(JobContext context) {
    JobContext before = CURRENT.get();
    CURRENT.set(context);
    return new Entered(
        Thread.currentThread(),
        before,
        new Entry("job_id", context.jobId()),
        new Entry("job_type", context.job().getSpec().getType()),
        new Entry("attempt", Integer.toString(context.attempt())));
  }

  /** An MDC entry, put when it is created, and the value that it replaced. */
  private record Entry(String key, String value, @Nullable String before) {
    Entry(String key, String value) {
      this(key, value, MDC.get(key));
      MDC.put(key, value);
    }

    void restore() {
      if (before == null) {
        MDC.remove(key);
      } else {
        MDC.put(key, before);
      }
    }
  }

  private static final class Entered implements JobContext.Scope {
    private final Thread thread;
    private final @Nullable JobContext before;
    private final Entry[] entries;
    private boolean closed;

    Entered(Thread thread, @Nullable JobContext before, Entry... entries) {
      this.thread = thread;
      this.before = before;
      this.entries = entries;
    }

    @Override
    public void close() {
      if (thread != Thread.currentThread()) {
        throw new IllegalStateException(
            "The scope was opened on the thread "
                + thread.getName()
                + ". Close it on that thread.");
      }
      if (closed) {
        return;
      }
      closed = true;
      for (Entry entry : entries) {
        entry.restore();
      }
      if (before == null) {
        CURRENT.remove();
      } else {
        CURRENT.set(before);
      }
    }
  }
}
