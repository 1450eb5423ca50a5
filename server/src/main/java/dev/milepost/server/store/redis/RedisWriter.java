package dev.milepost.server.store.redis;

import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.Selection;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreException.Outcome;
import dev.milepost.server.store.engine.CommitFailure;
import dev.milepost.server.store.engine.CommitFailure.Remedy;
import dev.milepost.server.store.engine.CommitLog;
import dev.milepost.server.store.engine.EngineClock;
import dev.milepost.server.store.engine.PendingUpdate;
import dev.milepost.server.store.engine.RetryingCommits;
import dev.milepost.server.store.engine.StoreMonitor;
import dev.milepost.server.store.engine.UpdateLoop;
import dev.milepost.server.store.engine.UpdateQueue;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * This server's writer to some of the shards. It reads what all waiting updates are about, decides
 * on them, and commits the result with one script, which first checks that nothing it read has
 * changed.
 */
final class RedisWriter implements UpdateLoop.Writer {
  /** How long a job is reserved for the claim that is about to take it. */
  private static final Duration HOLD = Duration.ofSeconds(2);

  /** Interval at which a claim is tried again that found only jobs reserved by other servers. */
  private static final long CLAIM_RETRY_MILLIS = 5;

  /** Tries of such a claim: enough that every reservation seen at first has ended. */
  private static final int MAX_CLAIM_TRIES = (int) (HOLD.toMillis() / CLAIM_RETRY_MILLIS);

  /** What fraction of a group's memory the bytes of one read may use: one part in four. */
  private static final int READ_SHARE = 4;

  private static final int MAX_TRIES = 30;
  private static final long MAX_PAUSE_NANOS = 1_000_000;
  private static final long TRANSIENT_PAUSE_NANOS = 50_000_000;

  private final Redis redis;
  private final RedisUrl url;
  private final String serverId;
  private final RedisShards shards;
  private final EngineClock clock;
  private final RedisJobNumbers numbers;
  private final RedisOptions options;
  private final RedisFeed feed;
  private final RedisJournalReclaimer reclaimer;
  private final CommitObserver observer;
  private final UpdateQueue queue;
  private final StoreMonitor monitor;
  private final CommitLog log;
  private final RetryingCommits commits;

  /** Claims that were deferred, and how often each was tried. */
  private Map<PendingUpdate<?>, Integer> deferred = new LinkedHashMap<>();

  private long serial;

  RedisWriter(
      Redis redis,
      RedisUrl url,
      String serverId,
      RedisShards shards,
      EngineClock clock,
      RedisJobNumbers numbers,
      RedisOptions options,
      RedisFeed feed,
      RedisJournalReclaimer reclaimer,
      CommitObserver observer,
      UpdateQueue queue,
      StoreMonitor monitor,
      CommitLog log) {
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
    this.queue = queue;
    this.monitor = monitor;
    this.log = log;
    this.commits = new RetryingCommits(MAX_TRIES, MAX_PAUSE_NANOS, log);
  }

  @Override
  public void write(PendingUpdate<?> first) {
    List<PendingUpdate<?>> batch = new ArrayList<>(deferred.keySet());
    batch.add(first);
    queue.takeAll(batch, Math.max(0, options.groupLimit() - batch.size()));
    commit(batch);
  }

  @Override
  public void idle() {
    commit(List.copyOf(deferred.keySet()));
  }

  @Override
  public long waitMillis() {
    return deferred.isEmpty() ? UpdateLoop.Writer.super.waitMillis() : CLAIM_RETRY_MILLIS;
  }

  @Override
  public boolean hasDeferred() {
    return !deferred.isEmpty();
  }

  @Override
  public void end(List<PendingUpdate<?>> late) {
    late.forEach(PendingUpdate::complete);
    redis.close();
  }

  /** Commits a batch that contains all deferred claims, which may be deferred again. */
  private void commit(List<PendingUpdate<?>> batch) {
    Map<PendingUpdate<?>, Integer> tries = deferred;
    deferred = new LinkedHashMap<>();
    if (monitor.isAway()) {
      if (!batch.isEmpty()) {
        log.refused(batch, monitor.unavailable(Outcome.NOT_APPLIED));
      }
      return;
    }
    byShard(batch)
        .forEach((shard, part) -> commits.commit(part, some -> commit(shard, some, tries)));
  }

  /** Updates that span shards fail: a script can access one shard only. */
  private Map<RedisShard, List<PendingUpdate<?>>> byShard(List<PendingUpdate<?>> batch) {
    Map<RedisShard, List<PendingUpdate<?>>> split = new LinkedHashMap<>();
    for (PendingUpdate<?> update : batch) {
      RedisShard shard = shardOf(update.selection());
      if (shard == null) {
        update.fail(new IllegalArgumentException("An update names jobs of several tenants."));
        update.complete();
      } else {
        split.computeIfAbsent(shard, of -> new ArrayList<>()).add(update);
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

  /** Commits the first updates of a batch, or defers them. Returns how many. */
  private int commit(
      RedisShard shard, List<PendingUpdate<?>> batch, Map<PendingUpdate<?>, Integer> tries)
      throws CommitFailure {
    RedisSnapshot snapshot =
        new RedisSnapshot(redis, shard, serverId, HOLD, options.groupBytes() / READ_SHARE);
    RedisGroup group = new RedisGroup(shard, snapshot, clock, numbers, options.groupBytes());
    List<PendingUpdate<?>> decided = new ArrayList<>();
    List<PendingUpdate<?>> undecided = new ArrayList<>();
    try {
      clock.setIfUncertain(() -> redis.await(redis.time()));
      int loaded = snapshot.load(batch);
      for (PendingUpdate<?> update : batch.subList(0, loaded)) {
        boolean mayWait = tries.getOrDefault(update, 0) < MAX_CLAIM_TRIES;
        (group.decide(update, mayWait) ? decided : undecided).add(update);
        if (group.isLarge()) {
          break;
        }
      }
    } catch (RedisException e) {
      throw new CommitFailure(Remedy.NONE, notApplied(e));
    }
    RedisCommit commit = group.commit();
    if (commit.isEmpty() && snapshot.isAtomic()) {
      release(snapshot);
    } else {
      long begun = System.nanoTime();
      boolean isCommitted = commitAndPublish(shard, commit);
      release(snapshot);
      if (!isCommitted) {
        throw new CommitFailure(Remedy.RETRY, RedisFailures.contended());
      }
      if (!commit.isEmpty()) {
        observer.committed(decided.size(), System.nanoTime() - begun);
        observer.changed(commit.changes());
        log.succeeded();
      }
    }
    undecided.forEach(update -> deferred.put(update, tries.getOrDefault(update, 0) + 1));
    decided.forEach(PendingUpdate::complete);
    reclaimer.check(shard, commit.changes());
    return decided.size() + undecided.size();
  }

  /** A failure before the commit; it lasts if Redis is away. */
  private StoreException notApplied(RedisException e) {
    boolean mayBeAway = !(e instanceof RedisCommandExecutionException);
    return mayBeAway && monitor.isAwayAfterCheck()
        ? monitor.unavailable(Outcome.NOT_APPLIED)
        : RedisFailures.notApplied(e);
  }

  /** Ends the reservation of jobs for a claim: those that it did not take are free again. */
  private void release(RedisSnapshot snapshot) {
    List<String> held = snapshot.held();
    if (!held.isEmpty()) {
      var unused = redis.commands().del(held.toArray(String[]::new));
    }
  }

  /** Returns false if another server changed the same jobs first. */
  private boolean commitAndPublish(RedisShard shard, RedisCommit commit) throws CommitFailure {
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

  /** Returns the number of the commit; negative if another server changed the same jobs first. */
  private long send(RedisShard shard, RedisCommit commit) throws CommitFailure {
    String[] keys = {shard.last(serverId), shard.commits(), shard.changes()};
    RedisArguments args = commit.arguments(++serial, serverId, shard, feed.channel());
    long begun = System.nanoTime();
    while (true) {
      try {
        return redis.await(redis.number(RedisScript.COMMIT, keys, args));
      } catch (RedisException e) {
        boolean isInTime =
            System.nanoTime() - begun < options.timeout().toNanos() && !monitor.isAway();
        if (!RedisFailures.isTransient(e) || !isInTime) {
          StoreException failure = RedisFailures.ofCommit(e);
          if (failure.outcome() == Outcome.UNKNOWN) {
            feed.publisher(shard).publishMissed();
          }
          throw new CommitFailure(Remedy.NONE, failure);
        }
        LockSupport.parkNanos(TRANSIENT_PAUSE_NANOS);
      }
    }
  }

  /** The commit stands, but is not acknowledged as long as a failover may lose it. */
  private void awaitReplicas(RedisShard shard) throws CommitFailure {
    long replicas;
    try {
      replicas = redis.await(redis.replicated(shard, url.replicas(), url.replicaTimeout()));
    } catch (RedisException e) {
      throw unreplicated("it is not known whether the replicas of Redis have it.", e);
    }
    if (replicas < url.replicas()) {
      throw unreplicated(
          "only " + replicas + " of " + url.replicas() + " replicas of Redis have confirmed it.",
          null);
    }
  }

  private static CommitFailure unreplicated(String why, @Nullable RedisException cause) {
    return new CommitFailure(
        Remedy.NONE, new StoreException(Outcome.UNKNOWN, "The change was made, but " + why, cause));
  }
}
