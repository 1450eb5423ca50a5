package dev.milepost.server.store;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The recent changes that a store keeps. By a position in it, whoever follows all changes can
 * continue after a restart, or at another server of the store. Thread-safe, never blocks.
 */
public interface ChangeHistory {
  /**
   * Returns a history.
   *
   * @param mark as {@link #mark}
   * @param since as {@link #since}
   */
  static ChangeHistory of(
      Consumer<Consumer<String>> mark,
      Function<String, CompletionStage<Optional<List<Change>>>> since) {
    return new ChangeHistory() {
      @Override
      public void mark(Consumer<String> reached) {
        mark.accept(reached);
      }

      @Override
      public CompletionStage<Optional<List<Change>>> since(String position) {
        return since.apply(position);
      }
    };
  }

  /**
   * Finds a position that divides the changes exactly: listeners have been notified of all changes
   * before it, and of none after it.
   *
   * @param reached called once, on a thread of the store, between the notifications of listeners:
   *     with the position, a text without spaces; or empty, if the store cannot tell now
   */
  void mark(Consumer<String> reached);

  /**
   * Reads what has changed since a position: each job once, as it was at the position, and as it is
   * now. A job that was deleted and created again since is one change, between two jobs.
   *
   * @param position as given by {@link #mark}, to any server of this store
   * @return empty if the store does not keep all of these changes any more, or if they are too many
   */
  CompletionStage<Optional<List<Change>>> since(String position);
}
