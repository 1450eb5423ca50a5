package dev.milepost.server.store.redis;

import dev.milepost.server.concurrent.ThreadFactories;
import dev.milepost.server.concurrent.Uninterruptibles;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.Decision;
import dev.milepost.server.store.Found;
import dev.milepost.server.store.Selection;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreException.Outcome;
import dev.milepost.server.store.engine.PendingUpdate;
import dev.milepost.server.store.engine.UpdateQueue;
import io.lettuce.core.RedisException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one of this server that changes some of the shards. Its thread reads what all decisions that
 * wait are about, takes them, and commits what they came to by one script, which first looks
 * whether all is still as it was read. Where another server was faster, they are taken again.
 */
final class RedisWriter {
  private static final Logger LOG = LoggerFactory.getLogger(RedisWriter.class);
  private static final long IDLE_MILLIS = 1_000;

  /** So long jobs are held that a claim is about to take. */
  private static final Duration HOLD = Duration.ofSeconds(2);

  /** So soon a claim looks again that found only what others hold. */
  private static final long SOON_MILLIS = 5;

  /** Times that it does: then nothing can be held any more that was held at first. */
  private static final int LOOKS = (int) (HOLD.toMillis() / SOON_MILLIS);

  /** Times that a group is tried as a whole before its decisions are tried one by one. */
  private static final int GROUP_TRIES = 3;

  /** Times that one decision is tried. */
  private static final int TRIES = 30;

  private static final long LONGEST_PAUSE_NANOS = 1_000_000;
  private static final long PASSING_NANOS = 50_000_000;

  private final Redis redis;
  private final RedisUrl url;
  private final String serverId;
  private final RedisShards shards;
  private final InstantSource clock;
  private final RedisJobNumbers numbers;
  private final RedisOptions options;
  private final RedisFeed feed;
  private final RedisJournalReclaimer reclaimer;
  private final CommitObserver observer;
  private final UpdateQueue queue;
  private final SplittableRandom random = new SplittableRandom();
  private final Thread thread =
      ThreadFactories.nonDaemon("milepost-store-writer").newThread(this::run);

  /** Claims that were put off, and how often each looked. */
  private final Map<PendingUpdate<?>, Integer> putOff = new LinkedHashMap<>();

  private long serial;
  private boolean failing;

  RedisWriter(
      Redis redis,
      RedisUrl url,
      String serverId,
      RedisShards shards,
      InstantSource clock,
      RedisJobNumbers numbers,
      RedisOptions options,
      RedisFeed feed,
      RedisJournalReclaimer reclaimer,
      CommitObserver observer) {
    this.redis = redis;
    this.url = url;
    this.serverId = serverId;
    this.shards = shards;
    this.clock = clock;
    this.numbers = numbers;
    this.options = options;
    this.feed = feed;
    this.reclaimer = reclaimer;
    this.observer = observer;
    this.queue = new UpdateQueue(options.queueLimit());
  }

  void start() {
    thread.start();
  }

  <R> CompletionStage<R> update(Selection selection, Function<Found, Decision<R>> decide) {
    return queue.add(selection, decide);
  }

  /** Ends when all that was handed in is committed and answered. */
  void finish() {
    queue.close();
    Uninterruptibles.run(thread::join);
    redis.close();
  }

  private void run() {
    while (queue.isOpen() || !putOff.isEmpty()) {
      PendingUpdate<?> first = queue.take(putOff.isEmpty() ? IDLE_MILLIS : SOON_MILLIS);
      List<PendingUpdate<?>> tasks = new ArrayList<>(putOff.keySet());
      if (first != null) {
        tasks.add(first);
        queue.takeAll(tasks, Math.max(0, options.groupLimit() - tasks.size()));
      }
      byShard(tasks).forEach(this::work);
    }
    queue.end().forEach(PendingUpdate::answer);
  }

  /** Those that are of several shards fail: no script reaches two of them. */
  private Map<RedisShard, List<PendingUpdate<?>>> byShard(List<PendingUpdate<?>> tasks) {
    Map<RedisShard, List<PendingUpdate<?>>> split = new LinkedHashMap<>();
    for (PendingUpdate<?> task : tasks) {
      RedisShard shard = shardOf(task.selection());
      if (shard == null) {
        task.fail(new IllegalArgumentException("names jobs of several tenants, in several shards"));
        task.answer();
      } else {
        split.computeIfAbsent(shard, of -> new ArrayList<>()).add(task);
      }
    }
    return split;
  }

  private @Nullable RedisShard shardOf(Selection selection) {
    if (selection instanceof Selection.Claimable claim) {
      return shards.of(claim.query().tenantId());
    }
    List<JobKey> keys = ((Selection.Named) selection).keys();
    if (keys.isEmpty()) {
      return shards.all().get(0);
    }
    Map<RedisShard, List<JobKey>> split = shards.split(keys);
    return split.size() == 1 ? split.keySet().iterator().next() : null;
  }

  /** Tries a group until it is committed, or nothing helps. */
  private void work(RedisShard shard, List<PendingUpdate<?>> tasks) {
    int tries = tasks.size() > 1 ? GROUP_TRIES : TRIES;
    try {
      for (int attempt = 1; attempt <= tries; attempt++) {
        if (commit(shard, tasks)) {
          return;
        }
        // Who lost a race waits a moment of chance, lest both lose the next one, too.
        LockSupport.parkNanos(random.nextLong(attempt * LONGEST_PAUSE_NANOS));
      }
    } catch (StoreException e) {
      fail(tasks, e);
      return;
    } catch (RuntimeException | Error e) {
      if (tasks.size() == 1) {
        fail(tasks, RedisFailures.fault(e));
        return;
      }
      LOG.debug("A group failed as a whole.", e);
    }
    if (tasks.size() > 1) {
      // One of them spoils it for the others, and only trying tells which.
      tasks.forEach(task -> work(shard, List.of(task)));
    } else {
      fail(tasks, RedisFailures.contended());
    }
  }

  /**
   * Decides and commits.
   *
   * @return whether it came to an end; else another server was faster
   * @throws StoreException where the whole group has failed
   */
  private boolean commit(RedisShard shard, List<PendingUpdate<?>> tasks) {
    RedisSnapshot snapshot = new RedisSnapshot(redis, shard, serverId, HOLD);
    RedisGroup group = new RedisGroup(shard, snapshot, clock, numbers);
    List<PendingUpdate<?>> decided = new ArrayList<>();
    List<PendingUpdate<?>> late = new ArrayList<>();
    try {
      snapshot.load(tasks);
      for (PendingUpdate<?> task : tasks) {
        boolean mayWait = putOff.getOrDefault(task, 0) < LOOKS;
        (group.decide(task, mayWait) ? decided : late).add(task);
      }
    } catch (RedisException e) {
      throw RedisFailures.notApplied(e);
    }
    RedisCommit commit = group.commit();
    if (!commit.isEmpty() || !snapshot.isOfOneMoment()) {
      long begun = System.nanoTime();
      boolean isCommitted = commit(shard, commit);
      giveBack(snapshot);
      if (!isCommitted) {
        return false;
      }
      if (!commit.isEmpty()) {
        observer.committed(decided.size(), System.nanoTime() - begun);
        failing = false;
      }
    } else {
      giveBack(snapshot);
    }
    decided.forEach(putOff::remove);
    late.forEach(task -> putOff.merge(task, 1, Integer::sum));
    decided.forEach(PendingUpdate::answer);
    reclaimer.look(shard, commit.changes());
    return true;
  }

  /** What was held for a claim is free for all again, if it still waits. */
  private void giveBack(RedisSnapshot snapshot) {
    List<String> held = snapshot.held();
    if (!held.isEmpty()) {
      var unused = redis.commands().del(held.toArray(String[]::new));
    }
  }

  private boolean commit(RedisShard shard, RedisCommit commit) {
    long[] number = new long[1];
    feed.publisher(shard)
        .publish(
            () -> {
              number[0] = send(shard, commit);
              if (number[0] <= 0) {
                return List.of();
              }
              feed.committed(shard, number[0]);
              return commit.changes();
            });
    if (number[0] > 0 && url.replicas() > 0) {
      awaitReplicas(shard);
    }
    return number[0] >= 0;
  }

  /** The number of the commit; less than 0: another server was faster. */
  private long send(RedisShard shard, RedisCommit commit) {
    String[] keys = {shard.last(serverId), shard.commits(), shard.changes()};
    RedisWords words = commit.words(++serial, serverId, shard, feed.channel());
    long begun = System.nanoTime();
    while (true) {
      try {
        return redis.await(redis.number(RedisScript.COMMIT, keys, words));
      } catch (RedisException e) {
        boolean isTime = System.nanoTime() - begun < options.timeout().toNanos();
        if (!RedisFailures.isPassing(e) || !isTime) {
          StoreException failure = RedisFailures.ofCommit(e);
          if (failure.outcome() == Outcome.UNKNOWN) {
            feed.publisher(shard).publishMissed();
          }
          throw failure;
        }
        LockSupport.parkNanos(PASSING_NANOS);
      }
    }
  }

  /** What is committed stays so, but whoever waits is not told so as long as it may be lost. */
  private void awaitReplicas(RedisShard shard) {
    long replicas;
    try {
      replicas = redis.await(redis.replicated(shard, url.replicas(), url.replicaTimeout()));
    } catch (RedisException e) {
      // The change itself was made, whatever Redis says to this.
      throw new StoreException(
          Outcome.UNKNOWN,
          "The change was made, but it is not known whether replicas of Redis have it.",
          e);
    }
    if (replicas < url.replicas()) {
      throw new StoreException(
          Outcome.UNKNOWN,
          "The change was made, but only "
              + replicas
              + " of "
              + url.replicas()
              + " replicas of Redis have confirmed it.");
    }
  }

  private void fail(List<PendingUpdate<?>> tasks, StoreException failure) {
    observer.failed(tasks.size());
    if (!failing) {
      // Once, and not for every group until somebody has mended it.
      failing = true;
      LOG.error("Changes could not be committed.", failure);
    }
    tasks.forEach(putOff::remove);
    tasks.forEach(task -> task.fail(failure));
    tasks.forEach(PendingUpdate::answer);
  }
}
