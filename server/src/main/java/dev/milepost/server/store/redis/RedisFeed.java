package dev.milepost.server.store.redis;

import dev.milepost.server.concurrent.ThreadFactories;
import dev.milepost.server.concurrent.Uninterruptibles;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.Change;
import dev.milepost.server.store.Listeners;
import dev.milepost.server.store.engine.ChangePublisher;
import dev.milepost.server.store.engine.EngineClock;
import dev.milepost.server.store.engine.HistoryMarks;
import dev.milepost.server.store.engine.PartState;
import dev.milepost.server.store.engine.StoreMonitor;
import io.lettuce.core.RedisException;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Receives what other servers commit. A message is only a hint to read. The feed's position is the
 * number of the shard's last commit that was published. Numbers have no gaps, so missing commits
 * are detected. Without a message, the feed polls.
 */
final class RedisFeed {
  private static final Logger LOG = LoggerFactory.getLogger(RedisFeed.class);

  /** How often a mark reads on while other servers commit. */
  private static final int MARK_TRIES = 8;

  private static final long RETRY_NANOS = 200_000_000;
  private static final long AWAY_NANOS = 50_000_000;

  private final Redis redis;
  private final String serverId;
  private final RedisShards shards;
  private final String channel;
  private final RedisOptions options;
  private final EngineClock clock;
  private final StoreMonitor monitor;
  private final PartState state;
  private final List<ChangePublisher> publishers;
  private final HistoryMarks marks = new HistoryMarks();
  private final BlockingQueue<Integer> hints = new LinkedBlockingQueue<>();
  private final Thread thread = ThreadFactories.daemon("milepost-store-feed").newThread(this::run);

  /** By shard; each is guarded by its publisher. */
  private final long[] positions;

  private volatile boolean closing;
  private @Nullable StatefulRedisPubSubConnection<String, byte[]> listening;

  private volatile long readNanos = System.nanoTime();

  // Confined to the feed's thread.
  private long housekeepingNanos = System.nanoTime();
  private long[] previousPositions;

  /** The position that the last mark has found; empty if it has found none. */
  private String reached = "";

  RedisFeed(
      Redis redis,
      String serverId,
      RedisShards shards,
      String channel,
      RedisOptions options,
      EngineClock clock,
      Listeners listeners,
      StoreMonitor monitor,
      PartState state) {
    this.redis = redis;
    this.serverId = serverId;
    this.shards = shards;
    this.channel = channel;
    this.options = options;
    this.clock = clock;
    this.monitor = monitor;
    this.state = state;
    this.publishers = shards.all().stream().map(shard -> new ChangePublisher(listeners)).toList();
    this.positions = new long[shards.all().size()];
    this.previousPositions = new long[positions.length];
  }

  /**
   * Reads the positions, and receives everything that is committed from now on.
   *
   * @throws RedisException if Redis cannot be reached
   */
  void start() {
    if (options.redisTime()) {
      clock.set(this::now);
    }
    for (RedisShard shard : shards.all()) {
      positions[shard.number()] = lastOf(shard);
    }
    StatefulRedisPubSubConnection<String, byte[]> connection = redis.listen();
    listening = connection;
    connection.addListener(
        new RedisPubSubAdapter<String, byte[]>() {
          @Override
          public void message(String of, byte[] message) {
            String[] parts = new String(message, StandardCharsets.UTF_8).split(" ", 2);
            if (!parts[1].equals(serverId)) {
              hints.add(Integer.valueOf(parts[0]));
            }
          }
        });
    connection.sync().subscribe(channel);
    thread.start();
  }

  /** As {@link ChangeHistory#mark}. Only for a store with one shard. */
  void mark(Consumer<String> reached) {
    if (marks.add(reached)) {
      hints.add(0);
    }
    if (closing) {
      marks.giveUp();
    }
  }

  /** Returns for how long changes by other servers may have been missing. */
  Duration lag() {
    return Duration.ofNanos(Math.max(0, System.nanoTime() - readNanos));
  }

  /** The channel of the messages. */
  String channel() {
    return channel;
  }

  /** Publishes a shard's commits in their order. */
  ChangePublisher publisher(RedisShard shard) {
    return publishers.get(shard.number());
  }

  /**
   * Advances the position after a commit by this server, unless other servers have committed
   * meanwhile. Only called within the shard's publisher.
   */
  void committed(RedisShard shard, long number) {
    if (positions[shard.number()] == number - 1) {
      positions[shard.number()] = number;
    }
  }

  private Instant now() {
    return redis.await(redis.time());
  }

  private long lastOf(RedisShard shard) {
    RedisArguments args = new RedisArguments().command("GET", shard.commits());
    return RedisHistory.last((byte[]) redis.await(redis.read(shard, args)).get(0));
  }

  private void run() {
    while (!closing) {
      if (monitor.isAway()) {
        marks.giveUp();
        LockSupport.parkNanos(this, AWAY_NANOS);
        continue;
      }
      try {
        Collection<RedisShard> hinted = awaitHints();
        for (RedisShard shard : hinted) {
          while (readNew(shard)) {
            // until nothing is left
          }
        }
        if (!marks.isEmpty()) {
          mark(shards.all().get(0));
        }
        doHousekeeping();
        if (hinted.size() == shards.all().size()) {
          readNanos = System.nanoTime();
        }
        state.worked();
      } catch (RedisException e) {
        LOG.debug("Could not read changes by other servers.", e);
        if (!closing && !monitor.isAwayAfterCheck()) {
          state.failed(String.valueOf(RedisFailures.notApplied(e).getMessage()), 1);
        }
        LockSupport.parkNanos(this, RETRY_NANOS);
      } catch (RuntimeException | Error e) {
        LOG.error("The change feed failed unexpectedly.", e);
        publishers.get(0).publishMissed();
        LockSupport.parkNanos(this, RETRY_NANOS);
      }
    }
    marks.giveUp();
  }

  /** Returns the shards with a hint; all shards if there was none for a while. */
  private Collection<RedisShard> awaitHints() {
    Integer first = null;
    try {
      first = hints.poll(options.poll().toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      // Only closing the store may stop the feed.
      LOG.debug("The feed was interrupted.", e);
    }
    if (first == null) {
      return shards.all();
    }
    Set<Integer> hinted = new LinkedHashSet<>();
    hinted.add(first);
    hints.drainTo(hinted);
    hinted.removeIf(shard -> shard < 0 || shard >= shards.all().size());
    return hinted.stream().map(shards.all()::get).toList();
  }

  /**
   * Publishes what has been committed since the last read.
   *
   * @return whether there may be more
   */
  private boolean readNew(RedisShard shard) {
    RedisHistory history = new RedisHistory(redis, shard);
    List<Object> commits = new ArrayList<>();
    publisher(shard)
        .publish(
            () -> {
              commits.addAll(nextCommits(shard, history));
              return List.of();
            });
    try {
      for (Map<JobKey, byte[]> some : ChangePublisher.slices(touched(shard, commits))) {
        publisher(shard).publish(() -> redis.await(history.current(some, 0)).changes());
      }
    } catch (RedisException e) {
      // The position is already behind them.
      publisher(shard).publishMissed();
      throw e;
    }
    return commits.size() == RedisHistory.COMMITS;
  }

  /**
   * Reads the next commits and moves the position behind them. Only called within the shard's
   * publisher.
   */
  private List<?> nextCommits(RedisShard shard, RedisHistory history) {
    long from = positions[shard.number()];
    RedisHistory.Commits commits = redis.await(history.after(from));
    if (!commits.follow(from)) {
      positions[shard.number()] = commits.last();
      LOG.warn(
          "Some changes by other servers are no longer available."
              + " Watches read everything again.");
      publisher(shard).publishMissed();
      return List.of();
    }
    if (commits.last() == from) {
      return List.of();
    }
    positions[shard.number()] = commits.end();
    return commits.entries();
  }

  /** Returns the jobs that other servers have changed, each with its first previous state. */
  private Map<JobKey, byte[]> touched(RedisShard shard, List<?> commits) {
    Map<JobKey, byte[]> touched = new LinkedHashMap<>();
    if (!RedisHistory.touch(commits, server -> !server.equals(serverId), touched)) {
      LOG.warn("A change by another server is damaged. Watches read everything again.");
      publisher(shard).publishMissed();
    }
    return touched;
  }

  /**
   * Finds a position for those who wait for one, in the only shard. While this server's writer
   * waits, the rest of what others have committed is read: until a read of jobs is not followed by
   * further commits, so that it contains all that was published, and no more. There is none if
   * others commit all the time.
   */
  private void mark(RedisShard shard) {
    RedisHistory history = new RedisHistory(redis, shard);
    List<Consumer<String>> waiting = marks.take();
    reached = "";
    boolean isDone = false;
    try {
      publisher(shard)
          .publish(() -> readToEnd(shard, history), () -> HistoryMarks.notify(waiting, reached));
      isDone = true;
    } finally {
      if (!isDone) {
        HistoryMarks.notify(waiting, "");
        publisher(shard).publishMissed();
      }
    }
  }

  private List<Change> readToEnd(RedisShard shard, RedisHistory history) {
    List<Change> changes = new ArrayList<>();
    for (int tries = 0; tries < MARK_TRIES; tries++) {
      Map<JobKey, byte[]> touched = touched(shard, nextCommits(shard, history));
      long position = positions[shard.number()];
      RedisHistory.Current current = redis.await(history.current(touched, position));
      changes.addAll(current.changes());
      if (current.last() == position) {
        reached = RedisHistory.position(position, current.proof());
        break;
      }
    }
    return changes;
  }

  /** Periodically sets the clock and deletes old changes. */
  private void doHousekeeping() {
    if (options.redisTime()) {
      clock.setIfOld(this::now);
    }
    if (System.nanoTime() - housekeepingNanos < options.changesKept().toNanos()) {
      return;
    }
    housekeepingNanos = System.nanoTime();
    for (RedisShard shard : shards.all()) {
      long old = previousPositions[shard.number()];
      previousPositions[shard.number()] = lastOf(shard);
      if (old > 0) {
        redis.await(
            redis.read(
                shard,
                new RedisArguments().command("XTRIM", shard.changes(), "MINID", old + "-0")));
      }
    }
  }

  /** Stops the feed. */
  void close() {
    closing = true;
    hints.add(0);
    Uninterruptibles.run(thread::join);
    StatefulRedisPubSubConnection<String, byte[]> connection = listening;
    if (connection != null) {
      connection.close();
    }
  }
}
