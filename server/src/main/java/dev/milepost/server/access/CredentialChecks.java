package dev.milepost.server.access;

import dev.milepost.server.concurrent.ThreadFactories;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks credentials from addresses that have presented many invalid ones: one at a time, on a
 * thread of its own, and addresses take turns. So guessing keeps one processor busy at most, and
 * none of the threads that serve calls. Thread-safe.
 */
public final class CredentialChecks {
  private static final Logger LOG = LoggerFactory.getLogger(CredentialChecks.class);

  /** Checks that may wait in all. */
  static final int MAX_WAITING = 2_000;

  /** Checks that may wait of one address. */
  public static final int MAX_WAITING_PER_ADDRESS = 200;

  private final ThreadPoolExecutor thread;

  // Guarded by this.
  private final Map<String, Deque<Runnable>> waiting = new LinkedHashMap<>();
  private int size;
  private boolean isRunning;

  /** Starts no thread until there is something to check. */
  public CredentialChecks() {
    thread =
        new ThreadPoolExecutor(
            1,
            1,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            ThreadFactories.daemon("milepost-credential-checks"));
    thread.allowCoreThreadTimeOut(true);
  }

  /**
   * Runs a check when it is its turn.
   *
   * @return false if too many wait: the check will not run
   */
  public synchronized boolean submit(String address, Runnable check) {
    Deque<Runnable> own = waiting.get(address);
    if (size >= MAX_WAITING || (own != null && own.size() >= MAX_WAITING_PER_ADDRESS)) {
      return false;
    }
    if (own == null) {
      own = new ArrayDeque<>();
      waiting.put(address, own);
    }
    own.addLast(check);
    size++;
    if (!isRunning) {
      isRunning = true;
      thread.execute(this::run);
    }
    return true;
  }

  private void run() {
    for (Runnable check = next(); check != null; check = next()) {
      try {
        check.run();
      } catch (RuntimeException | Error e) {
        LOG.error("A credential could not be checked.", e);
      }
    }
  }

  /** Takes the next check, whose address is then the last. */
  private synchronized @Nullable Runnable next() {
    Iterator<Map.Entry<String, Deque<Runnable>>> all = waiting.entrySet().iterator();
    if (!all.hasNext()) {
      isRunning = false;
      return null;
    }
    Map.Entry<String, Deque<Runnable>> first = all.next();
    String address = first.getKey();
    Deque<Runnable> own = first.getValue();
    all.remove();
    Runnable check = own.removeFirst();
    size--;
    if (!own.isEmpty()) {
      waiting.put(address, own);
    }
    return check;
  }
}
