package dev.milepost.server.store.redis;

import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.Refusal;
import dev.milepost.server.store.ClaimQuery;
import dev.milepost.server.store.Found;
import dev.milepost.server.store.RequestKey;
import dev.milepost.server.store.Selection;
import dev.milepost.server.store.engine.PendingUpdate;
import dev.milepost.server.store.engine.RequestDigest;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.storage.v1.RequestRecord;
import dev.milepost.v1.Item;
import dev.milepost.v1.JobScope;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a group of updates needs to read, prefetched at once; the rest is read on demand. Used by
 * the writer's thread.
 */
final class RedisSnapshot {
  /** Maximum number of jobs that the claims of one group read together, and their weight. */
  private static final Claims MAX_CLAIMED = new Claims(1_000, 4 * ClaimQuery.MAX_BYTES);

  private final Redis redis;
  private final RedisShard shard;
  private final String serverId;
  private final Duration hold;

  /** What was read of jobs; parsed on demand, so that a damaged job fails alone. */
  private final Map<JobKey, Object> replies = new LinkedHashMap<>();

  private final Map<JobKey, Optional<RedisStoredJob>> jobs = new HashMap<>();
  private final Map<JobKey, Map<String, byte[]>> items = new HashMap<>();
  private final Map<JobKey, Set<String>> knownItems = new HashMap<>();
  private final Map<RequestKey, byte[]> requests = new HashMap<>();
  private final Map<ClaimQuery, Waiting> waiting = new HashMap<>();
  private int reads;

  /**
   * Claimable jobs, reserved for this server.
   *
   * @param keys best first
   * @param isComplete whether there are no other jobs that fit, such as jobs that another server
   *     has reserved
   */
  record Waiting(List<JobKey> keys, boolean isComplete) {}

  /** What the claims of a group with equal queries take together, at most. */
  private record Claims(int jobs, long bytes) {
    Claims plus(Claims other) {
      return new Claims(
          Math.min(jobs + other.jobs, MAX_CLAIMED.jobs),
          Math.min(bytes + other.bytes, MAX_CLAIMED.bytes));
    }
  }

  /**
   * An empty snapshot.
   *
   * @param serverId the server that claimable jobs are reserved for
   * @param hold how long they are reserved, at most
   */
  RedisSnapshot(Redis redis, RedisShard shard, String serverId, Duration hold) {
    this.redis = redis;
    this.shard = shard;
    this.serverId = serverId;
    this.hold = hold;
  }

  /** Prefetches what a batch needs. */
  void load(Collection<PendingUpdate<?>> batch) {
    Set<JobKey> named = new LinkedHashSet<>();
    Map<JobKey, Set<String>> wantedItems = new LinkedHashMap<>();
    Set<RequestKey> wantedRequests = new LinkedHashSet<>();
    Map<ClaimQuery, Claims> claims = new LinkedHashMap<>();
    for (PendingUpdate<?> update : batch) {
      update.selection().request().ifPresent(wantedRequests::add);
      if (update.selection() instanceof Selection.Named names && !names.areNew()) {
        named.addAll(names.keys());
        if (!names.itemIds().isEmpty()) {
          wantedItems
              .computeIfAbsent(names.keys().get(0), key -> new LinkedHashSet<>())
              .addAll(names.itemIds());
        }
      } else if (update.selection() instanceof Selection.Claimable claim) {
        claims.merge(
            unlimited(claim.query()),
            new Claims(claim.query().limit(), claim.query().maxBytes()),
            Claims::plus);
      }
    }
    Map<ClaimQuery, CompletionStage<List<Object>>> asked = new LinkedHashMap<>();
    claims.forEach((query, limits) -> asked.put(query, askWaiting(query, limits)));
    readAll(named, wantedItems, wantedRequests);
    asked.forEach(
        (query, reply) ->
            keepWaiting(query, Objects.requireNonNull(claims.get(query)), redis.await(reply)));
    readJobs(alsoNeeded(batch));
  }

  /**
   * Returns parents and the jobs that known requests name, which are only known after the first
   * read.
   */
  private Set<JobKey> alsoNeeded(Collection<PendingUpdate<?>> batch) {
    Set<JobKey> more = new LinkedHashSet<>();
    try {
      List<JobRecord> found =
          replies.keySet().stream()
              .flatMap(key -> Stream.ofNullable(job(key)))
              .filter(RedisStoredJob::isReadable)
              .map(RedisStoredJob::record)
              .toList();
      more.addAll(Found.parentsOf(found, List.of()));
      for (PendingUpdate<?> update : batch) {
        update
            .selection()
            .request()
            .map(this::request)
            .ifPresent(request -> more.addAll(update.selection().jobsOf(request)));
      }
    } catch (Refusal e) {
      // Something is damaged: the update that needs it fails, and the rest is read on demand.
      return Set.of();
    }
    more.removeAll(replies.keySet());
    return more;
  }

  /** Returns a query that is equal for all queries that differ only in their limit. */
  static ClaimQuery unlimited(ClaimQuery query) {
    return new ClaimQuery(
        query.tenantId(),
        query.types(),
        query.scopes(),
        query.minPriority(),
        query.maxPriority(),
        0,
        0);
  }

  private CompletionStage<List<Object>> askWaiting(ClaimQuery query, Claims limits) {
    List<Integer> scopes =
        Arrays.stream(JobScope.values())
            .filter(scope -> scope != JobScope.UNRECOGNIZED)
            .filter(scope -> query.scopes().isEmpty() || query.scopes().contains(scope))
            .map(JobScope::getNumber)
            .toList();
    RedisArguments args =
        new RedisArguments()
            .add(
                shard.lanes(query.tenantId()),
                shard.jobs(query.tenantId()),
                shard.held(query.tenantId()),
                serverId,
                hold.toMillis(),
                limits.jobs(),
                limits.bytes(),
                ClaimQuery.weight(0),
                RedisIndexes.BEST_PRIORITY - query.maxPriority(),
                RedisIndexes.BEST_PRIORITY - query.minPriority(),
                scopes.size())
            .add(scopes)
            .add(query.types().size())
            .add(List.copyOf(query.types()));
    reads++;
    return redis.list(RedisScript.CLAIM, new String[] {shard.laneNames(query.tenantId())}, args);
  }

  private void keepWaiting(ClaimQuery query, Claims limits, List<Object> reply) {
    List<JobKey> keys = new ArrayList<>();
    for (int i = 1; i < reply.size(); i += 2) {
      JobKey key = new JobKey(query.tenantId(), text(reply.get(i)));
      Object job = reply.get(i + 1);
      replies.putIfAbsent(key, job);
      keys.add(key);
    }
    boolean passed = reply.get(0).equals(1L);
    waiting.put(query, new Waiting(keys, keys.size() < limits.jobs() && !passed));
  }

  private void readAll(
      Set<JobKey> named, Map<JobKey, Set<String>> wantedItems, Set<RequestKey> wantedRequests) {
    RedisArguments args = new RedisArguments();
    named.forEach(key -> RedisStoredJob.ask(args, shard, key));
    wantedItems.forEach(
        (key, ids) -> ids.forEach(id -> args.command("HGET", shard.items(key), id)));
    wantedRequests.forEach(key -> args.command("GET", shard.request(digest(key))));
    if (args.isEmpty()) {
      return;
    }
    reads++;
    List<Object> answers = redis.await(redis.read(shard, args));
    int next = 0;
    for (JobKey key : named) {
      replies.putIfAbsent(key, answers.get(next++));
    }
    for (Map.Entry<JobKey, Set<String>> wanted : wantedItems.entrySet()) {
      keepItems(wanted.getKey(), wanted.getValue(), answers.subList(next, answers.size()));
      next += wanted.getValue().size();
    }
    for (RequestKey key : wantedRequests) {
      requests.put(key, answers.get(next++) instanceof byte[] bytes ? bytes : new byte[0]);
    }
  }

  private void keepItems(JobKey key, Set<String> ids, List<?> answers) {
    Map<String, byte[]> found = items.computeIfAbsent(key, of -> new HashMap<>());
    int next = 0;
    for (String id : ids) {
      if (answers.get(next++) instanceof byte[] bytes) {
        found.put(id, bytes);
      }
    }
    knownItems.computeIfAbsent(key, of -> new LinkedHashSet<>()).addAll(ids);
  }

  private void readJobs(Set<JobKey> keys) {
    if (!keys.isEmpty()) {
      readAll(keys, Map.of(), Set.of());
    }
  }

  /**
   * Returns a job; null if it does not exist. If it cannot be read, returns what the indexes say of
   * it.
   */
  @Nullable RedisStoredJob job(JobKey key) {
    if (!replies.containsKey(key)) {
      readJobs(Set.of(key));
    }
    Optional<RedisStoredJob> job = jobs.get(key);
    if (job == null) {
      job = Optional.ofNullable(RedisStoredJob.read(key, replies.get(key)));
      if (job.isPresent() && !job.get().isReadable()) {
        reads++;
        job = Optional.of(new RedisUnreadable(redis, shard).described(key, job.get()));
      }
      jobs.put(key, job);
    }
    return job.orElse(null);
  }

  /** Returns those of the given items that exist, without damaged ones. */
  Map<String, Item> items(JobKey key, Set<String> ids) {
    Set<String> unknown =
        ids.stream()
            .filter(id -> !knownItems.getOrDefault(key, Set.of()).contains(id))
            .collect(Collectors.toSet());
    if (!unknown.isEmpty()) {
      readAll(Set.of(), Map.of(key, unknown), Set.of());
    }
    Map<String, Item> found = new HashMap<>();
    items
        .getOrDefault(key, Map.of())
        .forEach(
            (id, bytes) -> {
              Item item = RedisStoredJob.message(bytes, Item.parser());
              if (item != null && ids.contains(id)) {
                found.put(id, item);
              }
            });
    return found;
  }

  /** Returns the record of a request in bytes; empty if there is none. */
  byte[] requestBytes(RequestKey key) {
    if (!requests.containsKey(key)) {
      readAll(Set.of(), Map.of(), Set.of(key));
    }
    return requests.getOrDefault(key, new byte[0]);
  }

  /**
   * Returns the record of a request, expired or not; null if there is none.
   *
   * @throws Refusal.RequestUnreadable if it is damaged
   */
  @Nullable RequestRecord request(RequestKey key) {
    byte[] bytes = requestBytes(key);
    if (bytes.length == 0) {
      return null;
    }
    RequestRecord request = RedisStoredJob.message(bytes, RequestRecord.parser());
    if (request == null) {
      throw new Refusal.RequestUnreadable();
    }
    return request;
  }

  /** Returns the jobs that a claim may take, whatever its limit. */
  Waiting waiting(ClaimQuery query) {
    return waiting.getOrDefault(unlimited(query), new Waiting(List.of(), true));
  }

  /** Returns the keys of the reservations, to release them. */
  List<String> held() {
    return waiting.values().stream()
        .flatMap(found -> found.keys().stream())
        .map(key -> shard.held(key.tenantId()) + key.jobId())
        .distinct()
        .toList();
  }

  /** Returns whether everything was read atomically, without changes in between. */
  boolean isAtomic() {
    return reads <= 1;
  }

  static String digest(RequestKey key) {
    return HexFormat.of().formatHex(RequestDigest.of(key));
  }

  static String text(Object bytes) {
    return new String((byte[]) bytes, StandardCharsets.UTF_8);
  }
}
