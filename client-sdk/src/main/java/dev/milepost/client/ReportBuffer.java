package dev.milepost.client;

import dev.milepost.v1.Progress;
import dev.milepost.v1.Report;
import dev.milepost.v1.Stage;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What an attempt said and the server has not yet acknowledged: sealed reports with their numbers,
 * and the draft that takes in what is said now. Thread-safe: the handler's threads fill it, the
 * report loop empties it.
 */
final class ReportBuffer {
  static final int MAX_LINES = 10_000;
  static final long MAX_BYTES = 8 << 20;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Runnable announce;
  private final SealedReports sealed;
  private final ProgressState progress = new ProgressState();
  private ReportDraft draft = new ReportDraft();
  private Stage stage = Stage.getDefaultInstance();
  private boolean announced;
  private boolean closed;

  /**
   * An empty buffer.
   *
   * @param committedSeq number of the last report that the server has
   * @param announce called, under no lock, when there is something to send
   */
  ReportBuffer(long committedSeq, Runnable announce) {
    this.sealed = new SealedReports(committedSeq);
    this.announce = announce;
  }

  /** Takes something in. Never waits. */
  void add(Consumer<ReportDraft> what) {
    change(() -> what.accept(draft), false);
  }

  /** Takes lines or items in; waits while far too much is unsent. */
  void addBulk(Consumer<ReportDraft> what) {
    change(() -> what.accept(draft), true);
  }

  /** Changes the progress. Never waits. */
  void progress(Consumer<ProgressState> what) {
    change(() -> what.accept(progress), false);
  }

  /** Goes on to a stage; a report carries but one, and none is lost. */
  void enter(Stage next) {
    change(
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
        },
        true);
  }

  private void change(Runnable what, boolean bulk) {
    boolean first;
    lock.lock();
    try {
      if (bulk) {
        awaitRoom();
      }
      if (closed) {
        return;
      }
      what.run();
      if (draft.isFull()) {
        seal();
      }
      first = !announced && hasUnsealed();
      announced |= first;
    } finally {
      lock.unlock();
    }
    if (first) {
      announce.run();
    }
  }

  /** An interrupted writer is not held up: better a line too many than one lost. */
  private void awaitRoom() {
    try {
      while (!closed
          && (sealed.lines() + draft.lines() >= MAX_LINES
              || sealed.bytes() + draft.bytes() >= MAX_BYTES)) {
        changed.await();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean hasUnsealed() {
    return !draft.isEmpty() || progress.isChanged() || !sealed.isEmpty();
  }

  /** The present stage's name. */
  String stageName() {
    lock.lock();
    try {
      return stage.getName();
    } finally {
      lock.unlock();
    }
  }

  /** The progress as it is, reported or not. */
  Progress peekProgress() {
    lock.lock();
    try {
      return progress.peek();
    } finally {
      lock.unlock();
    }
  }

  /** Numbers what is in the draft, if anything, and answers the last number given so far. */
  long sealDraft() {
    lock.lock();
    try {
      seal();
      announced = false;
      return sealed.lastSeq();
    } finally {
      lock.unlock();
    }
  }

  private void seal() {
    if (!draft.isEmpty() || progress.isChanged()) {
      sealed.seal(draft, progress.isChanged() ? progress.take() : null);
      draft = new ReportDraft();
    }
  }

  /**
   * Numbers and takes out what is left in the draft; null where nothing is. To be sent with the
   * attempt's end.
   */
  @Nullable Report takeLast() {
    lock.lock();
    try {
      long before = sealed.lastSeq();
      seal();
      return sealed.lastSeq() == before ? null : sealed.takeLast();
    } finally {
      lock.unlock();
    }
  }

  /** The first sealed report after that number; null where there is none. */
  @Nullable Report after(long seq) {
    lock.lock();
    try {
      return sealed.after(seq);
    } finally {
      lock.unlock();
    }
  }

  /** The server has everything up to that number. */
  void acknowledge(long seq) {
    lock.lock();
    try {
      if (sealed.acknowledge(seq)) {
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * The server expects that number next: what it has is dropped, what it has not is numbered from
   * there.
   */
  void resync(long expected) {
    lock.lock();
    try {
      if (expected <= sealed.committedSeq()) {
        sealed.renumberFrom(expected);
      } else {
        acknowledge(expected - 1);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Changes a report that the server refuses as it is. */
  void replace(long seq, UnaryOperator<Report> change) {
    lock.lock();
    try {
      sealed.replace(seq, change);
    } finally {
      lock.unlock();
    }
  }

  long committedSeq() {
    lock.lock();
    try {
      return sealed.committedSeq();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until the server has that report, or all there is; answers whether it came to that before
   * the buffer was closed.
   */
  boolean awaitCommitted(long seq) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (sealed.committedSeq() < seq && !sealed.isEmpty() && !closed) {
        changed.await();
      }
      return sealed.committedSeq() >= seq || sealed.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /** Nothing more goes in, and nobody waits any longer. What is in stays. */
  void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
