package dev.milepost.server.store;

import dev.milepost.server.job.JobKey;
import dev.milepost.storage.v1.RequestRecord;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Which jobs an update is about. */
public sealed interface Selection {
  /** The idempotent request that this update belongs to, whose record is loaded too. */
  Optional<RequestKey> request();

  /**
   * The jobs that the record of its request names: they are of the tenant that the selection is
   * about.
   */
  default List<JobKey> jobsOf(RequestRecord record) {
    String tenantId;
    if (this instanceof Named named) {
      tenantId = named.keys().get(0).tenantId();
    } else {
      tenantId = ((Claimable) this).query().tenantId();
    }
    return record.getJobIdsList().stream().map(id -> new JobKey(tenantId, id)).toList();
  }

  /**
   * Jobs by name. Those that do not exist are not found; a decision may create them, and only them.
   *
   * @param keys the jobs, 1 to 1,000, without repetition, all of one tenant: a store may keep
   *     tenants in places that no commit spans
   * @param itemIds items to load, all of the first job; most often none
   * @param areNew whether the jobs cannot exist yet, as their ids were made at random just now: a
   *     store need not look for them
   */
  record Named(List<JobKey> keys, Set<String> itemIds, Optional<RequestKey> request, boolean areNew)
      implements Selection {
    /** Copies what it is given. */
    public Named {
      keys = List.copyOf(keys);
      itemIds = Set.copyOf(itemIds);
    }
  }

  /**
   * Jobs that wait and may be claimed, the best first. Where the request is known already, none of
   * them: instead the jobs that it names are loaded.
   */
  record Claimable(ClaimQuery query, Optional<RequestKey> request) implements Selection {}

  /** One job. */
  static Selection of(JobKey key) {
    return of(key, Set.of());
  }

  /** One job and some of its items. */
  static Selection of(JobKey key, Set<String> itemIds) {
    return new Named(List.of(key), itemIds, Optional.empty(), false);
  }

  /** One job that may or may not exist, for a request. */
  static Selection of(JobKey key, Optional<RequestKey> request) {
    return new Named(List.of(key), Set.of(), request, false);
  }

  /** One job that cannot exist yet, as its id was made at random just now. */
  static Selection ofNew(JobKey key, Optional<RequestKey> request) {
    return new Named(List.of(key), Set.of(), request, true);
  }
}
