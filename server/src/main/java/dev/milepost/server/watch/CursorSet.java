package dev.milepost.server.watch;

import java.util.ArrayList;
import java.util.List;

/**
 * The open cursors that the same changes concern. Adding and removing one takes the same time
 * however many there are. Confined to the hub's executor, except for {@link #size}.
 */
final class CursorSet {
  private final List<Cursor<?>> cursors = new ArrayList<>();
  private final Runnable onEmpty;
  private volatile int size;

  /**
   * Creates an empty set.
   *
   * @param onEmpty called when the last cursor has been removed
   */
  CursorSet(Runnable onEmpty) {
    this.onEmpty = onEmpty;
  }

  void add(Cursor<?> cursor) {
    cursor.joined(this, cursors.size());
    cursors.add(cursor);
    size = cursors.size();
  }

  void remove(Cursor<?> cursor) {
    Cursor<?> last = cursors.remove(cursors.size() - 1);
    if (last != cursor) {
      cursors.set(cursor.index(), last);
      last.joined(this, cursor.index());
    }
    size = cursors.size();
    if (cursors.isEmpty()) {
      onEmpty.run();
    }
  }

  /** Returns the number of cursors; on another thread than the executor's, an estimate. */
  int size() {
    return size;
  }

  /** Returns the cursors as they are now: later additions and removals do not change the result. */
  List<Cursor<?>> copy() {
    return List.copyOf(cursors);
  }

  /** Lets every cursor send what is new. */
  void drainAll() {
    copy().forEach(Cursor::drain);
  }

  /** Ends every watch. */
  void failAll(Throwable reason) {
    copy().forEach(cursor -> cursor.fail(reason));
  }
}
