package dev.milepost.server.store;

import dev.milepost.server.job.JobKey;
import dev.milepost.storage.v1.RequestRecord;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Which jobs an update is about. */
public sealed interface Selection {
  /** The idempotent request that this update belongs to; its record is loaded too. */
  Optional<RequestKey> request();

  /** Returns the jobs that a record of the request names; they belong to the selection's tenant. */
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
   * Jobs by key. Those that do not exist are not found; a decision may create them, and no others.
   *
   * @param keys the jobs, 1 to 1,000, distinct, all of one tenant: no commit spans tenants on some
   *     stores
   * @param itemIds items to load, all of the first job; usually none
   * @param areNew whether the jobs cannot exist yet because their ids were just generated: a store
   *     need not read them
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
   * Queued jobs that a claim may take, best first. If the request is already known, the jobs that
   * its record names instead.
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

  /** One job that may or may not exist, for an idempotent request. */
  static Selection of(JobKey key, Optional<RequestKey> request) {
    return new Named(List.of(key), Set.of(), request, false);
  }

  /** One job that cannot exist yet because its id was just generated. */
  static Selection ofNew(JobKey key, Optional<RequestKey> request) {
    return new Named(List.of(key), Set.of(), request, true);
  }
}
