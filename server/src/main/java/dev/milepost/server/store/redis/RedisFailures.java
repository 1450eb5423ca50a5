package dev.milepost.server.store.redis;

import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreException.Outcome;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisException;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Says what Redis's failures mean, by the word that its errors begin with. */
final class RedisFailures {
  /** It starts, it is a replica, or its cluster moves: it may be over in a moment. */
  private static final List<String> TRANSIENT =
      List.of("LOADING", "MASTERDOWN", "READONLY", "CLUSTERDOWN", "TRYAGAIN", "BUSY");

  /** Where a script's command failed, Redis before 7 says so in the middle of its sentence. */
  private static final Pattern IN_SCRIPT =
      Pattern.compile("^ERR Error running script.*: -([A-Z]+) ");

  /**
   * What the driver says where the connection ends during its handshake, by no other sign. Valkey
   * 8.1 was seen to cut off who is not let in before the reason has arrived, and a server with TLS
   * does so to who comes without: the URL is what to look at in each case.
   */
  private static final String CLOSED = "Connection closed prematurely";

  private static final String REFUSED =
      "Redis lets nobody in with this user and password: check the store's URL.";

  private RedisFailures() {}

  /** A failure of something that changes nothing. */
  static StoreException notApplied(RedisException e) {
    return new StoreException(Outcome.NOT_APPLIED, sentence(e), e);
  }

  /** What reading failed with; a fault of who asked is handed through. */
  static Throwable ofRead(Throwable e) {
    Throwable failure = e instanceof CompletionException && e.getCause() != null ? e.getCause() : e;
    return failure instanceof RedisException redis ? notApplied(redis) : failure;
  }

  /** A failure of a commit: unless Redis itself answered that it failed, nobody knows. */
  static StoreException ofCommit(RedisException e) {
    return new StoreException(
        e instanceof RedisCommandExecutionException ? Outcome.NOT_APPLIED : Outcome.UNKNOWN,
        sentence(e),
        e);
  }

  /** Others were faster each time. */
  static StoreException contended() {
    return new StoreException(
        Outcome.NOT_APPLIED, "Other servers change the same jobs: try again.");
  }

  /** Whether the same may be asked again with hope. */
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
        case "OOM" -> "Redis has run out of its memory: give it more by its setting maxmemory.";
        case "MISCONF" -> "Redis cannot write to its disk and takes no changes: see its log.";
        case "NOAUTH", "WRONGPASS" -> REFUSED;
        case "NOPERM" -> "Redis does not allow this user what the server needs: see its ACL.";
        case "READONLY" -> "This Redis is a replica: name the one that it follows.";
        case "LOADING", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "BUSY" ->
            "Redis is not ready: try again in a moment.";
        default -> "Redis failed: see the server's log.";
      };
    }
    if (CLOSED.equals(e.getMessage())) {
      return REFUSED;
    }
    return "Redis cannot be reached: see that it runs, then try again.";
  }
}
