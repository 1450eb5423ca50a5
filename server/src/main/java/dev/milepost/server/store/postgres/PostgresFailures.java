package dev.milepost.server.store.postgres;

import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreException.Kind;
import dev.milepost.server.store.StoreException.Outcome;
import dev.milepost.server.store.engine.CommitFailure.Remedy;
import java.sql.BatchUpdateException;
import java.sql.SQLException;

/** Translates PostgreSQL's errors for operators, by SQLSTATE: see appendix A of its manual. */
final class PostgresFailures {
  private static final String UNIQUE = "23505";
  private static final String DISK_FULL = "53100";
  private static final String TOO_MANY_CONNECTIONS = "53300";
  private static final String READ_ONLY = "25006";
  private static final String NO_DATABASE = "3D000";

  /** The database accepts no changes: it is a replica, or was told not to. */
  static final String IS_READ_ONLY =
      "The database is read-only. Put its primary in the store's URL, or switch off"
          + " default_transaction_read_only.";

  private PostgresFailures() {}

  /** A failure before the commit: nothing was changed. */
  static StoreException notApplied(SQLException e) {
    return new StoreException(Outcome.NOT_APPLIED, kind(e), sentence(e), e);
  }

  /** A failure of the commit. If the response was lost, the outcome is unknown. */
  static StoreException ofCommit(SQLException e) {
    return new StoreException(
        isConnection(e) ? Outcome.UNKNOWN : Outcome.NOT_APPLIED, kind(e), sentence(e), e);
  }

  /** A failure to ask the database whether it is there, whatever it says. */
  static StoreException away(SQLException e) {
    return new StoreException(Outcome.NOT_APPLIED, Kind.AWAY, sentence(e), e);
  }

  private static Kind kind(SQLException e) {
    return state(e).equals(DISK_FULL) ? Kind.FULL : Kind.REQUEST;
  }

  /** Whether the database may be away, or lets this server do nothing. */
  static boolean mayBeAway(SQLException e) {
    String state = state(e);
    return isConnection(e)
        || state.startsWith("28")
        || state.equals(READ_ONLY)
        || state.equals(NO_DATABASE)
        || state.equals(TOO_MANY_CONNECTIONS);
  }

  /** What may help after a failure before the commit. */
  static Remedy remedy(SQLException e) {
    String state = state(e);
    if (state.startsWith("40") || state.equals(UNIQUE)) {
      return Remedy.RETRY;
    }
    if (mayBeAway(e)) {
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
    if (state.equals(NO_DATABASE)) {
      return "The database does not exist. Create it, or correct the store's URL.";
    }
    if (state.equals("42501")) {
      return "The database refused an operation to this user. Grant it the right to create tables.";
    }
    if (state.equals(READ_ONLY)) {
      return IS_READ_ONLY;
    }
    if (state.equals(DISK_FULL)) {
      return "The database's disk is full. Free some space.";
    }
    if (state.equals(TOO_MANY_CONNECTIONS)) {
      return "The database has no free connection. Raise its max_connections.";
    }
    if (state.startsWith("53")) {
      return "The database is out of memory or another resource. Raise its limits.";
    }
    if (state.startsWith("40") || state.startsWith("23")) {
      return "Other servers keep changing the same jobs. Try again.";
    }
    return "The database failed unexpectedly. See the server's log.";
  }
}
