package dev.milepost.server.store.postgres;

import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreException.Outcome;
import dev.milepost.server.store.engine.CommitFailure.Remedy;
import java.sql.BatchUpdateException;
import java.sql.SQLException;

/** Translates PostgreSQL's errors for operators, by SQLSTATE: see appendix A of its manual. */
final class PostgresFailures {
  private static final String UNIQUE = "23505";

  private PostgresFailures() {}

  /** A failure before the commit: nothing was changed. */
  static StoreException notApplied(SQLException e) {
    return new StoreException(Outcome.NOT_APPLIED, sentence(e), e);
  }

  /** A failure of the commit. If the response was lost, the outcome is unknown. */
  static StoreException ofCommit(SQLException e) {
    return new StoreException(
        isConnection(e) ? Outcome.UNKNOWN : Outcome.NOT_APPLIED, sentence(e), e);
  }

  /** What may help after a failure before the commit. */
  static Remedy remedy(SQLException e) {
    String state = state(e);
    if (state.startsWith("40") || state.equals(UNIQUE)) {
      return Remedy.RETRY;
    }
    if (isConnection(e)) {
      return Remedy.RECONNECT;
    }
    // The value of one update cannot be stored, or what it needs is locked by others.
    return state.startsWith("22") || state.startsWith("23") || state.startsWith("55")
        ? Remedy.SPLIT
        : Remedy.NONE;
  }

  /** Whether the connection is lost, or is about to be closed. */
  static boolean isConnection(SQLException e) {
    return state(e).isEmpty() || state(e).startsWith("08") || state(e).startsWith("57P");
  }

  private static String state(SQLException e) {
    String state = e.getSQLState();
    if (e instanceof BatchUpdateException && e.getNextException() != null) {
      state = e.getNextException().getSQLState();
    }
    return state == null ? "" : state;
  }

  private static String sentence(SQLException e) {
    String state = state(e);
    if (isConnection(e)) {
      return "The database cannot be reached. Check that it is running, then try again.";
    }
    if (state.startsWith("28")) {
      return "The database refused this user and password. Check the store's URL.";
    }
    if (state.equals("3D000")) {
      return "The database does not exist. Create it, or correct the store's URL.";
    }
    if (state.equals("42501")) {
      return "The database refused an operation to this user. Grant it the right to create tables.";
    }
    if (state.startsWith("53")) {
      return "The database is out of disk space, memory or connections. Raise its limits.";
    }
    if (state.startsWith("40") || state.startsWith("23")) {
      return "Other servers keep changing the same jobs. Try again.";
    }
    return "The database failed unexpectedly. See the server's log.";
  }
}
