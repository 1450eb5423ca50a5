package dev.milepost.server.store.engine;

import dev.milepost.server.job.ClockReading;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.ClaimQuery;
import dev.milepost.server.store.Found;
import dev.milepost.server.store.RequestKey;
import dev.milepost.server.store.Selection;
import dev.milepost.server.store.UnreadableJob;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.storage.v1.RequestRecord;
import dev.milepost.v1.Item;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds what an update needs for its decision.
 *
 * @param <E> failure of the engine
 */
public interface JobSource<E extends Exception> {
  /**
   * Returns a job; null if it does not exist, or cannot be read.
   *
   * @param isNew whether it cannot exist in the engine, and need not be read
   */
  @Nullable JobRecord job(JobKey key, boolean isNew) throws E;

  /** Returns what is known of a job that cannot be read; null if it can be, or does not exist. */
  @Nullable UnreadableJob unreadable(JobKey key) throws E;

  /** Returns the jobs that a claim may take, best first; then those found that cannot be read. */
  List<JobKey> claimable(ClaimQuery query) throws E;

  /** Returns those of a job's items that exist, by id. */
  Map<String, Item> items(JobKey key, Set<String> ids) throws E;

  /** Returns the record of a request; null if there is none or it has expired. */
  @Nullable RequestRecord request(RequestKey key, Instant now) throws E;

  /** Finds what a selection names: the request, its jobs, their items, and their parents. */
  default Found find(Selection selection, ClockReading clock) throws E {
    RequestKey key = selection.request().orElse(null);
    RequestRecord request = key == null ? null : request(key, clock.now());
    List<UnreadableJob> unreadable = new ArrayList<>();
    List<JobRecord> jobs = List.of();
    Map<String, Item> items = Map.of();
    if (selection instanceof Selection.Named named) {
      jobs = jobs(named.keys(), named.areNew(), unreadable);
      if (!named.itemIds().isEmpty()) {
        items = items(named.keys().get(0), named.itemIds());
      }
    } else if (selection instanceof Selection.Claimable claimable && request == null) {
      ClaimQuery query = claimable.query();
      jobs = fitting(claimable(query), query.maxBytes(), ClaimQuery.weight(0), unreadable);
    }
    if (request != null) {
      List<JobKey> others = new ArrayList<>(selection.jobsOf(request));
      jobs.forEach(job -> others.remove(JobKey.of(job)));
      List<JobRecord> all = new ArrayList<>(jobs);
      all.addAll(
          selection instanceof Selection.Claimable claimed
              ? fitting(others, claimed.query().maxBytes(), 0, unreadable)
              : jobs(others, false, unreadable));
      jobs = all;
    }
    List<JobRecord> parents = jobs(Found.parentsOf(jobs, unreadable), false, unreadable);
    return new Found(clock, jobs, parents, unreadable, items, Optional.ofNullable(request));
  }

  /**
   * Reads jobs until the next one does not fit; the first one always does.
   *
   * @param each bytes that each job needs beside its own
   */
  private List<JobRecord> fitting(
      List<JobKey> keys, long maxBytes, long each, List<UnreadableJob> unreadable) throws E {
    if (keys.size() <= 1) {
      return jobs(keys, false, unreadable);
    }
    List<JobRecord> found = new ArrayList<>();
    long bytes = 0;
    for (JobKey key : keys) {
      JobRecord job = job(key, false, unreadable);
      if (job != null) {
        bytes += job.getSerializedSize() + each;
        if (bytes > maxBytes && !found.isEmpty()) {
          break;
        }
        found.add(job);
      }
    }
    return found;
  }

  private List<JobRecord> jobs(List<JobKey> keys, boolean areNew, List<UnreadableJob> unreadable)
      throws E {
    if (keys.isEmpty()) {
      return List.of();
    }
    if (keys.size() == 1) {
      // The common case, without a copy.
      JobRecord job = job(keys.get(0), areNew, unreadable);
      return job == null ? List.of() : List.of(job);
    }
    List<JobRecord> found = new ArrayList<>(keys.size());
    for (JobKey key : keys) {
      JobRecord job = job(key, areNew, unreadable);
      if (job != null) {
        found.add(job);
      }
    }
    return found;
  }

  private @Nullable JobRecord job(JobKey key, boolean isNew, List<UnreadableJob> unreadable)
      throws E {
    JobRecord job = job(key, isNew);
    if (job == null && !isNew) {
      UnreadableJob damaged = unreadable(key);
      if (damaged != null) {
        unreadable.add(damaged);
      }
    }
    return job;
  }
}
