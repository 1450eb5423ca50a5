package dev.milepost.server.store.sqlite;

import dev.milepost.server.disk.FreeSpace;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.engine.PartState;
import java.sql.SQLException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether the disk has space for changes, as the writer finds out beside its commits. */
final class SqliteSpace {
  private static final Logger LOG = LoggerFactory.getLogger(SqliteSpace.class);

  /** With so many bytes free, a change that did not fit is worth another try. */
  private static final long ENOUGH_BYTES = 1 << 20;

  private static final Duration CALM = Duration.ofSeconds(10);

  private final PartState state;
  private final FreeSpace free;

  SqliteSpace(PartState state, FreeSpace free) {
    this.state = state;
    this.free = free;
  }

  /** Without changes, only the disk itself can tell that there is space again. */
  void idle() {
    if (!state.isUp()) {
      state.remind();
      if (free.bytes() >= ENOUGH_BYTES) {
        state.end(CALM);
      }
    }
  }

  /** Something else than a commit has failed: logs it, unless it is about the full disk. */
  void failed(String what, SQLException failure) {
    StoreException cause = SqliteFailures.notApplied(failure);
    if (cause.kind() == StoreException.Kind.FULL) {
      state.failed(String.valueOf(cause.getMessage()), 0);
    } else {
      LOG.warn("Could not {}.", what, failure);
    }
  }
}
