package dev.milepost.server.store;

import dev.milepost.server.job.JobKey;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.JobCount;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * Keeps jobs, their journals and items.
 *
 * <p>Thread-safe. No method blocks its caller: stages complete on a thread of the store, in the
 * order of the commits, and what hangs on them must not block either. A stage fails with {@link
 * StoreException} where the store itself fails; nothing has been changed then, unless that
 * exception says that the outcome is unknown.
 */
public interface JobStore extends AutoCloseable {
  /** What this store is and promises. */
  StoreInfo info();

  /**
   * Changes jobs: loads what is selected, lets {@code decide} decide, and commits its decision all
   * or nothing.
   *
   * <p>{@code decide} must be pure and quick: the store runs it on its own thread, alone with these
   * jobs, and may run it again where a commit lost a race. Whatever it throws, a {@link
   * dev.milepost.server.job.Refusal} or a fault, fails the stage and changes nothing. Decisions on
   * one job are taken one after the other; each sees what the one before it decided.
   *
   * <p>The stage completes when the decision is as durable as {@link StoreInfo#durability()} says,
   * and after listeners have been told of it.
   *
   * @param selection which jobs to load, all of one tenant; the parents of those that are children
   *     are loaded too, and may be decided on, and new children of a job that was found may be made
   * @param decide from what was found to what is to be
   * @param <R> the caller's result, handed through
   */
  <R> CompletionStage<R> update(Selection selection, Function<Found, Decision<R>> decide);

  /** Reads jobs. Missing ones are left out; the order is that of the keys. At most 1,000. */
  CompletionStage<List<JobRecord>> get(Collection<JobKey> keys);

  /** Reads a page of jobs. Its cost is bounded, whatever the store holds. */
  CompletionStage<JobPage> list(JobQuery query);

  /** Counts jobs from maintained counts. Its cost does not grow with the number of jobs. */
  CompletionStage<List<JobCount>> count(CountQuery query);

  /** Reads a part of a job's journal: what is still kept of it. */
  CompletionStage<JournalPage> journal(JournalQuery query);

  /** Reads a page of a job's items, by id. */
  CompletionStage<ItemPage> items(ItemQuery query);

  /**
   * Finds the jobs whose wake time has come.
   *
   * @param now the time by which it has come
   * @param limit most jobs to find, 1 to 1,000
   */
  CompletionStage<DueJobs> due(Instant now, int limit);

  /**
   * Tells a listener of every commit from now on, and of the end of a store that fails for good.
   *
   * @return ends the subscription when closed
   */
  Subscription subscribe(ChangeListener listener);

  /**
   * Commits what was handed in, then lets go of the store. Updates that come later fail. Blocks
   * until done; does nothing the second time.
   */
  @Override
  void close();
}
