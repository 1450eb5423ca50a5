package dev.milepost.server.store.redis;

import dev.milepost.server.job.JobDecision;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.SearchText;
import dev.milepost.server.store.JournalRuns;
import dev.milepost.server.store.UnreadableJob;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.storage.v1.JournalChunk;
import dev.milepost.v1.Item;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.LogCounts;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A job within a group: as Redis has it, and what was decided since. */
final class RedisGroupJob {
  /** Approximate maximum size in bytes of a run of a journal, unless it is a single entry. */
  private static final int RUN_BYTES = 32_768;

  private final JobKey key;
  private final @Nullable RedisStoredJob before;
  private final boolean isRead;
  private final List<JournalEntry> entries = new ArrayList<>();
  private final Map<String, Item> items = new LinkedHashMap<>();
  private @Nullable JobRecord record;
  private @Nullable UnreadableJob unreadable;
  private @Nullable Instant postponedTo;
  private boolean isWithheld;
  private boolean isMarkedFailed;
  private long number;
  private boolean isReplaced;
  private boolean isChanged;

  /**
   * A job as it was found.
   *
   * @param before null if it does not exist
   * @param isRead whether it was read; otherwise it is assumed not to exist
   */
  RedisGroupJob(JobKey key, @Nullable RedisStoredJob before, boolean isRead) {
    this.key = key;
    this.before = before;
    this.isRead = isRead;
    this.record = before == null || !before.isReadable() ? null : before.record();
    this.unreadable = before == null ? null : before.unreadable();
    this.number = before == null ? 0 : before.number();
  }

  JobKey key() {
    return key;
  }

  /** The job as decided; null if it does not exist or cannot be read. */
  @Nullable JobRecord record() {
    return record;
  }

  /** What is known of the job if it exists and cannot be read; otherwise null. */
  @Nullable UnreadableJob unreadable() {
    return unreadable;
  }

  /** Position in the order of creation. */
  long number() {
    return number;
  }

  /** Whether Redis has this job and its items, and not an earlier job of the same id. */
  boolean isStored() {
    return before != null && !isReplaced;
  }

  boolean isChanged() {
    return isChanged;
  }

  /** Items as decided. */
  Map<String, Item> items() {
    return items;
  }

  void put(JobDecision.Put put, RedisJobNumbers numbers) {
    if (record == null) {
      number = numbers.next();
      isReplaced = before != null;
    }
    isChanged = true;
    record = put.record();
    entries.addAll(put.entries());
    put.items().forEach(item -> items.put(item.getId(), item));
  }

  /** Sets when the job is due, until its state or the wake time of its record changes. */
  void postpone(Instant wakeTime) {
    postponedTo = wakeTime;
  }

  /** Takes a job that cannot be read out of its lane, so that no later claim reads it again. */
  void withholdFromClaims() {
    isWithheld = true;
  }

  /** Makes a job that cannot be read count as failed, without any timer. */
  void markFailed() {
    isMarkedFailed = true;
    unreadable = Objects.requireNonNull(before).markedFailed().unreadable();
  }

  void remove() {
    isChanged = true;
    record = null;
    unreadable = null;
    entries.clear();
    items.clear();
  }

  /** Writes what must not have changed when this is committed. */
  void check(RedisArguments to, RedisShard shard) {
    if (isRead || isChanged) {
      to.add(shard.job(key), RedisStoredJob.VERSION, before == null ? "" : before.version());
    }
  }

  boolean isChecked() {
    return isRead || isChanged;
  }

  /** Writes what was decided. */
  void write(RedisArguments to, RedisShard shard, RedisCounts counts) {
    if (before != null && isWithheld) {
      RedisIndexes.removeFromLane(to, shard, before.record().getJob(), before.number());
    }
    if (before != null && postponedTo != null) {
      RedisIndexes.postpone(to, shard, key, postponedTo);
    }
    if (!isChanged) {
      if (before != null && isMarkedFailed) {
        writeFailed(before, to, shard, counts);
      }
      return;
    }
    JobRecord after = record;
    RedisStoredJob old = before;
    if (old != null && (after == null || isReplaced)) {
      to.command("DEL", shard.job(key), shard.journal(key), shard.items(key), shard.itemIds(key));
      RedisIndexes.remove(to, shard, old);
      if (old.isReadable() || isCounted(old.record())) {
        counts.move(old.record(), null);
      }
      old = null;
    }
    if (after == null) {
      return;
    }
    RedisIndexes.move(to, shard, old == null ? null : old.record(), after, number);
    counts.move(old == null ? null : old.record(), after);
    to.command(
        "HSET",
        shard.job(key),
        RedisStoredJob.VERSION,
        RedisStoredJob.version(number, after),
        RedisStoredJob.RECORD,
        RedisStoredJob.record(number, after));
    if (old == null || !old.record().getJob().getSpec().equals(after.getJob().getSpec())) {
      to.command(
          "HSET",
          shard.job(key),
          RedisStoredJob.NUMBER,
          number,
          RedisStoredJob.FIXED,
          RedisStoredJob.fixed(number, after),
          RedisStoredJob.SPEC,
          RedisStoredJob.spec(number, after),
          RedisStoredJob.TEXT,
          SearchText.of(after.getJob()));
    }
    writeJournal(to, shard, after.getJob().getStatus().getLogCounts());
    for (Item item : items.values()) {
      byte[] value = RedisCells.item(key, item.getId()).encode(item);
      to.command("HSET", shard.items(key), item.getId(), value);
      to.command("ZADD", shard.itemIds(key), 0, item.getId());
    }
  }

  private void writeFailed(
      RedisStoredJob old, RedisArguments to, RedisShard shard, RedisCounts counts) {
    JobRecord failed = old.markedFailed().record();
    RedisIndexes.move(to, shard, old.record(), failed, old.number());
    to.command("ZREM", shard.wake(), RedisShard.member(key));
    if (isCounted(old.record())) {
      counts.move(old.record(), failed);
    }
    if (!old.version().isEmpty()) {
      // Another server that has read the old state must not count it once more.
      to.command("HSET", shard.job(key), RedisStoredJob.VERSION, old.version() + "f");
    }
  }

  /** Whether enough is known of a job that cannot be read to correct its count. */
  private static boolean isCounted(JobRecord known) {
    Job job = known.getJob();
    return !job.getUserId().isEmpty()
        && !job.getSpec().getType().isEmpty()
        && job.getStatus().getState() != JobState.JOB_STATE_UNSPECIFIED;
  }

  private void writeJournal(RedisArguments to, RedisShard shard, LogCounts counts) {
    if (entries.isEmpty()) {
      return;
    }
    for (JournalChunk run : JournalRuns.split(JournalRuns.endingAt(counts, entries), RUN_BYTES)) {
      long last = run.getEntries(run.getEntriesCount() - 1).getSequence();
      byte[] value = RedisCells.run(key, last).encode(run);
      to.command("XADD", shard.journal(key), last + "-0", RedisStreamEntry.RUN, value);
    }
  }
}
