package dev.milepost.server.store.redis;

import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreException.Kind;
import dev.milepost.server.store.StoreException.Outcome;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisURI;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Translates Redis's errors for operators, by the first word of their messages. */
final class RedisFailures {
  /** Redis is starting, is a replica, or its cluster is being resharded: this may be over soon. */
  private static final List<String> TRANSIENT =
      List.of("LOADING", "MASTERDOWN", "READONLY", "CLUSTERDOWN", "TRYAGAIN", "BUSY");

  /** There is no room for a change, in memory or on disk. */
  private static final List<String> FULL = List.of("OOM", "MISCONF");

  /**
   * If a command of a script fails, Redis before version 7 puts the error in the middle of its
   * message.
   */
  private static final Pattern IN_SCRIPT =
      Pattern.compile("^ERR Error running script.*: -([A-Z]+) ");

  /**
   * The driver's message if the connection ends during the handshake. Valkey 8.1 may close it
   * before the reason has arrived, and a server with TLS closes plaintext connections: in each
   * case, the URL needs to be checked.
   */
  private static final String CLOSED = "Connection closed prematurely";

  private static final String REFUSED =
      "Redis refused this user and password. Check the store's URL.";

  /** Redis accepts no changes. */
  static final String REPLICA = "This Redis is a replica. Put its primary in the store's URL.";

  /** It accepts none for now. */
  static final String NOT_READY = "Redis is not ready. Try again in a moment.";

  private RedisFailures() {}

  /** A primary of a cluster does not respond: its keys can be neither read nor changed. */
  static String silentNode(RedisURI node) {
    return "The node "
        + node.getHost()
        + ":"
        + node.getPort()
        + " of the Redis cluster cannot be reached. Check that it is running, or let a replica"
        + " take over.";
  }

  /** A failure of a request that changes nothing. */
  static StoreException notApplied(RedisException e) {
    return failure(Outcome.NOT_APPLIED, e);
  }

  /** A failure to ask Redis whether it is there, whatever it says. */
  static StoreException away(RedisException e) {
    return new StoreException(Outcome.NOT_APPLIED, Kind.AWAY, sentence(e), e);
  }

  private static StoreException failure(Outcome outcome, RedisException e) {
    boolean isFull = e instanceof RedisCommandExecutionException && FULL.contains(word(e));
    return e instanceof RedisAway away
        ? away.failure(outcome)
        : new StoreException(outcome, isFull ? Kind.FULL : Kind.REQUEST, sentence(e), e);
  }

  /** Translates the failure of a read; passes on exceptions that are not Redis's. */
  static Throwable ofRead(Throwable e) {
    Throwable failure = e instanceof CompletionException && e.getCause() != null ? e.getCause() : e;
    return failure instanceof RedisException redis ? notApplied(redis) : failure;
  }

  /** A failure of a commit. Unless Redis itself reported it, the outcome is unknown. */
  static StoreException ofCommit(RedisException e) {
    return failure(
        e instanceof RedisCommandExecutionException ? Outcome.NOT_APPLIED : Outcome.UNKNOWN, e);
  }

  /** Other servers were faster each time. */
  static StoreException contended() {
    return new StoreException(
        Outcome.NOT_APPLIED, "Other servers keep changing the same jobs. Try again.");
  }

  /** Whether the same request may succeed later. */
  static boolean isTransient(RedisException e) {
    return e instanceof RedisCommandExecutionException && TRANSIENT.contains(word(e));
  }

  private static String word(RedisException e) {
    String message = e.getMessage() == null ? "" : e.getMessage();
    Matcher inScript = IN_SCRIPT.matcher(message);
    return inScript.find() ? inScript.group(1) : message.split(" ", 2)[0];
  }

  private static String sentence(RedisException e) {
    if (e instanceof RedisCommandExecutionException) {
      return switch (word(e)) {
        case "OOM" -> "Redis is out of memory. Raise its maxmemory setting.";
        case "MISCONF" -> "Redis cannot write to its disk and refuses changes. See its log.";
        case "NOAUTH", "WRONGPASS" -> REFUSED;
        case "NOPERM" -> "Redis refused a command to this user. Check its ACL.";
        case "READONLY" -> REPLICA;
        case "LOADING", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "BUSY" -> NOT_READY;
        default -> "Redis failed unexpectedly. See the server's log.";
      };
    }
    if (CLOSED.equals(e.getMessage())) {
      return REFUSED;
    }
    return "Redis cannot be reached. Check that it is running, then try again.";
  }
}
