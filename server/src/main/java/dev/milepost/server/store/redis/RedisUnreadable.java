package dev.milepost.server.store.redis;

import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.CellCount;
import dev.milepost.server.store.CountCell;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobState;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds what the indexes and counts say of a job whose record cannot be read, so that it can be
 * removed from all of them. Used by the writer's thread.
 */
final class RedisUnreadable {
  /** Commands that one read sends. */
  private static final int BATCH = 1_000;

  private final Redis redis;
  private final RedisShard shard;

  RedisUnreadable(Redis redis, RedisShard shard) {
    this.redis = redis;
    this.shard = shard;
  }

  /** Returns the job with everything that could be found. */
  RedisStoredJob described(JobKey key, RedisStoredJob damaged) {
    Job.Builder job = damaged.record().getJob().toBuilder();
    long number = damaged.number() == 0 ? numberOf(key) : damaged.number();
    job.getStatusBuilder().setState(stateOf(key));
    if (job.getUserId().isEmpty()) {
      // The field with what never changes is damaged too, or an earlier version wrote the job.
      job.setUserId(ownerOf(key));
      CountCell cell = cellOf(job.build());
      if (cell != null) {
        job.getSpecBuilder()
            .setType(cell.type())
            .setScope(cell.scope())
            .setProjectId(cell.projectId());
      }
    }
    JobRecord.Builder record = JobRecord.newBuilder().setJob(job);
    record.setChargedBytes(countOf(CountCell.of(record.build())).averageBytes());
    return new RedisStoredJob(record.build(), number, damaged.version(), false);
  }

  private CellCount countOf(CountCell cell) {
    RedisArguments args = new RedisArguments();
    RedisCounts.ask(args, shard, cell);
    return RedisCounts.count((List<?>) read(args).get(0));
  }

  private long numberOf(JobKey key) {
    RedisArguments args =
        new RedisArguments().command("ZSCORE", shard.all(), RedisShard.member(key));
    return read(args).get(0) instanceof byte[] score
        ? (long) Double.parseDouble(RedisSnapshot.text(score))
        : 0;
  }

  private JobState stateOf(JobKey key) {
    RedisArguments args = new RedisArguments();
    List<JobState> states = new ArrayList<>();
    for (JobState state : JobState.values()) {
      if (state != JobState.UNRECOGNIZED) {
        states.add(state);
        args.command(
            "ZSCORE",
            shard.index(RedisIndexes.STATE, key.tenantId(), state.getNumber()),
            key.jobId());
      }
    }
    int found = firstPresent(read(args));
    return found < 0 ? JobState.JOB_STATE_UNSPECIFIED : states.get(found);
  }

  /** Returns the user whose index has the job; empty if there is none. */
  private String ownerOf(JobKey key) {
    List<String> users =
        texts(read(new RedisArguments().command("SMEMBERS", shard.users(key.tenantId()))).get(0));
    for (int from = 0; from < users.size(); from += BATCH) {
      List<String> some = users.subList(from, Math.min(users.size(), from + BATCH));
      RedisArguments args = new RedisArguments();
      some.forEach(
          user ->
              args.command(
                  "ZSCORE", shard.index(RedisIndexes.USER, key.tenantId(), user), key.jobId()));
      int found = firstPresent(read(args));
      if (found >= 0) {
        return some.get(found);
      }
    }
    return "";
  }

  /**
   * Returns a cell of its owner, state and type, in which the job is counted unless there are
   * several projects or scopes.
   */
  private @Nullable CountCell cellOf(Job job) {
    String tenant = job.getTenantId();
    String user = job.getUserId();
    List<?> fields =
        (List<?>) read(new RedisArguments().command("HGETALL", shard.counts(tenant, user))).get(0);
    List<CountCell> cells = new ArrayList<>();
    RedisArguments args = new RedisArguments();
    RedisCounts.cells(tenant, user, fields)
        .forEach(
            (cell, count) -> {
              if (cell.state() == job.getStatus().getState() && count.jobs() > 0) {
                cells.add(cell);
                args.command(
                    "ZSCORE", shard.index(RedisIndexes.TYPE, tenant, cell.type()), job.getId());
              }
            });
    int found = cells.isEmpty() ? -1 : firstPresent(read(args));
    return found < 0 ? null : cells.get(found);
  }

  private List<Object> read(RedisArguments args) {
    return redis.await(redis.read(shard, args));
  }

  private static int firstPresent(List<Object> replies) {
    for (int i = 0; i < replies.size(); i++) {
      if (replies.get(i) != null) {
        return i;
      }
    }
    return -1;
  }

  private static List<String> texts(Object reply) {
    List<String> texts = new ArrayList<>();
    for (Object bytes : (List<?>) reply) {
      texts.add(RedisSnapshot.text(bytes));
    }
    return texts;
  }
}
