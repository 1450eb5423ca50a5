package dev.milepost.server.store.engine;

import dev.milepost.server.concurrent.ThreadFactories;
import dev.milepost.server.concurrent.Uninterruptibles;
import dev.milepost.server.store.StoreException.Outcome;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The single writer of a store: one thread that hands queued updates to the engine, until the queue
 * is closed and empty.
 */
public final class UpdateLoop {
  private static final Logger LOG = LoggerFactory.getLogger(UpdateLoop.class);

  private final UpdateQueue queue;
  private final Writer writer;
  private final Thread thread =
      ThreadFactories.nonDaemon("milepost-store-writer").newThread(this::run);

  /** What an engine does with queued updates. All methods run on the loop's thread. */
  public interface Writer {
    /**
     * Commits a batch of updates and settles each of them.
     *
     * @param first the first update of the batch; the writer may take more from the queue
     */
    void write(PendingUpdate<?> first);

    /** Called when no update has arrived for {@link #waitMillis}. */
    void idle();

    /** How long to wait for an update before {@link #idle} is called. */
    default long waitMillis() {
      return 1_000;
    }

    /** Whether the writer itself holds updates that it has not settled yet. */
    default boolean hasDeferred() {
      return false;
    }

    /**
     * The last call: the queue is closed and empty.
     *
     * @param late updates that arrived too late; they have failed and need to be completed
     */
    void end(List<PendingUpdate<?>> late);
  }

  /** A loop that has not been started. */
  public UpdateLoop(UpdateQueue queue, Writer writer) {
    this.queue = queue;
    this.writer = writer;
  }

  /** Starts the thread. */
  public void start() {
    thread.start();
  }

  /** Ends a pause of the writer early. Thread-safe. */
  public void wake() {
    LockSupport.unpark(thread);
  }

  /** Closes the queue and waits until the writer has settled all updates. */
  public void finish() {
    queue.close();
    Uninterruptibles.run(thread::join);
  }

  private void run() {
    while (queue.isOpen() || writer.hasDeferred()) {
      PendingUpdate<?> first = queue.take(writer.waitMillis());
      try {
        if (first == null) {
          writer.idle();
        } else {
          writer.write(first);
        }
      } catch (RuntimeException | Error e) {
        survive(first, e);
      }
    }
    writer.end(queue.end());
  }

  /** Without this thread, no update would ever be answered again. */
  private static void survive(@Nullable PendingUpdate<?> update, Throwable failure) {
    LOG.error("The writer of the store failed unexpectedly. It continues.", failure);
    if (update != null) {
      update.fail(StoreFailures.unexpected(Outcome.UNKNOWN, failure));
      update.complete();
    }
  }
}
