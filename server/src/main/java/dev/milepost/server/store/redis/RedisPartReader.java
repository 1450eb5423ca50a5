package dev.milepost.server.store.redis;

import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.Refusal;
import dev.milepost.server.store.ItemPage;
import dev.milepost.server.store.ItemPageBuilder;
import dev.milepost.server.store.ItemQuery;
import dev.milepost.server.store.JournalPage;
import dev.milepost.server.store.JournalPageBuilder;
import dev.milepost.server.store.JournalQuery;
import dev.milepost.storage.v1.JournalChunk;
import dev.milepost.v1.Item;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Reads journals and items. Thread-safe. */
final class RedisPartReader {
  /** Runs that one page of a journal scans. */
  private static final int SCAN_RUNS = 256;

  private final Redis redis;
  private final RedisShards shards;
  private final int journalCap;

  RedisPartReader(Redis redis, RedisShards shards, int journalCap) {
    this.redis = redis;
    this.shards = shards;
    this.journalCap = journalCap;
  }

  CompletionStage<JournalPage> journal(JournalQuery query) {
    JobKey key = query.key();
    RedisShard shard = shards.of(key.tenantId());
    RedisArguments args = new RedisArguments();
    RedisStoredJob.ask(args, shard, key);
    if (query.newestFirst()) {
      // The run that the position lies in, then those before it.
      String before = Math.max(0, query.position() - 1) + "-0";
      args.command("XRANGE", shard.journal(key), query.position() + "-0", "+", "COUNT", 1);
      args.command("XREVRANGE", shard.journal(key), before, "-", "COUNT", SCAN_RUNS);
    } else {
      String after = query.position() + 1 + "-0";
      args.command("XRANGE", shard.journal(key), after, "+", "COUNT", SCAN_RUNS);
    }
    return redis.read(shard, args).thenApply(replies -> page(query, replies));
  }

  private JournalPage page(JournalQuery query, List<Object> replies) {
    RedisStoredJob job = RedisStoredJob.read(query.key(), replies.get(0));
    if (job == null) {
      return JournalPageBuilder.missing();
    }
    if (!job.isReadable()) {
      throw new Refusal.JobUnreadable(query.key().jobId());
    }
    List<Object> runs = new ArrayList<>();
    replies.subList(1, replies.size()).forEach(some -> runs.addAll((List<?>) some));
    JournalPageBuilder page =
        new JournalPageBuilder(query, job.record().getJob().getStatus(), journalCap);
    for (Object run : runs) {
      JournalChunk chunk = RedisStreamEntry.chunk(query.key(), run);
      if (chunk == null) {
        page.pass(RedisStreamEntry.number(run));
      } else if (!page.add(chunk)) {
        return page.page();
      }
    }
    int scanned = ((List<?>) replies.get(replies.size() - 1)).size();
    return scanned < SCAN_RUNS ? page.lastPage() : page.page();
  }

  CompletionStage<ItemPage> items(ItemQuery query) {
    return items(query, query.afterId(), new ItemPageBuilder(query));
  }

  /** Reads until the page is full; if all items match, one read is enough. */
  private CompletionStage<ItemPage> items(ItemQuery query, String afterId, ItemPageBuilder found) {
    JobKey key = query.key();
    RedisShard shard = shards.of(key.tenantId());
    int wanted = query.limit() + 1 - found.size();
    RedisArguments range =
        new RedisArguments()
            .command(
                "ZRANGEBYLEX",
                shard.itemIds(key),
                afterId.isEmpty() ? "-" : "(" + afterId,
                "+",
                "LIMIT",
                0,
                wanted);
    return redis
        .read(shard, range)
        .thenCompose(
            ids -> {
              List<?> some = (List<?>) ids.get(0);
              if (some.isEmpty()) {
                return CompletableFuture.completedStage(found.page());
              }
              RedisArguments args = new RedisArguments();
              some.forEach(id -> args.command("HGET", shard.items(key), id));
              return redis
                  .read(shard, args)
                  .thenCompose(
                      items -> {
                        if (!take(key, some, items, found) || some.size() < wanted) {
                          return CompletableFuture.completedStage(found.page());
                        }
                        String last = RedisSnapshot.text(some.get(some.size() - 1));
                        return items(query, last, found);
                      });
            });
  }

  /** Adds items; returns whether the page goes on. */
  private static boolean take(JobKey key, List<?> ids, List<Object> replies, ItemPageBuilder to) {
    for (int i = 0; i < replies.size(); i++) {
      if (replies.get(i) instanceof byte[] bytes) {
        String id = RedisSnapshot.text(ids.get(i));
        if (!to.add(id, RedisCells.item(key, id).parse(bytes, Item.parser()))) {
          return false;
        }
      }
    }
    return true;
  }
}
