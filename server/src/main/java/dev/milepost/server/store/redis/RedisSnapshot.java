package dev.milepost.server.store.redis;

import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.ClaimQuery;
import dev.milepost.server.store.Found;
import dev.milepost.server.store.RequestKey;
import dev.milepost.server.store.Selection;
import dev.milepost.server.store.StoreException;
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
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a group of decisions is about to read, read ahead at once; what nobody could foresee is read
 * when it is asked for. Used by the writer's thread.
 */
final class RedisSnapshot {
  /** Most jobs that the claims of one group may look at together. */
  private static final int MOST_CLAIMED = 1_000;

  private final Redis redis;
  private final RedisShard shard;
  private final String serverId;
  private final Duration hold;

  /**
   * What was read of jobs; understood when it is asked for, so that what is damaged fails alone.
   */
  private final Map<JobKey, Object> replies = new LinkedHashMap<>();

  private final Map<JobKey, Optional<RedisStoredJob>> jobs = new HashMap<>();
  private final Map<JobKey, Map<String, byte[]>> items = new HashMap<>();
  private final Map<JobKey, Set<String>> knownItems = new HashMap<>();
  private final Map<RequestKey, byte[]> requests = new HashMap<>();
  private final Map<ClaimQuery, Waiting> waiting = new HashMap<>();
  private int moments;

  /**
   * Jobs that wait and are held for this server.
   *
   * @param keys the best first
   * @param isComplete whether no other job waits that fits, one that another server holds, say
   */
  record Waiting(List<JobKey> keys, boolean isComplete) {}

  /**
   * Nothing is read yet.
   *
   * @param serverId who holds the jobs that are found to be claimed
   * @param hold so long, at most
   */
  RedisSnapshot(Redis redis, RedisShard shard, String serverId, Duration hold) {
    this.redis = redis;
    this.shard = shard;
    this.serverId = serverId;
    this.hold = hold;
  }

  /** Reads what these are about. */
  void load(Collection<PendingUpdate<?>> batch) {
    Set<JobKey> named = new LinkedHashSet<>();
    Map<JobKey, Set<String>> wantedItems = new LinkedHashMap<>();
    Set<RequestKey> wantedRequests = new LinkedHashSet<>();
    Map<ClaimQuery, Integer> claims = new LinkedHashMap<>();
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
        claims.merge(unlimited(claim.query()), claim.query().limit(), Integer::sum);
      }
    }
    claims.replaceAll((query, limit) -> Math.min(limit, MOST_CLAIMED));
    Map<ClaimQuery, CompletionStage<List<Object>>> asked = new LinkedHashMap<>();
    claims.forEach((query, limit) -> asked.put(query, askWaiting(query, limit)));
    readAll(named, wantedItems, wantedRequests);
    asked.forEach(
        (query, reply) -> keepWaiting(query, claims.getOrDefault(query, 0), redis.await(reply)));
    readJobs(alsoNeeded(batch));
  }

  /** Parents, and what known requests name: which these are is known now. */
  private Set<JobKey> alsoNeeded(Collection<PendingUpdate<?>> batch) {
    Set<JobKey> more = new LinkedHashSet<>();
    try {
      List<JobRecord> found =
          replies.keySet().stream()
              .flatMap(key -> Stream.ofNullable(job(key)))
              .map(RedisStoredJob::record)
              .toList();
      more.addAll(Found.parentsOf(found));
      for (PendingUpdate<?> update : batch) {
        update
            .selection()
            .request()
            .map(this::request)
            .ifPresent(request -> more.addAll(update.selection().jobsOf(request)));
      }
    } catch (StoreException e) {
      // Something is damaged: whoever asks for it hears so, and the rest is read one by one.
      return Set.of();
    }
    more.removeAll(replies.keySet());
    return more;
  }

  /** The same query as others of which only the limit differs. */
  static ClaimQuery unlimited(ClaimQuery query) {
    return new ClaimQuery(
        query.tenantId(),
        query.types(),
        query.scopes(),
        query.minPriority(),
        query.maxPriority(),
        0);
  }

  private CompletionStage<List<Object>> askWaiting(ClaimQuery query, int limit) {
    List<Integer> scopes =
        Arrays.stream(JobScope.values())
            .filter(scope -> scope != JobScope.UNRECOGNIZED)
            .filter(scope -> query.scopes().isEmpty() || query.scopes().contains(scope))
            .map(JobScope::getNumber)
            .toList();
    RedisWords words =
        new RedisWords()
            .words(
                shard.lanes(query.tenantId()),
                shard.jobs(query.tenantId()),
                shard.held(query.tenantId()),
                serverId,
                hold.toMillis(),
                limit,
                RedisIndexes.BEST_PRIORITY - query.maxPriority(),
                RedisIndexes.BEST_PRIORITY - query.minPriority(),
                scopes.size())
            .words(scopes)
            .words(query.types().size())
            .words(List.copyOf(query.types()));
    moments++;
    return redis.list(RedisScript.CLAIM, new String[] {shard.laneNames(query.tenantId())}, words);
  }

  private void keepWaiting(ClaimQuery query, int limit, List<Object> reply) {
    List<JobKey> keys = new ArrayList<>();
    for (int i = 1; i < reply.size(); i += 2) {
      JobKey key = new JobKey(query.tenantId(), text(reply.get(i)));
      Object job = reply.get(i + 1);
      replies.putIfAbsent(key, job);
      keys.add(key);
    }
    boolean passed = reply.get(0).equals(1L);
    waiting.put(query, new Waiting(keys, keys.size() < limit && !passed));
  }

  private void readAll(
      Set<JobKey> named, Map<JobKey, Set<String>> wantedItems, Set<RequestKey> wantedRequests) {
    RedisWords words = new RedisWords();
    named.forEach(key -> RedisStoredJob.ask(words, shard, key));
    wantedItems.forEach(
        (key, ids) -> ids.forEach(id -> words.command("HGET", shard.items(key), id)));
    wantedRequests.forEach(key -> words.command("GET", shard.request(digest(key))));
    if (words.isEmpty()) {
      return;
    }
    moments++;
    List<Object> answers = redis.await(redis.read(shard, words));
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

  /** A job; null: there is none. */
  @Nullable RedisStoredJob job(JobKey key) {
    if (!replies.containsKey(key)) {
      readJobs(Set.of(key));
    }
    Object reply = replies.get(key);
    return reply == null
        ? null
        : jobs.computeIfAbsent(key, of -> Optional.ofNullable(RedisStoredJob.read(reply)))
            .orElse(null);
  }

  /** Those of some items that there are. */
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
              if (ids.contains(id)) {
                found.put(id, RedisStoredJob.message(bytes, Item.parser(), "an item"));
              }
            });
    return found;
  }

  /** What stands for a request, in bytes; empty: nothing. */
  byte[] requestBytes(RequestKey key) {
    if (!requests.containsKey(key)) {
      readAll(Set.of(), Map.of(), Set.of(key));
    }
    return requests.getOrDefault(key, new byte[0]);
  }

  /** A request that was remembered, whether it has expired or not; null: there is none. */
  @Nullable RequestRecord request(RequestKey key) {
    byte[] bytes = requestBytes(key);
    return bytes.length == 0
        ? null
        : RedisStoredJob.message(bytes, RequestRecord.parser(), "a request");
  }

  /** The jobs that wait for such a claim, whatever its limit. */
  Waiting waiting(ClaimQuery query) {
    return waiting.getOrDefault(unlimited(query), new Waiting(List.of(), true));
  }

  /** Where jobs are held for this server, by which they can be given back. */
  List<String> held() {
    return waiting.values().stream()
        .flatMap(found -> found.keys().stream())
        .map(key -> shard.held(key.tenantId()) + key.jobId())
        .distinct()
        .toList();
  }

  /** Whether it was read at one moment, so that nobody can have changed it between two. */
  boolean isOfOneMoment() {
    return moments <= 1;
  }

  static String digest(RequestKey key) {
    return HexFormat.of().formatHex(RequestDigest.of(key));
  }

  static String text(Object bytes) {
    return new String((byte[]) bytes, StandardCharsets.UTF_8);
  }
}
