package dev.milepost.server.store;

import dev.milepost.server.job.ClockReading;
import dev.milepost.server.job.JobKey;
import dev.milepost.v1.JobCount;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * Keeps jobs, their journals and items.
 *
 * <p>Thread-safe. No method blocks its caller: stages complete on a thread of the store, in the
 * order of the commits, and dependent stages must not block either. A stage fails with {@link
 * StoreException} if the store itself fails; nothing has been changed then, unless the exception
 * says that the outcome is unknown.
 *
 * <p>A job whose record is damaged costs itself alone. Reads and claims skip it and name it; it can
 * be removed, and postponed.
 */
public interface JobStore extends AutoCloseable {
  /** Describes this store and its guarantees. */
  StoreInfo info();

  /**
   * Changes jobs: loads the selected ones, lets {@code decide} decide, and commits its decision all
   * or nothing.
   *
   * <p>{@code decide} must be pure and quick: the store runs it on its own thread, with exclusive
   * access to these jobs, and may run it again if the commit lost a race. Anything it throws, a
   * {@link dev.milepost.server.job.Refusal} or another exception, fails the stage and changes
   * nothing. Decisions on one job are made one after the other; each sees the previous one.
   *
   * <p>The stage completes when the decision is as durable as {@link StoreInfo#durability()} says,
   * after listeners have been notified.
   *
   * @param selection which jobs to load, all of one tenant. Parents of selected children are loaded
   *     too and may be changed; new children of a job that was found may be created
   * @param decide maps what was found to a decision
   * @param <R> type of the result that is passed to the caller
   */
  <R> CompletionStage<R> update(Selection selection, Function<Found, Decision<R>> decide);

  /**
   * Erases what the store keeps of a user who has no jobs any more: records of idempotent requests,
   * and counts. If the store has a file, the space of everything that was ever deleted is
   * overwritten, in its log too. Copies of removed jobs that servers pass to each other disappear
   * by themselves, within minutes.
   *
   * <p>The stage completes after a bounded time, with what was done until then.
   *
   * @param tenantId tenant of the user
   * @param userId the user
   */
  CompletionStage<Erased> eraseUser(String tenantId, String userId);

  /** Returns the number of updates that were submitted and are not completed. */
  int pendingUpdates();

  /** Reads jobs, in the order of the keys and without missing ones. At most 1,000 keys. */
  default CompletionStage<JobsByKey> get(Collection<JobKey> keys) {
    return get(List.copyOf(keys), "", Long.MAX_VALUE, JobShape.WHOLE);
  }

  /**
   * Reads jobs, in the order of the keys and without missing ones, until they have so many bytes.
   *
   * <p>A job of another owner than the given one is missing. It costs no more than one that does
   * not exist, whatever its size, so that the time of the read does not tell that it is there.
   *
   * @param keys at most 1,000, of one tenant if an owner is given
   * @param owner user whose jobs are read; empty: of any user
   * @param maxBytes maximum size of the jobs in their shape; the first one may be larger
   * @param shape what to keep of each job
   */
  CompletionStage<JobsByKey> get(List<JobKey> keys, String owner, long maxBytes, JobShape shape);

  /** Reads a page of jobs. The cost is bounded, whatever the store holds. */
  CompletionStage<JobPage> list(JobQuery query);

  /** Counts jobs from maintained counts. The cost does not grow with the number of jobs. */
  CompletionStage<List<JobCount>> count(CountQuery query);

  /**
   * Returns tenants with queued jobs, from the maintained counts; in no particular order.
   *
   * @param limit maximum number of tenants, 1 to 1,000
   */
  CompletionStage<List<String>> queuedTenants(int limit);

  /**
   * Finds the jobs of a tenant that a worker could have claimed longest, from the index that claims
   * use: the first jobs of each type, scope and priority, in the order of creation; in no
   * particular order. The cost does not grow with the number of jobs; of very many types and
   * priorities, some are left out.
   *
   * @return at most {@link ClaimQuery#MAX_FIRST} keys
   */
  CompletionStage<List<JobKey>> firstClaimable(String tenantId);

  /** Reads a page of a job's journal, of the entries that are still kept. */
  CompletionStage<JournalPage> journal(JournalQuery query);

  /** Reads a page of a job's items, in the order of their ids. */
  CompletionStage<ItemPage> items(ItemQuery query);

  /** Facts that servers keep in this store beside the jobs. */
  ServerRecords records();

  /** Returns how the store is doing, as known: asks nothing, and does not block. */
  StoreHealth health();

  /** The clock by which updates are decided, as this server knows it. */
  StoreClock clock();

  /** Reads the clock. If the engine has its own, the engine is asked. */
  default CompletionStage<ClockReading> time() {
    return CompletableFuture.completedStage(clock().read());
  }

  /** Finds the jobs whose wake time has come. */
  default CompletionStage<DueJobs> due(Instant now, int limit) {
    return due(Instant.EPOCH, now, limit);
  }

  /**
   * Finds the jobs whose wake time is between two times.
   *
   * @param from earliest wake time, not before the epoch
   * @param until latest wake time
   * @param limit maximum number of jobs, 1 to 1,000
   */
  CompletionStage<DueJobs> due(Instant from, Instant until, int limit);

  /**
   * Notifies a listener of every commit from now on, and if the store fails for good.
   *
   * @return ends the subscription when closed
   */
  Subscription subscribe(ChangeListener listener);

  /** Returns the recent changes that this store keeps; empty if it keeps none. */
  default Optional<ChangeHistory> history() {
    return Optional.empty();
  }

  /** Returns what makes backups of this store; empty if its engine has tools of its own. */
  default Optional<OnlineBackup> onlineBackup() {
    return Optional.empty();
  }

  /**
   * Commits what was submitted, then closes the store. Later updates fail. Blocks until done; does
   * nothing the second time.
   */
  @Override
  void close();
}
