package dev.milepost.server.store.redis;

import dev.milepost.server.concurrent.ThreadFactories;
import dev.milepost.server.concurrent.TimeSource;
import dev.milepost.server.job.ClockReading;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.ChangeHistory;
import dev.milepost.server.store.ChangeListener;
import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.CountQuery;
import dev.milepost.server.store.Decision;
import dev.milepost.server.store.DueJobs;
import dev.milepost.server.store.Erased;
import dev.milepost.server.store.Found;
import dev.milepost.server.store.ItemPage;
import dev.milepost.server.store.ItemQuery;
import dev.milepost.server.store.JobPage;
import dev.milepost.server.store.JobQuery;
import dev.milepost.server.store.JobShape;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.JobsByKey;
import dev.milepost.server.store.JobsByKeyBuilder;
import dev.milepost.server.store.JournalPage;
import dev.milepost.server.store.JournalQuery;
import dev.milepost.server.store.Listeners;
import dev.milepost.server.store.RecordKind;
import dev.milepost.server.store.RecordWrite;
import dev.milepost.server.store.Selection;
import dev.milepost.server.store.ServerRecord;
import dev.milepost.server.store.ServerRecords;
import dev.milepost.server.store.StoreClock;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreHealth;
import dev.milepost.server.store.StoreInfo;
import dev.milepost.server.store.Subscription;
import dev.milepost.server.store.engine.CommitLog;
import dev.milepost.server.store.engine.EngineClock;
import dev.milepost.server.store.engine.EngineProbe;
import dev.milepost.server.store.engine.PartState;
import dev.milepost.server.store.engine.StoreFailures;
import dev.milepost.server.store.engine.StoreMonitor;
import dev.milepost.server.store.engine.UpdateLoop;
import dev.milepost.server.store.engine.UpdateQueue;
import dev.milepost.v1.JobCount;
import io.lettuce.core.RedisException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Keeps jobs in Redis, for any number of servers. Acknowledged changes are as durable as Redis is
 * configured to make them; {@link #info()} describes it.
 *
 * <p>Listeners receive changes by other servers a moment later than changes by their own. If this
 * server was cut off from Redis for long, listeners are notified that they may have missed changes.
 * On a cluster, an update is limited to jobs of one tenant.
 */
public final class RedisJobStore implements JobStore {
  /** Writers of a server on a cluster, so that they rarely wait for each other's node. */
  private static final int CLUSTER_WRITERS = 8;

  private final Redis redis;
  private final StoreInfo info;
  private final RedisShards shards;
  private final Listeners listeners;
  private final StoreMonitor monitor;
  private final PartState feedState = StoreMonitor.feed(TimeSource.system());
  private final PartState space = CommitLog.space(TimeSource.system());
  private final EngineClock clock;
  private final boolean hasRedisTime;
  private final RedisFeed feed;
  private final List<UpdateQueue> queues = new ArrayList<>();
  private final List<UpdateLoop> loops = new ArrayList<>();
  private final RedisJobReader jobs;
  private final RedisPartReader parts;
  private final RedisCountReader counts;
  private final RedisRecords records;
  private volatile boolean closed;

  private RedisJobStore(
      Redis redis,
      RedisUrl url,
      StoreClock clock,
      int journalCap,
      RedisOptions options,
      CommitObserver observer,
      StoreMonitor monitor,
      Listeners listeners) {
    this.redis = redis;
    this.monitor = monitor;
    this.listeners = listeners;
    this.info = RedisPersistence.info(redis, url);
    RedisLayout layout = new RedisLayout(redis, url);
    this.shards = layout.open();
    String serverId = UUID.randomUUID().toString();
    this.clock = new EngineClock(clock, System::nanoTime, observer);
    this.hasRedisTime = options.redisTime();
    this.feed =
        new RedisFeed(
            redis,
            serverId,
            shards,
            layout.channel(),
            options,
            this.clock,
            listeners,
            monitor,
            feedState);
    RedisTermFill terms = new RedisTermFill(redis, shards, layout.key(), () -> closed);
    this.jobs = new RedisJobReader(redis, shards, terms);
    this.parts = new RedisPartReader(redis, shards, journalCap);
    this.counts = new RedisCountReader(redis, shards);
    this.records = new RedisRecords(redis, shards, this.clock);
    RedisJobNumbers numbers = new RedisJobNumbers(this.clock, redis.await(jobs.highestNumber()));
    RedisJournalReclaimer reclaimer = new RedisJournalReclaimer(redis, journalCap);
    for (int i = 0; i < (redis.isCluster() ? CLUSTER_WRITERS : 1); i++) {
      UpdateQueue queue = new UpdateQueue(options.queueLimit(), observer, monitor);
      queues.add(queue);
      loops.add(
          new UpdateLoop(
              queue,
              new RedisWriter(
                  redis.openAnother(),
                  url,
                  serverId,
                  shards,
                  this.clock,
                  numbers,
                  options,
                  feed,
                  reclaimer,
                  observer,
                  queue,
                  monitor,
                  new CommitLog(observer, space, monitor::failed))));
    }
    EngineProbe probe = redis.probe(url);
    terms.start(jobs);
    // Nothing fails after this: the feed's thread would go on without a store.
    feed.start();
    loops.forEach(UpdateLoop::start);
    monitor.start(probe);
  }

  /**
   * Opens a store. Blocks.
   *
   * @param url address of Redis, or of any node of a cluster: {@code
   *     redis://user:password@host:port/database}, {@code rediss:} with TLS. Parameters after a
   *     question mark: {@code prefix} of all keys, default {@code milepost}; {@code replicas} that
   *     must confirm a change before it is acknowledged, default 0; {@code replica_timeout_millis},
   *     how long to wait for them, default 1,000
   * @param clock this machine's time; decisions use Redis's
   * @param journalCap journal entries kept of each kind
   * @param observer is notified of every commit
   * @throws StoreException if Redis cannot be used; the message says what to do, and contains no
   *     password
   */
  public static RedisJobStore open(
      String url, StoreClock clock, int journalCap, CommitObserver observer) {
    return open(url, clock, journalCap, RedisOptions.STANDARD, observer);
  }

  /**
   * Checks the form of a URL without connecting.
   *
   * @throws StoreException if it is not valid
   */
  public static void requireValid(String url) {
    var unused = RedisUrl.of(url);
  }

  static RedisJobStore open(
      String url, StoreClock clock, int journalCap, RedisOptions options, CommitObserver observer) {
    RedisUrl parsed = RedisUrl.of(url);
    Listeners listeners = new Listeners();
    StoreMonitor monitor = new StoreMonitor(TimeSource.system(), listeners);
    Redis redis = Redis.open(parsed, options.timeout(), monitor);
    try {
      return new RedisJobStore(
          redis, parsed, clock, journalCap, options, observer, monitor, listeners);
    } catch (StoreException e) {
      redis.close();
      throw e;
    } catch (RedisException e) {
      redis.close();
      throw RedisFailures.notApplied(e);
    }
  }

  @Override
  public StoreInfo info() {
    return info;
  }

  @Override
  public <R> CompletionStage<R> update(Selection selection, Function<Found, Decision<R>> decide) {
    int shard = shards.of(tenant(selection)).number();
    return queues.get(shard % queues.size()).add(selection, decide);
  }

  @Override
  public Optional<ChangeHistory> history() {
    if (shards.all().size() > 1) {
      // A cluster has a history for each shard, and no moment that divides all of them.
      return Optional.empty();
    }
    RedisHistory history = new RedisHistory(redis, shards.all().get(0));
    return Optional.of(
        ChangeHistory.of(feed::mark, position -> read(() -> history.since(position))));
  }

  @Override
  public StoreHealth health() {
    return monitor.health(feedState, space, feed.lag());
  }

  @Override
  public int pendingUpdates() {
    return queues.stream().mapToInt(UpdateQueue::pending).sum();
  }

  private static String tenant(Selection selection) {
    return selection instanceof Selection.Claimable claim
        ? claim.query().tenantId()
        : ((Selection.Named) selection).keys().get(0).tenantId();
  }

  @Override
  public CompletionStage<JobsByKey> get(
      List<JobKey> keys, String owner, long maxBytes, JobShape shape) {
    return read(() -> jobs.get(keys, owner, new JobsByKeyBuilder(maxBytes, shape)));
  }

  @Override
  public CompletionStage<JobPage> list(JobQuery query) {
    return read(() -> jobs.list(query));
  }

  @Override
  public CompletionStage<List<JobCount>> count(CountQuery query) {
    return read(() -> counts.count(query));
  }

  @Override
  public CompletionStage<List<String>> queuedTenants(int limit) {
    return read(() -> counts.queuedTenants(limit));
  }

  @Override
  public CompletionStage<List<JobKey>> firstClaimable(String tenantId) {
    return read(() -> jobs.firstClaimable(tenantId));
  }

  @Override
  public CompletionStage<JournalPage> journal(JournalQuery query) {
    return read(() -> parts.journal(query));
  }

  @Override
  public CompletionStage<ItemPage> items(ItemQuery query) {
    return read(() -> parts.items(query));
  }

  @Override
  public ServerRecords records() {
    return new ServerRecords() {
      @Override
      public CompletionStage<Boolean> write(RecordWrite write) {
        return read(() -> records.write(write));
      }

      @Override
      public CompletionStage<List<ServerRecord>> list(RecordKind kind, String prefix) {
        return read(() -> records.list(kind, prefix));
      }
    };
  }

  @Override
  public StoreClock clock() {
    return clock;
  }

  @Override
  public CompletionStage<ClockReading> time() {
    if (!hasRedisTime) {
      return JobStore.super.time();
    }
    return read(
        () -> {
          long asked = clock.nanoTime();
          return redis
              .time()
              .thenApply(
                  time -> {
                    clock.answered(asked, time);
                    return clock.read();
                  });
        });
  }

  @Override
  public CompletionStage<DueJobs> due(Instant from, Instant until, int limit) {
    return read(() -> jobs.due(from, until, limit));
  }

  @Override
  public CompletionStage<Erased> eraseUser(String tenantId, String userId) {
    CompletableFuture<Erased> stage = new CompletableFuture<>();
    if (closed) {
      return CompletableFuture.failedStage(StoreFailures.closed());
    }
    ThreadFactories.daemon("milepost-store-erasure")
        .newThread(
            () -> {
              Erased erased;
              try {
                erased = new RedisErasure(redis, shards.of(tenantId)).erase(tenantId, userId);
              } catch (RuntimeException | Error e) {
                stage.completeExceptionally(RedisFailures.ofRead(e));
                return;
              }
              stage.complete(erased);
            })
        .start();
    return stage;
  }

  private <T> CompletionStage<T> read(Supplier<CompletionStage<T>> read) {
    if (closed) {
      return CompletableFuture.failedStage(StoreFailures.closed());
    }
    return monitor.read(
        () -> {
          try {
            return read.get()
                .handle(
                    (result, failure) ->
                        failure == null
                            ? CompletableFuture.completedFuture(result)
                            : CompletableFuture.<T>failedFuture(RedisFailures.ofRead(failure)))
                .thenCompose(Function.identity());
          } catch (RuntimeException | Error e) {
            return CompletableFuture.failedStage(RedisFailures.ofRead(e));
          }
        });
  }

  @Override
  public Subscription subscribe(ChangeListener listener) {
    return listeners.add(listener);
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      loops.forEach(UpdateLoop::finish);
      monitor.close();
      feed.close();
      redis.close();
    }
  }
}
