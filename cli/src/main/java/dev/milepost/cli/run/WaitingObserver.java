package dev.milepost.cli.run;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what a program writes until its job exists: the program does not wait for a server that is
 * away. The oldest lines give way when there are too many, and are counted.
 */
final class WaitingObserver implements Observer {
  private static final int MAX_WAITING = 10_000;

  private final Deque<Consumer<Observer>> waiting = new ArrayDeque<>();
  private @Nullable Observer job;
  private long dropped;

  /** The job exists: tells it everything so far, and from now on all at once. */
  synchronized void ready(Observer observer) {
    if (dropped > 0) {
      observer.line(
          Level.WARNING, dropped + " lines are missing: they were written before the job existed.");
    }
    waiting.forEach(told -> told.accept(observer));
    waiting.clear();
    job = observer;
  }

  @Override
  public synchronized void line(Level level, String text) {
    tell(observer -> observer.line(level, text));
  }

  @Override
  public synchronized void progress(ProgressNote note) {
    tell(observer -> observer.progress(note));
  }

  private void tell(Consumer<Observer> told) {
    if (job != null) {
      told.accept(job);
      return;
    }
    if (waiting.size() == MAX_WAITING) {
      waiting.removeFirst();
      dropped++;
    }
    waiting.addLast(told);
  }
}
