package dev.milepost.server.store.redis;

import dev.milepost.server.concurrent.ThreadFactories;
import dev.milepost.server.concurrent.Uninterruptibles;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.Change;
import dev.milepost.server.store.Listeners;
import dev.milepost.server.store.engine.ChangePublisher;
import dev.milepost.server.store.engine.EngineClock;
import dev.milepost.server.store.engine.PartState;
import dev.milepost.server.store.engine.StoreMonitor;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.storage.v1.JournalChunk;
import dev.milepost.v1.JournalEntry;
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

  /** Commits that are read at a time. */
  private static final int COMMITS = 200;

  /** Runs of a journal that are read with a job; listeners that need more read them. */
  private static final int RUNS = 16;

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

  private static long number(byte[] digits) {
    return Long.parseLong(new String(digits, StandardCharsets.US_ASCII));
  }

  private long lastOf(RedisShard shard) {
    RedisArguments args = new RedisArguments().command("GET", shard.commits());
    return last((byte[]) redis.await(redis.read(shard, args)).get(0));
  }

  private static long last(byte @Nullable [] commits) {
    return commits == null ? 0 : number(commits);
  }

  private void run() {
    while (!closing) {
      if (monitor.isAway()) {
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
    List<Object> commits = new ArrayList<>();
    publisher(shard)
        .publish(
            () -> {
              commits.addAll(nextCommits(shard));
              return List.of();
            });
    try {
      for (Map<JobKey, byte[]> some : ChangePublisher.slices(touched(shard, commits))) {
        publisher(shard).publish(() -> current(shard, some));
      }
    } catch (RedisException e) {
      // The position is already behind them.
      publisher(shard).publishMissed();
      throw e;
    }
    return commits.size() == COMMITS;
  }

  /**
   * Reads the next commits and moves the position behind them. Only called within the shard's
   * publisher.
   */
  private List<?> nextCommits(RedisShard shard) {
    long from = positions[shard.number()];
    List<Object> replies =
        redis.await(
            redis.read(
                shard,
                new RedisArguments()
                    .command("GET", shard.commits())
                    .command("XRANGE", shard.changes(), from + 1 + "-0", "+", "COUNT", COMMITS)));
    long last = last((byte[]) replies.get(0));
    List<?> commits = (List<?>) replies.get(1);
    if (last == from) {
      return List.of();
    }
    if (commits.isEmpty() || RedisStreamEntry.number(commits.get(0)) != from + 1) {
      positions[shard.number()] = last;
      LOG.warn(
          "Some changes by other servers are no longer available."
              + " Watches read everything again.");
      publisher(shard).publishMissed();
      return List.of();
    }
    positions[shard.number()] = RedisStreamEntry.number(commits.get(commits.size() - 1));
    return commits;
  }

  /** Returns the jobs that other servers have changed, each with its first previous state. */
  private Map<JobKey, byte[]> touched(RedisShard shard, List<?> commits) {
    Map<JobKey, byte[]> touched = new LinkedHashMap<>();
    boolean isDamaged = false;
    for (Object commit : commits) {
      List<?> fields = RedisStreamEntry.fields(commit);
      if (!RedisSnapshot.text(fields.get(1)).equals(serverId)) {
        for (int i = 2; i < fields.size(); i += 2) {
          JobKey key = RedisShard.keyIfValid(RedisSnapshot.text(fields.get(i)));
          byte[] before = (byte[]) fields.get(i + 1);
          isDamaged |= key == null || RedisCommit.isDamaged(key, before);
          if (key != null) {
            touched.putIfAbsent(key, before);
          }
        }
      }
    }
    if (isDamaged) {
      LOG.warn("A change by another server is damaged. Watches read everything again.");
      publisher(shard).publishMissed();
    }
    return touched;
  }

  /**
   * Returns the changes to jobs, up to their current state, which may be newer than the position.
   * Those to jobs that cannot be read are left out: nobody can be shown them.
   */
  private List<Change> current(RedisShard shard, Map<JobKey, byte[]> touched) {
    RedisArguments args = new RedisArguments();
    Map<JobKey, @Nullable JobRecord> before = new LinkedHashMap<>();
    touched.forEach(
        (key, bytes) -> {
          JobRecord was = RedisCommit.before(key, bytes);
          before.put(key, was);
          RedisStoredJob.ask(args, shard, key);
          args.command("XRANGE", shard.journal(key), known(was) + 1 + "-0", "+", "COUNT", RUNS);
        });
    List<Object> replies = redis.await(redis.read(shard, args));
    List<Change> changes = new ArrayList<>();
    int next = 0;
    for (Map.Entry<JobKey, @Nullable JobRecord> job : before.entrySet()) {
      RedisStoredJob after = RedisStoredJob.read(job.getKey(), replies.get(next));
      if (after == null || after.isReadable()) {
        changes.add(change(job.getKey(), job.getValue(), after, replies.get(next + 1)));
      }
      next += 2;
    }
    return changes;
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
