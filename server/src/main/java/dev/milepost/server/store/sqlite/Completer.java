package dev.milepost.server.store.sqlite;

import dev.milepost.server.store.Change;
import dev.milepost.server.store.Listeners;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * Tells of groups that the writer has done with, in their order: first the listeners, then whoever
 * waits. It has a thread of its own, so that the writer is at the next group meanwhile.
 */
final class Completer {
  /** Groups that may wait to be told of before the writer waits, too. */
  private static final int MOST_WAITING = 64;

  private static final Done END = new Done(() -> {}, List.of(), true);

  private final Listeners listeners;
  private final BlockingQueue<Done> queue = new ArrayBlockingQueue<>(MOST_WAITING);
  private final Thread thread = new Thread(this::run, "milepost-store-completer");

  private record Done(Runnable tellListeners, List<Task<?>> tasks, boolean last) {}

  Completer(Listeners listeners) {
    this.listeners = listeners;
  }

  void start() {
    thread.start();
  }

  /** Hands a group over: its tasks are settled. */
  void accept(List<Change> changes, List<Task<?>> tasks) {
    put(new Done(() -> listeners.tell(changes), tasks, false));
  }

  /** Hands over a group of which nobody knows whether it was committed: its tasks are settled. */
  void acceptUnknown(List<Task<?>> tasks) {
    put(new Done(listeners::tellMissed, tasks, false));
  }

  private void put(Done done) {
    Threads.await(() -> queue.put(done));
  }

  /** Ends when all that was handed over has been told. */
  void finish() {
    put(END);
    Threads.await(thread::join);
  }

  private void run() {
    Done done = Threads.get(queue::take);
    while (!done.last()) {
      done.tellListeners().run();
      done.tasks().forEach(Task::answer);
      done = Threads.get(queue::take);
    }
  }
}
