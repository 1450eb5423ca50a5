package dev.milepost.server.store.redis;

import dev.milepost.server.concurrent.TimeSource;
import dev.milepost.server.store.Listeners;
import dev.milepost.server.store.StoreCheck;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.engine.StoreMonitor;
import io.lettuce.core.RedisException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads everything of a store in Redis, and changes nothing. Servers may use it meanwhile: what is
 * compared is read within one snapshot. Only counts by several attributes at once are compared if
 * nothing is committed meanwhile.
 */
public final class RedisCheck {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  private RedisCheck() {}

  /**
   * Checks a store. Blocks.
   *
   * @throws StoreException if the URL is not valid, Redis cannot be reached, or the store does not
   *     exist or is of another version
   */
  public static StoreCheck run(String url, StoreCheck.Progress progress) {
    RedisUrl parsed = RedisUrl.of(url);
    StoreMonitor monitor = new StoreMonitor(TimeSource.system(), new Listeners());
    try (Redis redis = Redis.open(parsed, TIMEOUT, monitor)) {
      return check(redis, parsed, progress);
    } catch (RedisException e) {
      throw RedisFailures.notApplied(e);
    }
  }

  private static StoreCheck check(Redis redis, RedisUrl url, StoreCheck.Progress progress) {
    RedisLayout layout = new RedisLayout(redis, url);
    RedisShards shards = layout.requireCurrent();
    boolean isIndexed = layout.isIndexed();
    RedisFindings findings = new RedisFindings(progress);
    List<String> before = commits(redis, shards);
    progress.begins("jobs", jobs(redis, shards));
    RedisJobCheck jobs = new RedisJobCheck(redis, isIndexed, findings);
    shards.all().forEach(jobs::run);
    progress.begins("keys", redis.await(redis.commands().dbsize()));
    RedisKeyCheck keys = new RedisKeyCheck(redis, findings);
    new RedisKeys(redis, shards, url.prefix()).each(keys::check);
    if (before.equals(commits(redis, shards))) {
      findings.tally().differences().forEach(findings::found);
    }
    return findings.result();
  }

  /** The number of the last commit of each shard. */
  private static List<String> commits(Redis redis, RedisShards shards) {
    List<String> commits = new ArrayList<>();
    for (RedisShard shard : shards.all()) {
      RedisArguments args = new RedisArguments().command("GET", shard.commits());
      Object number = redis.await(redis.read(shard, args)).get(0);
      commits.add(number instanceof byte[] digits ? RedisSnapshot.text(digits) : "");
    }
    return commits;
  }

  private static long jobs(Redis redis, RedisShards shards) {
    long jobs = 0;
    for (RedisShard shard : shards.all()) {
      RedisArguments args = new RedisArguments().command("ZCARD", shard.all());
      jobs += redis.await(redis.read(shard, args)).get(0) instanceof Long more ? more : 0;
    }
    return jobs;
  }
}
