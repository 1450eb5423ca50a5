package dev.milepost.server.store.redis;

import dev.milepost.server.concurrent.ThreadFactories;
import dev.milepost.server.concurrent.Uninterruptibles;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.Change;
import dev.milepost.server.store.Listeners;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.engine.ChangePublisher;
import dev.milepost.server.store.engine.EngineClock;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.JournalEntry;
import io.lettuce.core.RedisException;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
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
 * Hears what other servers commit. A message is a hint to look; what counts is a position: the
 * number of the shard's last commit that was told. Numbers have no gaps, so that what is missing is
 * seen. Where no message comes, it looks by itself.
 */
final class RedisFeed {
  private static final Logger LOG = LoggerFactory.getLogger(RedisFeed.class);

  /** Commits that are read at a time. */
  private static final int COMMITS = 200;

  /** Runs of a journal that are read along with a job: who needs more reads them. */
  private static final int RUNS = 16;

  private static final long RETRY_NANOS = 200_000_000;

  private final Redis redis;
  private final String serverId;
  private final RedisShards shards;
  private final String channel;
  private final RedisOptions options;
  private final EngineClock clock;
  private final List<ChangePublisher> publishers;
  private final BlockingQueue<Integer> hints = new LinkedBlockingQueue<>();
  private final Thread thread = ThreadFactories.daemon("milepost-store-feed").newThread(this::run);

  /** By shard; each is guarded by its teller. */
  private final long[] positions;

  private volatile boolean closing;
  private @Nullable StatefulRedisPubSubConnection<String, byte[]> listening;

  // Confined to the feed's thread.
  private boolean failing;
  private long housekeepingNanos = System.nanoTime();
  private long[] positionsThen;

  RedisFeed(
      Redis redis,
      String serverId,
      RedisShards shards,
      String channel,
      RedisOptions options,
      EngineClock clock,
      Listeners listeners) {
    this.redis = redis;
    this.serverId = serverId;
    this.shards = shards;
    this.channel = channel;
    this.options = options;
    this.clock = clock;
    this.publishers = shards.all().stream().map(shard -> new ChangePublisher(listeners)).toList();
    this.positions = new long[shards.all().size()];
    this.positionsThen = new long[positions.length];
  }

  /**
   * Finds its positions, and hears of all that is committed from now on.
   *
   * @throws RedisException where that cannot be
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
            String[] words = new String(message, StandardCharsets.UTF_8).split(" ", 2);
            if (!words[1].equals(serverId)) {
              hints.add(Integer.valueOf(words[0]));
            }
          }
        });
    connection.sync().subscribe(channel);
    thread.start();
  }

  /** The channel that hints come by. */
  String channel() {
    return channel;
  }

  /** Who tells of a shard's commits, in their order. */
  ChangePublisher publisher(RedisShard shard) {
    return publishers.get(shard.number());
  }

  /**
   * This server has committed something, and tells of it. Only by the shard's teller: where nobody
   * else committed meanwhile, nothing is left to be read.
   */
  void committed(RedisShard shard, long number) {
    if (positions[shard.number()] == number - 1) {
      positions[shard.number()] = number;
    }
  }

  private Instant now() {
    List<byte[]> time = redis.await(redis.commands().time());
    return Instant.EPOCH
        .plusSeconds(number(time.get(0)))
        .plus(number(time.get(1)), ChronoUnit.MICROS);
  }

  private static long number(byte[] digits) {
    return Long.parseLong(new String(digits, StandardCharsets.US_ASCII));
  }

  private long lastOf(RedisShard shard) {
    RedisWords words = new RedisWords().command("GET", shard.commits());
    return last((byte[]) redis.await(redis.read(shard, words)).get(0));
  }

  private static long last(byte @Nullable [] commits) {
    return commits == null ? 0 : number(commits);
  }

  private void run() {
    while (!closing) {
      try {
        for (RedisShard shard : awaitHints()) {
          while (readOn(shard)) {
            // until nothing is left
          }
        }
        keepHouse();
        failing = false;
      } catch (RedisException e) {
        if (!closing && !failing) {
          // Once, and not each time until somebody has mended it.
          failing = true;
          LOG.warn("Changes of other servers cannot be read: trying again. ({})", e.getMessage());
        }
        LockSupport.parkNanos(this, RETRY_NANOS);
      } catch (RuntimeException e) {
        LOG.error("The feed failed in an unforeseen way.", e);
        publishers.get(0).publishMissed();
        LockSupport.parkNanos(this, RETRY_NANOS);
      }
    }
  }

  /** The shards that were hinted at; all where there was none for long. */
  private Collection<RedisShard> awaitHints() {
    Integer first = null;
    try {
      first = hints.poll(options.poll().toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      // Nobody may stop the feed but by closing the store.
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
   * Tells of what has been committed since.
   *
   * @return whether more may be there
   */
  private boolean readOn(RedisShard shard) {
    boolean[] isMore = new boolean[1];
    publisher(shard)
        .publish(
            () -> {
              long from = positions[shard.number()];
              List<Object> replies =
                  redis.await(
                      redis.read(
                          shard,
                          new RedisWords()
                              .command("GET", shard.commits())
                              .command(
                                  "XRANGE",
                                  shard.changes(),
                                  from + 1 + "-0",
                                  "+",
                                  "COUNT",
                                  COMMITS)));
              long last = last((byte[]) replies.get(0));
              List<?> commits = (List<?>) replies.get(1);
              if (last == from) {
                return List.of();
              }
              if (commits.isEmpty() || RedisStreamEntry.number(commits.get(0)) != from + 1) {
                positions[shard.number()] = last;
                LOG.warn(
                    "Of the changes that other servers made, some were no longer there to be read:"
                        + " who watches looks at everything again.");
                publisher(shard).publishMissed();
                return List.of();
              }
              positions[shard.number()] = RedisStreamEntry.number(commits.get(commits.size() - 1));
              isMore[0] = commits.size() == COMMITS;
              return read(shard, commits);
            });
    return isMore[0];
  }

  /** A change that cannot be read must not keep all later ones from being told. */
  private List<Change> read(RedisShard shard, List<?> commits) {
    try {
      Map<JobKey, byte[]> touched = touched(commits);
      return touched.isEmpty() ? List.of() : current(shard, touched);
    } catch (StoreException e) {
      LOG.error("A change of another server cannot be read.", e);
      publisher(shard).publishMissed();
      return List.of();
    }
  }

  /** Jobs that others changed, each with what it was at first. */
  private Map<JobKey, byte[]> touched(List<?> commits) {
    Map<JobKey, byte[]> touched = new LinkedHashMap<>();
    for (Object commit : commits) {
      List<?> fields = RedisStreamEntry.fields(commit);
      if (!RedisSnapshot.text(fields.get(1)).equals(serverId)) {
        for (int i = 2; i < fields.size(); i += 2) {
          JobKey key = RedisShard.key(RedisSnapshot.text(fields.get(i)));
          touched.putIfAbsent(key, (byte[]) fields.get(i + 1));
        }
      }
    }
    return touched;
  }

  /** What has become of jobs: as they are now, which may be later than what was told of. */
  private List<Change> current(RedisShard shard, Map<JobKey, byte[]> touched) {
    RedisWords words = new RedisWords();
    Map<JobKey, @Nullable JobRecord> before = new LinkedHashMap<>();
    touched.forEach(
        (key, bytes) -> {
          JobRecord was = RedisCommit.before(bytes);
          before.put(key, was);
          RedisStoredJob.ask(words, shard, key);
          words.command("XRANGE", shard.journal(key), known(was) + 1 + "-0", "+", "COUNT", RUNS);
        });
    List<Object> replies = redis.await(redis.read(shard, words));
    List<Change> changes = new ArrayList<>();
    StoreException unreadable = null;
    int next = 0;
    for (Map.Entry<JobKey, @Nullable JobRecord> job : before.entrySet()) {
      try {
        changes.add(change(job.getKey(), job.getValue(), replies.get(next), replies.get(next + 1)));
      } catch (StoreException e) {
        // It alone: what the same commits did to other jobs is told.
        unreadable = e;
      }
      next += 2;
    }
    if (unreadable != null) {
      LOG.error("A job that another server changed cannot be read.", unreadable);
      publisher(shard).publishMissed();
    }
    return changes;
  }

  private static Change change(JobKey key, @Nullable JobRecord before, Object fields, Object runs) {
    RedisStoredJob after = RedisStoredJob.read(fields);
    return new Change(
        key,
        before,
        after == null ? null : after.record(),
        after == null ? List.of() : entries((List<?>) runs, known(before)));
  }

  private static long known(@Nullable JobRecord before) {
    return before == null ? 0 : before.getJob().getStatus().getJournalSequence();
  }

  private static List<JournalEntry> entries(List<?> runs, long known) {
    List<JournalEntry> entries = new ArrayList<>();
    for (Object run : runs) {
      for (JournalEntry entry : RedisStreamEntry.chunk(run).getEntriesList()) {
        if (entry.getSequence() > known) {
          entries.add(entry);
        }
      }
    }
    return entries;
  }

  /** Now and then: the time, and what was told long ago. */
  private void keepHouse() {
    if (System.nanoTime() - housekeepingNanos < options.changesKept().toNanos()) {
      return;
    }
    housekeepingNanos = System.nanoTime();
    if (options.redisTime()) {
      clock.set(this::now);
    }
    for (RedisShard shard : shards.all()) {
      long old = positionsThen[shard.number()];
      positionsThen[shard.number()] = lastOf(shard);
      if (old > 0) {
        redis.await(
            redis.read(
                shard, new RedisWords().command("XTRIM", shard.changes(), "MINID", old + "-0")));
      }
    }
  }

  /** Stops. */
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
