package dev.milepost.client;

import dev.milepost.v1.Progress;
import dev.milepost.v1.Report;
import dev.milepost.v1.Stage;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Everything an attempt has reported and the server has not yet acknowledged: sealed reports, which
 * have their sequence numbers, and the draft that collects what is reported now. Thread-safe: the
 * handler's threads fill it, and the report loop empties it.
 */
final class ReportBuffer {
  static final int MAX_LINES = 10_000;
  static final long MAX_BYTES = 8 << 20;

  private final Runnable announce;
  private final SealedReports sealed;
  private final ProgressState progress = new ProgressState();
  private ReportDraft draft = new ReportDraft();
  private Stage stage = Stage.getDefaultInstance();
  private boolean announced;
  private boolean closed;

  /**
   * Creates an empty buffer.
   *
   * @param committedSeq sequence number of the last report that the server has committed
   * @param announce called, without holding the lock, when there is something to send
   */
  ReportBuffer(long committedSeq, Runnable announce) {
    this.sealed = new SealedReports(committedSeq);
    this.announce = announce;
  }

  /** Changes the draft. Never waits. */
  void add(Consumer<ReportDraft> change) {
    change(() -> change.accept(draft), false);
  }

  /** Adds log lines or items to the draft; waits while too much is unsent. */
  void addBulk(Consumer<ReportDraft> change) {
    change(() -> change.accept(draft), true);
  }

  /** Changes the progress. Never waits. */
  void progress(Consumer<ProgressState> change) {
    change(() -> change.accept(progress), false);
  }

  /** Enters a stage; seals the draft first if it has another, as a report carries only one. */
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

  private void change(Runnable change, boolean bulk) {
    boolean first;
    synchronized (this) {
      if (bulk) {
        awaitRoom();
      }
      if (closed) {
        return;
      }
      change.run();
      if (draft.isFull()) {
        seal();
      }
      first = !announced && hasUnsent();
      announced |= first;
    }
    if (first) {
      announce.run();
    }
  }

  /** Does not delay an interrupted writer: exceeding the limit is better than losing a line. */
  private synchronized void awaitRoom() {
    try {
      while (!closed
          && (sealed.lines() + draft.lines() >= MAX_LINES
              || sealed.bytes() + draft.bytes() >= MAX_BYTES)) {
        wait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
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
    seal();
    announced = false;
    return sealed.lastSeq();
  }

  private void seal() {
    if (!draft.isEmpty() || progress.isChanged()) {
      sealed.seal(draft, progress.isChanged() ? progress.take() : null);
      draft = new ReportDraft();
    }
  }

  /**
   * Seals and removes the draft, to be sent with the end of the attempt; returns null if it is
   * empty.
   */
  synchronized @Nullable Report takeLast() {
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

  /**
   * Waits until the server has committed a report, or everything; returns false if the buffer was
   * closed before.
   */
  synchronized boolean awaitCommitted(long seq) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    while (sealed.committedSeq() < seq && !sealed.isEmpty() && !closed) {
      wait();
    }
    return sealed.committedSeq() >= seq || sealed.isEmpty();
  }

  /** Accepts nothing more and ends all waits. What the buffer holds stays. */
  synchronized void close() {
    closed = true;
    notifyAll();
  }
}
