package dev.milepost.client;

import dev.milepost.v1.Item;
import dev.milepost.v1.LogEntry;
import dev.milepost.v1.LogLevel;
import dev.milepost.v1.Progress;
import dev.milepost.v1.Report;
import dev.milepost.v1.Stage;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Everything an attempt has reported and the server has not yet acknowledged: sealed reports, which
 * have their sequence numbers, and the draft that collects what is reported now. Thread-safe: the
 * handler's threads fill it, and the report loop empties it.
 *
 * <p>Its memory is bounded. Progress, counters and the checkpoint are conflated. A line for which
 * there is no room waits for the server, for a second at most after the server last acknowledged
 * something; then it is dropped and counted, and a line says so as soon as there is room again.
 */
final class ReportBuffer {
  static final int MAX_LINES = 10_000;
  static final long MAX_BYTES = 8 << 20;
  static final Duration MAX_BLOCKED = Duration.ofSeconds(1);

  /** Shorter waits are not worth telling of. */
  private static final long MIN_BLOCKED_NANOS = 100_000;

  private final String jobId;
  private final UnsentReports unsent;
  private final Runnable announce;
  private final SealedReports sealed;
  private final ProgressState progress = new ProgressState();
  private ReportDraft draft = new ReportDraft();
  private DroppedLines dropped = new DroppedLines();
  private Stage stage = Stage.getDefaultInstance();

  /** The current stage, if there was no room to report it. */
  private @Nullable Stage lateStage;

  private long chargedBytes;

  /** Until when calls may wait for room; null unless one has found none since the last response. */
  private @Nullable Long blockedUntilNanos;

  private boolean announced;
  private boolean closed;

  /**
   * Creates an empty buffer.
   *
   * @param jobId job that is reported on
   * @param committedSeq sequence number of the last report that the server has committed
   * @param unsent what all buffers of the client hold
   * @param announce called, without holding the lock, when there is something to send
   */
  ReportBuffer(String jobId, long committedSeq, UnsentReports unsent, Runnable announce) {
    this.jobId = jobId;
    this.sealed = new SealedReports(committedSeq);
    this.unsent = unsent;
    this.announce = announce;
  }

  /** Changes counters or the checkpoint, whose size is limited by itself. Never waits. */
  void add(Consumer<ReportDraft> change) {
    change(() -> change.accept(draft));
  }

  /** Changes the progress. Never waits. */
  void progress(Consumer<ProgressState> change) {
    change(() -> change.accept(progress));
  }

  /** Adds a log line; waits a moment, then drops it, while too much is unsent. */
  void log(LogEntry line) {
    boolean added =
        changeBounded(
            Importance.of(line.getLevel()),
            () -> {
              tellOfDropped();
              draft.log(line);
            },
            () -> dropped.add(line.getLevel()));
    if (!added) {
      unsent.dropped(jobId, line.getLevel());
    }
  }

  /** Adds an item's state; waits a moment, then drops it, while far too much is unsent. */
  void item(Item item) {
    changeBounded(Importance.STATE, () -> draft.item(item), dropped::addItem);
  }

  /** Enters a stage; seals the draft first if it has another, as a report carries only one. */
  void enter(Stage next) {
    boolean added =
        changeBounded(
            Importance.EVENT,
            () -> {
              if (next.equals(stage)) {
                return;
              }
              boolean sameName = next.getName().equals(stage.getName());
              if (!sameName && !draft.takesStage(next)) {
                seal();
              }
              draft.stage(next);
              stage = next;
              lateStage = null;
            },
            () -> {
              stage = next;
              lateStage = next;
            });
    if (!added) {
      unsent.dropped(jobId, LogLevel.LOG_LEVEL_INFO);
    }
  }

  private void change(Runnable change) {
    boolean first;
    synchronized (this) {
      first = !closed && apply(change);
    }
    if (first) {
      announce.run();
    }
  }

  /** Changes the draft, or runs the other action if there is no room; returns false then. */
  private boolean changeBounded(Importance importance, Runnable change, Runnable drop) {
    boolean first = false;
    boolean added = true;
    long blockedNanos = 0;
    synchronized (this) {
      if (isFull(importance)) {
        long startNanos = System.nanoTime();
        added = awaitRoom(importance);
        blockedNanos = System.nanoTime() - startNanos;
      }
      if (closed) {
        added = true;
      } else if (added) {
        first = apply(change);
      } else {
        drop.run();
      }
    }
    if (blockedNanos > MIN_BLOCKED_NANOS) {
      unsent.blocked(jobId, blockedNanos);
    }
    if (first) {
      announce.run();
    }
    return added;
  }

  /** Applies a change; returns whether it has to be announced. */
  private boolean apply(Runnable change) {
    change.run();
    if (draft.isFull()) {
      seal();
    }
    charge();
    boolean first = !announced && hasUnsent();
    announced |= first;
    return first;
  }

  private void charge() {
    long bytes = sealed.bytes() + draft.bytes();
    if (bytes != chargedBytes) {
      unsent.charge(bytes - chargedBytes);
      chargedBytes = bytes;
    }
  }

  private boolean isFull(Importance importance) {
    return importance.isFull(sealed.lines() + draft.lines(), MAX_LINES)
        || importance.isFull(chargedBytes, MAX_BYTES)
        || unsent.isFull(importance);
  }

  /**
   * Waits for room; returns false if there is none in time. Does not delay an interrupted writer,
   * and lets it exceed the limit a little instead of losing a line.
   */
  private boolean awaitRoom(Importance importance) {
    if (blockedUntilNanos == null) {
      blockedUntilNanos = System.nanoTime() + MAX_BLOCKED.toNanos();
    }
    try {
      while (!closed && isFull(importance)) {
        // Null again if the server has acknowledged something meanwhile: it is slow, not dead.
        long until =
            blockedUntilNanos == null
                ? System.nanoTime() + MAX_BLOCKED.toNanos()
                : blockedUntilNanos;
        long left = until - System.nanoTime();
        if (left <= 0) {
          return false;
        }
        TimeUnit.NANOSECONDS.timedWait(this, left);
      }
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return !isFull(Importance.STATE);
    }
  }

  /** Adds the line that says what was dropped, once lines are accepted again. */
  private void tellOfDropped() {
    if (!dropped.isEmpty() && !isFull(Importance.DETAIL)) {
      draft.dropped(dropped.count());
      draft.log(dropped.marker());
      dropped = new DroppedLines();
    }
  }

  private boolean hasUnsent() {
    return !draft.isEmpty() || progress.isChanged() || !sealed.isEmpty();
  }

  /** Returns the current progress, reported or not. */
  synchronized Progress peekProgress() {
    return progress.peek();
  }

  /** Seals the draft unless it is empty; returns the last assigned sequence number. */
  synchronized long sealDraft() {
    tellOfDropped();
    seal();
    charge();
    announced = false;
    return sealed.lastSeq();
  }

  /** Returns the last assigned sequence number; what the draft holds gets a later one. */
  synchronized long lastSeq() {
    return sealed.lastSeq();
  }

  private void seal() {
    if (!draft.isEmpty() || progress.isChanged()) {
      sealed.seal(draft, progress.isChanged() ? progress.take() : null);
      draft = new ReportDraft();
      if (lateStage != null) {
        draft.stage(lateStage);
        lateStage = null;
      }
    }
  }

  /**
   * Seals and removes the draft, to be sent with the end of the attempt; returns null if it is
   * empty.
   */
  synchronized @Nullable Report takeLast() {
    if (lateStage != null) {
      draft.stage(lateStage);
      lateStage = null;
    }
    tellOfDropped();
    long before = sealed.lastSeq();
    seal();
    return sealed.lastSeq() == before ? null : sealed.takeLast();
  }

  /** Returns the first sealed report after a sequence number; null if there is none. */
  synchronized @Nullable Report after(long seq) {
    return sealed.after(seq);
  }

  /** Removes the reports up to a sequence number, which the server has committed. */
  synchronized void acknowledge(long seq) {
    if (sealed.acknowledge(seq)) {
      blockedUntilNanos = null;
      charge();
      notifyAll();
    }
  }

  /**
   * Adjusts to the sequence number that the server expects next: removes the reports it has, and
   * renumbers those it lacks.
   */
  synchronized void resync(long expected) {
    if (expected <= sealed.committedSeq()) {
      sealed.renumberFrom(expected);
      charge();
    } else {
      acknowledge(expected - 1);
    }
  }

  /** Changes a report that the server rejects as it is. */
  synchronized void replace(long seq, UnaryOperator<Report> change) {
    sealed.replace(seq, change);
  }

  synchronized long committedSeq() {
    return sealed.committedSeq();
  }

  /** Returns the ordinal of the report that holds what was reported last. */
  synchronized long lastOrdinal() {
    return sealed.lastOrdinal() + (draft.isEmpty() && !progress.isChanged() ? 0 : 1);
  }

  /**
   * Waits until the server has committed a report, or everything; returns false if it has not in
   * time, or if the buffer was closed before.
   *
   * @param ordinal see {@link #lastOrdinal()}
   */
  synchronized boolean awaitCommitted(long ordinal, Duration timeout) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    long startNanos = System.nanoTime();
    while (!sealed.isCommitted(ordinal) && !closed) {
      long left = timeout.toNanos() - (System.nanoTime() - startNanos);
      if (left <= 0) {
        break;
      }
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
    return sealed.isCommitted(ordinal);
  }

  /** Accepts nothing more and ends all waits. What the buffer holds stays. */
  synchronized void close() {
    closed = true;
    notifyAll();
  }

  /** Like {@link #close}; what the buffer holds no longer counts as unsent. */
  synchronized void discard() {
    close();
    unsent.charge(-chargedBytes);
    chargedBytes = 0;
  }
}
