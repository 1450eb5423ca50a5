package dev.milepost.client;

import dev.milepost.v1.Report;
import dev.milepost.v1.Stage;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
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
  private final TreeMap<Long, Sealed> sealed = new TreeMap<>();
  private final ProgressState progress = new ProgressState();
  private ReportDraft draft = new ReportDraft();
  private Stage stage = Stage.getDefaultInstance();
  private long lastSeq;
  private long committedSeq;
  private int sealedLines;
  private long sealedBytes;
  private boolean announced;
  private boolean closed;

  /**
   * An empty buffer.
   *
   * @param committedSeq number of the last report that the server has
   * @param announce called, under no lock, when there is something to send
   */
  ReportBuffer(long committedSeq, Runnable announce) {
    this.lastSeq = committedSeq;
    this.committedSeq = committedSeq;
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
          && (sealedLines + draft.lines() >= MAX_LINES
              || sealedBytes + draft.bytes() >= MAX_BYTES)) {
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
  dev.milepost.v1.Progress peekProgress() {
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
      return lastSeq;
    } finally {
      lock.unlock();
    }
  }

  private void seal() {
    if (draft.isEmpty() && !progress.isChanged()) {
      return;
    }
    Report report = draft.build(++lastSeq, progress.isChanged() ? progress.take() : null);
    sealed.put(lastSeq, new Sealed(report, draft.lines(), draft.bytes()));
    sealedLines += draft.lines();
    sealedBytes += draft.bytes();
    draft = new ReportDraft();
  }

  /**
   * Numbers and takes out what is left in the draft; null where nothing is. To be sent with the
   * attempt's end.
   */
  @Nullable Report takeLast() {
    lock.lock();
    try {
      long before = lastSeq;
      seal();
      Sealed last = lastSeq == before ? null : sealed.remove(lastSeq);
      return last == null ? null : last.report();
    } finally {
      lock.unlock();
    }
  }

  /** The first sealed report after that number; null where there is none. */
  @Nullable Report after(long seq) {
    lock.lock();
    try {
      var entry = sealed.higherEntry(seq);
      return entry == null ? null : entry.getValue().report();
    } finally {
      lock.unlock();
    }
  }

  /** The server has everything up to that number. */
  void acknowledge(long seq) {
    lock.lock();
    try {
      if (seq > committedSeq) {
        committedSeq = seq;
        lastSeq = Math.max(lastSeq, seq);
        var done = sealed.headMap(seq, true);
        for (Sealed report : done.values()) {
          sealedLines -= report.lines();
          sealedBytes -= report.bytes();
        }
        done.clear();
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
    acknowledge(expected - 1);
    lock.lock();
    try {
      if (expected <= committedSeq) {
        List<Sealed> unsent = new ArrayList<>(sealed.values());
        sealed.clear();
        committedSeq = expected - 1;
        lastSeq = committedSeq;
        for (Sealed report : unsent) {
          sealed.put(++lastSeq, report.numbered(lastSeq));
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** Changes a report that the server refuses as it is. */
  void replace(long seq, UnaryOperator<Report> change) {
    lock.lock();
    try {
      sealed.computeIfPresent(
          seq, (number, old) -> new Sealed(change.apply(old.report()), old.lines(), old.bytes()));
    } finally {
      lock.unlock();
    }
  }

  long committedSeq() {
    lock.lock();
    try {
      return committedSeq;
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
      while (committedSeq < seq && !sealed.isEmpty() && !closed) {
        changed.await();
      }
      return committedSeq >= seq || sealed.isEmpty();
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

  private record Sealed(Report report, int lines, long bytes) {
    Sealed numbered(long seq) {
      return new Sealed(report.toBuilder().setReportSeq(seq).build(), lines, bytes);
    }
  }
}
