package dev.milepost.server.store.redis;

import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.Change;
import dev.milepost.server.store.engine.ChangePublisher;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.storage.v1.JournalChunk;
import dev.milepost.v1.JournalEntry;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Reads the stream of a shard's changes. A position is the number of a commit, whose entry proves
 * that it still belongs to this history: after a restart, Redis may have lost its last commits, and
 * their numbers be used again.
 */
final class RedisHistory {
  /** Commits that are read at a time. */
  static final int COMMITS = 200;

  /** Commits that a resumed watch reads at most. */
  private static final int MAX_COMMITS = 20_000;

  /** Jobs that a resumed watch reads at most. */
  private static final int MAX_JOBS = 2_000;

  /** Size of these jobs as they were. */
  private static final long MAX_BYTES = 8 << 20;

  /** Runs of a journal that are read with a job; listeners that need more read them. */
  private static final int RUNS = 16;

  private final Redis redis;
  private final RedisShard shard;

  /** Reads the changes of one shard. */
  RedisHistory(Redis redis, RedisShard shard) {
    this.redis = redis;
    this.shard = shard;
  }

  /**
   * Commits in their order.
   *
   * @param last number of the shard's last commit, as of the same moment
   */
  record Commits(long last, List<?> entries) {
    /** Returns whether the entries go on where a position ends; true if there are none. */
    boolean follow(long position) {
      return last == position
          || (!entries.isEmpty() && RedisStreamEntry.number(entries.get(0)) == position + 1);
    }

    /** Returns the number of the last entry. */
    long end() {
      return RedisStreamEntry.number(entries.get(entries.size() - 1));
    }
  }

  /** Reads the commits after a number, in one step. */
  CompletionStage<Commits> after(long number) {
    return redis
        .read(
            shard,
            new RedisArguments()
                .command("GET", shard.commits())
                .command("XRANGE", shard.changes(), number + 1 + "-0", "+", "COUNT", COMMITS))
        .thenApply(replies -> new Commits(last((byte[]) replies.get(0)), (List<?>) replies.get(1)));
  }

  /** Returns a number, as Redis sends it; 0 if there is none. */
  static long last(byte @Nullable [] commits) {
    return commits == null ? 0 : Long.parseLong(new String(commits, StandardCharsets.US_ASCII));
  }

  /**
   * Adds the jobs that commits have changed, each with its first previous state.
   *
   * @param servers which servers' commits count
   * @return false if something is damaged, which is left out
   */
  static boolean touch(List<?> commits, Predicate<String> servers, Map<JobKey, byte[]> touched) {
    boolean isSound = true;
    for (Object commit : commits) {
      List<?> fields = RedisStreamEntry.fields(commit);
      if (servers.test(RedisSnapshot.text(fields.get(1)))) {
        for (int i = 2; i < fields.size(); i += 2) {
          JobKey key = RedisShard.keyIfValid(RedisSnapshot.text(fields.get(i)));
          byte[] before = (byte[]) fields.get(i + 1);
          isSound &= key != null && !RedisCommit.isDamaged(key, before);
          if (key != null) {
            touched.putIfAbsent(key, before);
          }
        }
      }
    }
    return isSound;
  }

  /**
   * The changes to jobs, up to their current state.
   *
   * @param last number of the shard's last commit, as of the same moment
   * @param proof the entry of the commit that was asked for, with its fields; empty if there is
   *     none
   */
  record Current(List<Change> changes, long last, List<?> proof) {}

  /**
   * Reads the changes to jobs, up to their current state, in one step. Those to jobs that cannot be
   * read are left out: nobody can be shown them.
   *
   * @param number commit whose entry is read too
   */
  CompletionStage<Current> current(Map<JobKey, byte[]> touched, long number) {
    RedisArguments args = new RedisArguments();
    Map<JobKey, @Nullable JobRecord> before = new LinkedHashMap<>();
    touched.forEach(
        (key, bytes) -> {
          JobRecord was = RedisCommit.before(key, bytes);
          before.put(key, was);
          RedisStoredJob.ask(args, shard, key);
          args.command("XRANGE", shard.journal(key), known(was) + 1 + "-0", "+", "COUNT", RUNS);
        });
    args.command("GET", shard.commits());
    args.command("XRANGE", shard.changes(), number + "-0", number + "-0");
    return redis.read(shard, args).thenApply(replies -> current(before, replies));
  }

  private static Current current(Map<JobKey, @Nullable JobRecord> before, List<Object> replies) {
    List<Change> changes = new ArrayList<>();
    int next = 0;
    for (Map.Entry<JobKey, @Nullable JobRecord> job : before.entrySet()) {
      RedisStoredJob after = RedisStoredJob.read(job.getKey(), replies.get(next));
      if (after == null || after.isReadable()) {
        changes.add(change(job.getKey(), job.getValue(), after, replies.get(next + 1)));
      }
      next += 2;
    }
    return new Current(changes, last((byte[]) replies.get(next)), (List<?>) replies.get(next + 1));
  }

  private static Change change(
      JobKey key, @Nullable JobRecord before, @Nullable RedisStoredJob after, Object runs) {
    return new Change(
        key,
        before,
        after == null ? null : after.record(),
        after == null ? List.of() : entries(key, (List<?>) runs, known(before)));
  }

  private static long known(@Nullable JobRecord before) {
    return before == null ? 0 : before.getJob().getStatus().getJournalSequence();
  }

  private static List<JournalEntry> entries(JobKey key, List<?> runs, long known) {
    List<JournalEntry> entries = new ArrayList<>();
    for (Object run : runs) {
      JournalChunk chunk = RedisStreamEntry.chunk(key, run);
      for (JournalEntry entry : chunk == null ? List.<JournalEntry>of() : chunk.getEntriesList()) {
        if (entry.getSequence() > known) {
          entries.add(entry);
        }
      }
    }
    return entries;
  }

  /** Returns the position after a commit; empty if its entry is missing. */
  static String position(long number, List<?> proof) {
    return proof.isEmpty() ? "" : number + "/" + digest(proof.get(0));
  }

  private static String digest(Object entry) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      for (Object field : RedisStreamEntry.fields(entry)) {
        sha.update(RedisArguments.bytes(((byte[]) field).length));
        sha.update((byte) ' ');
        sha.update((byte[]) field);
      }
      return HexFormat.of().formatHex(sha.digest(), 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /**
   * Returns what has changed since a position, by any server; empty if it is too much or not kept.
   */
  CompletionStage<Optional<List<Change>>> since(String position) {
    int slash = position.indexOf('/');
    long from = slash < 0 ? 0 : Long.parseLong(position.substring(0, slash));
    return current(Map.of(), from)
        .thenCompose(
            now ->
                from > 0 && position(from, now.proof()).equals(position)
                    ? readOn(from, from, new LinkedHashMap<>())
                    : CompletableFuture.completedStage(Optional.empty()));
  }

  private CompletionStage<Optional<List<Change>>> readOn(
      long from, long reached, Map<JobKey, byte[]> touched) {
    return after(reached)
        .thenCompose(
            commits -> {
              boolean isSound = touch(commits.entries(), server -> true, touched);
              if (!isSound
                  || !commits.follow(reached)
                  || isTooMuch(touched)
                  || commits.last() - from > MAX_COMMITS) {
                return CompletableFuture.completedStage(Optional.empty());
              }
              return commits.entries().size() == COMMITS
                  ? readOn(from, commits.end(), touched)
                  : states(ChangePublisher.slices(touched), 0, new ArrayList<>());
            });
  }

  private CompletionStage<Optional<List<Change>>> states(
      List<Map<JobKey, byte[]>> slices, int next, List<Change> changes) {
    if (next == slices.size()) {
      return CompletableFuture.completedStage(Optional.of(changes));
    }
    return current(slices.get(next), 0)
        .thenCompose(
            read -> {
              changes.addAll(read.changes());
              return states(slices, next + 1, changes);
            });
  }

  private static boolean isTooMuch(Map<JobKey, byte[]> touched) {
    return touched.size() > MAX_JOBS
        || touched.values().stream().mapToLong(bytes -> bytes.length).sum() > MAX_BYTES;
  }
}
