package dev.milepost.server.store.redis;

import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.Refusal;
import dev.milepost.server.store.ClaimQuery;
import dev.milepost.server.store.Found;
import dev.milepost.server.store.RequestKey;
import dev.milepost.server.store.Selection;
import dev.milepost.server.store.engine.CheckedCell;
import dev.milepost.server.store.engine.PendingUpdate;
import dev.milepost.server.store.engine.RequestDigest;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.storage.v1.RequestRecord;
import dev.milepost.v1.Item;
import dev.milepost.v1.JobScope;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a group of updates needs to read, prefetched at once; the rest is read on demand. Used by
 * the writer's thread.
 */
final class RedisSnapshot {
  /** Maximum number of jobs that equal claims of one group read together, and their weight. */
  private static final Claims MAX_CLAIMED = new Claims(1_000, 4 * ClaimQuery.MAX_BYTES);

  private final Redis redis;
  private final RedisShard shard;
  private final String serverId;
  private final Duration hold;
  private final long readBytes;

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

  /** What one command asks for. */
  private sealed interface Ask {
    /** Adds the command. */
    void command(RedisArguments to, RedisShard shard);
  }

  private record JobAsk(JobKey key) implements Ask {
    @Override
    public void command(RedisArguments to, RedisShard shard) {
      RedisStoredJob.ask(to, shard, key);
    }
  }

  private record ItemAsk(JobKey key, String id) implements Ask {
    @Override
    public void command(RedisArguments to, RedisShard shard) {
      to.command("HGET", shard.items(key), id);
    }
  }

  private record RequestAsk(RequestKey key) implements Ask {
    @Override
    public void command(RedisArguments to, RedisShard shard) {
      to.command("GET", shard.request(digest(key)));
    }
  }

  /**
   * An empty snapshot.
   *
   * @param serverId the server that claimable jobs are reserved for
   * @param hold how long they are reserved, at most
   * @param readBytes about how many bytes to read at once
   */
  RedisSnapshot(Redis redis, RedisShard shard, String serverId, Duration hold, long readBytes) {
    this.redis = redis;
    this.shard = shard;
    this.serverId = serverId;
    this.hold = hold;
    this.readBytes = readBytes;
  }

  /**
   * Prefetches what the first updates of a batch need: as many as can be read within the limit, and
   * at least one.
   *
   * @return how many
   */
  int load(List<PendingUpdate<?>> batch) {
    Set<Ask> asks = new LinkedHashSet<>();
    List<Integer> needed = new ArrayList<>();
    Map<ClaimQuery, Claims> claims = new LinkedHashMap<>();
    for (PendingUpdate<?> update : batch) {
      addAsks(update.selection(), asks);
      needed.add(asks.size());
      if (update.selection() instanceof Selection.Claimable claim) {
        claims.merge(
            unlimited(claim.query()),
            new Claims(claim.query().limit(), claim.query().maxBytes()),
            Claims::plus);
      }
    }
    Deque<ClaimQuery> unclaimed = new ArrayDeque<>(claims.keySet());
    Map<ClaimQuery, CompletionStage<List<Object>>> asked = askSome(unclaimed, claims);
    int answered = read(List.copyOf(asks), readBytes);
    long left = readBytes - keepSome(asked, claims);
    while (left > 0 && !unclaimed.isEmpty()) {
      left -= keepSome(askSome(unclaimed, claims), claims);
    }
    int loaded = 0;
    while (loaded < batch.size()
        && needed.get(loaded) <= answered
        && isClaimed(batch.get(loaded).selection())) {
      loaded++;
    }
    if (loaded == 0) {
      // The limit is reached within the first update, which is then read as a whole.
      read(List.copyOf(asks).subList(answered, Math.max(answered, needed.get(0))), 0);
      loaded = 1;
    }
    List<Ask> more = alsoNeeded(batch.subList(0, loaded)).stream().<Ask>map(JobAsk::new).toList();
    read(more, readBytes);
    return loaded;
  }

  private static void addAsks(Selection selection, Set<Ask> to) {
    if (selection instanceof Selection.Named names && !names.areNew()) {
      names.keys().forEach(key -> to.add(new JobAsk(key)));
      names.itemIds().forEach(id -> to.add(new ItemAsk(names.keys().get(0), id)));
    }
    selection.request().ifPresent(key -> to.add(new RequestAsk(key)));
  }

  private boolean isClaimed(Selection selection) {
    return !(selection instanceof Selection.Claimable claim)
        || waiting.containsKey(unlimited(claim.query()));
  }

  /** Sends the first of the claims that have not been sent, as many as fit into one read. */
  private Map<ClaimQuery, CompletionStage<List<Object>>> askSome(
      Deque<ClaimQuery> unclaimed, Map<ClaimQuery, Claims> claims) {
    Map<ClaimQuery, CompletionStage<List<Object>>> asked = new LinkedHashMap<>();
    long bytes = 0;
    while (!unclaimed.isEmpty() && bytes < readBytes) {
      ClaimQuery query = unclaimed.remove();
      Claims limits = Objects.requireNonNull(claims.get(query));
      asked.put(query, askWaiting(query, limits));
      bytes += limits.bytes();
    }
    return asked;
  }

  /** Keeps the answers to claims. Returns how many bytes they have. */
  private long keepSome(
      Map<ClaimQuery, CompletionStage<List<Object>>> asked, Map<ClaimQuery, Claims> claims) {
    long bytes = 0;
    for (Map.Entry<ClaimQuery, CompletionStage<List<Object>>> one : asked.entrySet()) {
      List<Object> reply = redis.await(one.getValue());
      keepWaiting(one.getKey(), Objects.requireNonNull(claims.get(one.getKey())), reply);
      bytes += bytes(reply);
    }
    return bytes;
  }

  private static long bytes(@Nullable Object reply) {
    long sum = 0;
    if (reply instanceof byte[] bytes) {
      sum = bytes.length;
    } else if (reply instanceof List<?> parts) {
      for (Object part : parts) {
        sum += bytes(part);
      }
    }
    return sum;
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
                ClaimQuery.weight(0) - 2 * CheckedCell.CHECKSUM_BYTES,
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

  /**
   * Reads what is asked for, until so many bytes were read.
   *
   * @param maxBytes 0: no limit
   * @return how much of it was read, from the first
   */
  private int read(List<Ask> asks, long maxBytes) {
    if (asks.isEmpty()) {
      return 0;
    }
    RedisArguments args = new RedisArguments();
    asks.forEach(ask -> ask.command(args, shard));
    reads++;
    List<Object> answers = redis.await(redis.read(shard, args, maxBytes));
    for (int i = 0; i < answers.size(); i++) {
      keep(asks.get(i), answers.get(i));
    }
    return answers.size();
  }

  private void keep(Ask ask, @Nullable Object answer) {
    if (ask instanceof JobAsk job) {
      replies.putIfAbsent(job.key(), answer);
    } else if (ask instanceof ItemAsk item) {
      knownItems.computeIfAbsent(item.key(), of -> new HashSet<>()).add(item.id());
      if (answer instanceof byte[] bytes) {
        items.computeIfAbsent(item.key(), of -> new HashMap<>()).put(item.id(), bytes);
      }
    } else if (ask instanceof RequestAsk request) {
      requests.put(request.key(), answer instanceof byte[] bytes ? bytes : new byte[0]);
    }
  }

  /**
   * Returns a job; null if it does not exist. If it cannot be read, returns what the indexes say of
   * it.
   */
  @Nullable RedisStoredJob job(JobKey key) {
    if (!replies.containsKey(key)) {
      read(List.of(new JobAsk(key)), 0);
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
    Set<String> known = knownItems.getOrDefault(key, Set.of());
    List<Ask> unknown =
        ids.stream()
            .filter(id -> !known.contains(id))
            .<Ask>map(id -> new ItemAsk(key, id))
            .toList();
    read(unknown, 0);
    Map<String, Item> found = new HashMap<>();
    items
        .getOrDefault(key, Map.of())
        .forEach(
            (id, bytes) -> {
              Item item = RedisCells.item(key, id).parse(bytes, Item.parser());
              if (item != null && ids.contains(id)) {
                found.put(id, item);
              }
            });
    return found;
  }

  /** Returns the record of a request in bytes; empty if there is none. */
  byte[] requestBytes(RequestKey key) {
    if (!requests.containsKey(key)) {
      read(List.of(new RequestAsk(key)), 0);
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
    RequestRecord request = RedisCells.request(digest(key)).parse(bytes, RequestRecord.parser());
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
