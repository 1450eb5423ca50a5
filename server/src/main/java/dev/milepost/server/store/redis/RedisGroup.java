package dev.milepost.server.store.redis;

import dev.milepost.server.job.JobDecision;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.Times;
import dev.milepost.server.store.Change;
import dev.milepost.server.store.ClaimQuery;
import dev.milepost.server.store.Decision;
import dev.milepost.server.store.DecisionCheck;
import dev.milepost.server.store.Found;
import dev.milepost.server.store.RequestKey;
import dev.milepost.server.store.Selection;
import dev.milepost.server.store.StoreClock;
import dev.milepost.server.store.UnreadableJob;
import dev.milepost.server.store.engine.ChangeLog;
import dev.milepost.server.store.engine.JobSource;
import dev.milepost.server.store.engine.PendingUpdate;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.storage.v1.RequestRecord;
import dev.milepost.v1.Item;
import dev.milepost.v1.JobSpec;
import io.lettuce.core.RedisException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A group of updates that are committed together. Decisions are made one after the other on the
 * jobs in memory: each sees the previous ones, and one that fails leaves no trace. Used once, by
 * the writer.
 */
final class RedisGroup {
  private static final Comparator<RedisGroupJob> BEST_FIRST =
      Comparator.<RedisGroupJob>comparingInt(job -> -spec(job).getPriority())
          .thenComparingLong(RedisGroupJob::number)
          .thenComparing(job -> job.key().jobId());

  private final RedisShard shard;
  private final RedisSnapshot snapshot;
  private final StoreClock clock;
  private final RedisJobNumbers numbers;
  private final long maxBytes;
  private final Map<JobKey, RedisGroupJob> jobs = new LinkedHashMap<>();
  private final Map<RequestKey, RequestRecord> requests = new LinkedHashMap<>();
  private final Set<RequestKey> readRequests = new LinkedHashSet<>();
  private final ChangeLog changes = new ChangeLog();
  private final JobSource<RedisException> source = new Source();
  private long weight;

  /**
   * A group without updates.
   *
   * @param snapshot what the jobs are read from
   * @param maxBytes memory that its jobs may use before it {@linkplain #isLarge() is large}
   */
  RedisGroup(
      RedisShard shard,
      RedisSnapshot snapshot,
      StoreClock clock,
      RedisJobNumbers numbers,
      long maxBytes) {
    this.shard = shard;
    this.snapshot = snapshot;
    this.clock = clock;
    this.numbers = numbers;
    this.maxBytes = maxBytes;
  }

  /** Whether the jobs of this group use so much memory that it should be committed. */
  boolean isLarge() {
    return weight > maxBytes;
  }

  /**
   * Decides on one update and settles it.
   *
   * @param mayWait whether a claim may be deferred that found nothing although there may be jobs
   *     beyond those it read, such as jobs that are reserved by other servers
   * @return false if the update was deferred
   * @throws RedisException if the whole group has failed
   */
  <R> boolean decide(PendingUpdate<R> update, boolean mayWait) {
    Decision<R> decision;
    try {
      Found found = source.find(update.selection(), clock.read());
      if (mayWait && found.jobs().isEmpty() && mayFindMore(update.selection())) {
        return false;
      }
      decision = update.decide(found);
      DecisionCheck.requireSound(update.selection(), found, decision);
    } catch (RedisException e) {
      throw e;
    } catch (Throwable e) {
      // The failure concerns this decision only.
      update.fail(e);
      return true;
    }
    decision.changes().forEach(this::apply);
    if (decision.request().isPresent()) {
      requests.put(update.selection().request().orElseThrow(), decision.request().get());
    }
    update.succeed(decision.result());
    return true;
  }

  private boolean mayFindMore(Selection selection) {
    return selection instanceof Selection.Claimable claim
        && !snapshot.waiting(claim.query()).isComplete();
  }

  /** Finds jobs as earlier decisions of the group left them. */
  private final class Source implements JobSource<RedisException> {
    @Override
    public @Nullable JobRecord job(JobKey key, boolean isNew) {
      return groupJob(key, isNew).record();
    }

    @Override
    public @Nullable UnreadableJob unreadable(JobKey key) {
      return groupJob(key, false).unreadable();
    }

    @Override
    public List<JobKey> claimable(ClaimQuery query) {
      return waiting(query);
    }

    @Override
    public Map<String, Item> items(JobKey key, Set<String> ids) {
      RedisGroupJob job = groupJob(key, false);
      Map<String, Item> items = new HashMap<>();
      if (job.isStored()) {
        items.putAll(snapshot.items(key, ids));
      }
      items.putAll(job.items());
      items.keySet().retainAll(ids);
      return items;
    }

    @Override
    public @Nullable RequestRecord request(RequestKey key, Instant now) {
      RequestRecord request = requests.get(key);
      if (request == null) {
        readRequests.add(key);
        request = snapshot.request(key);
      }
      return request == null || !Times.instant(request.getExpireTime()).isAfter(now)
          ? null
          : request;
    }
  }

  private RedisGroupJob groupJob(JobKey key, boolean isNew) {
    RedisGroupJob job = jobs.get(key);
    if (job == null) {
      RedisStoredJob stored = isNew ? null : snapshot.job(key);
      weight += stored == null ? 0 : stored.weight();
      job = new RedisGroupJob(key, stored, !isNew);
      jobs.put(key, job);
    }
    return job;
  }

  /**
   * Returns the claimable jobs in Redis and in this group, without those that this group has taken;
   * then those that cannot be read, which leave their lanes with this group's commit.
   */
  private List<JobKey> waiting(ClaimQuery query) {
    List<JobKey> held = snapshot.waiting(query).keys();
    Stream<RedisGroupJob> decided = jobs.values().stream().filter(RedisGroupJob::isChanged);
    List<JobKey> found =
        Stream.concat(held.stream().map(this::peek), decided)
            .distinct()
            .filter(job -> fits(job, query))
            .sorted(BEST_FIRST)
            .limit(query.limit())
            .map(RedisGroupJob::key)
            .collect(Collectors.toCollection(ArrayList::new));
    for (JobKey key : held) {
      if (peek(key).unreadable() != null) {
        groupJob(key, false).withholdFromClaims();
        found.add(key);
      }
    }
    return found;
  }

  /** Returns a job that is read but may not be taken: its version is not checked by the commit. */
  private RedisGroupJob peek(JobKey key) {
    RedisGroupJob known = jobs.get(key);
    return known != null ? known : new RedisGroupJob(key, snapshot.job(key), true);
  }

  private static boolean fits(RedisGroupJob job, ClaimQuery query) {
    JobRecord record = job.record();
    return record != null && query.accepts(record);
  }

  private static JobSpec spec(RedisGroupJob job) {
    JobRecord record = job.record();
    return record == null ? JobSpec.getDefaultInstance() : record.getJob().getSpec();
  }

  private void apply(JobDecision change) {
    RedisGroupJob job = groupJob(change.key(), false);
    if (change instanceof JobDecision.Put put) {
      changes.put(job.record(), put);
      if (job.record() == null) {
        weight += put.record().getJob().getSpec().getSerializedSize();
      }
      job.put(put, numbers);
    } else if (change instanceof JobDecision.Postpone postpone) {
      job.postpone(postpone.wakeTime());
    } else if (change instanceof JobDecision.MarkFailed) {
      job.markFailed();
    } else if (change instanceof JobDecision.Remove) {
      changes.remove(job.record(), job.key(), job.unreadable() != null);
      job.remove();
    }
  }

  /** Returns what was decided as one commit. */
  RedisCommit commit() {
    RedisArguments checks = new RedisArguments();
    int count = 0;
    RedisArguments commands = new RedisArguments();
    RedisCounts counts = new RedisCounts(shard);
    for (RedisGroupJob job : jobs.values()) {
      if (job.isChecked()) {
        job.check(checks, shard);
        count++;
      }
    }
    for (RequestKey key : readRequests) {
      checks.add(shard.request(RedisSnapshot.digest(key)), "", snapshot.requestBytes(key));
      count++;
    }
    for (RedisGroupJob job : jobs.values()) {
      job.write(commands, shard, counts);
    }
    counts.write(commands);
    Instant now = clock.instant();
    requests.forEach((key, request) -> remember(commands, key, request, now));
    List<Change> changed = changes.changes();
    return new RedisCommit(checks, count, commands, changed);
  }

  /** Stores a request with an expiry, so that Redis deletes it. */
  private void remember(RedisArguments to, RequestKey key, RequestRecord request, Instant now) {
    Duration left = Duration.between(now, Times.instant(request.getExpireTime()));
    String digest = RedisSnapshot.digest(key);
    to.command(
        "SET",
        shard.request(digest),
        RedisCells.request(digest).encode(request),
        "PX",
        Math.max(1, left.toMillis()));
  }
}
