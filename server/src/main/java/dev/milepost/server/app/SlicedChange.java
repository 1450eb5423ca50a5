package dev.milepost.server.app;

import dev.milepost.server.access.Caller;
import dev.milepost.server.job.CommandKind;
import dev.milepost.server.job.JobCommand;
import dev.milepost.server.job.JobFilters;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.JobRecords;
import dev.milepost.server.job.JobRules;
import dev.milepost.server.store.Decision;
import dev.milepost.server.store.Found;
import dev.milepost.server.store.JobPage;
import dev.milepost.server.store.JobQuery;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.Selection;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobFilter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * Does one thing to every job that a filter selects: slice by slice, each one update and the next
 * only after it, so that a sweep over a million jobs never stands in anybody's way for longer than
 * a slice takes. Thread-safe.
 *
 * <p>A sweep stops between two slices when its time is over or its caller has hung up, and can be
 * gone on with from there. What was done stays done.
 */
public final class SlicedChange {
  /** Most jobs in a slice. */
  static final int SLICE = 100;

  /** Jobs and items that one update may touch; a job with more is a slice of its own. */
  private static final int MOST_ROWS = 4_000;

  private final JobStore store;
  private final JobAccess access;
  private final JobRules rules;
  private final Duration share;

  /**
   * Sweeps of a store.
   *
   * @param share time after which one call stops, so that nobody waits for an answer too long; at
   *     least one slice is done in any case
   */
  public SlicedChange(JobStore store, JobAccess access, JobRules rules, Duration share) {
    this.store = store;
    this.access = access;
    this.rules = rules;
    this.share = share;
  }

  /**
   * How far a sweep came.
   *
   * @param count jobs that it changed or removed
   * @param next where to go on; empty where all have been looked at
   */
  record Result(long count, Optional<String> next) {}

  /**
   * Sweeps.
   *
   * @param filter which jobs, narrowed to what the caller may see; in its states the command must
   *     be legal
   * @param newestFirst whether jobs that are created meanwhile are left alone
   * @param after {@link Result#next()} of the call before
   */
  CompletionStage<Result> apply(
      Caller caller,
      JobFilter filter,
      boolean newestFirst,
      Optional<String> after,
      JobCommand command,
      BulkCall call) {
    Run run = new Run(caller, filter, newestFirst, command, call);
    run.look(after);
    return run.result;
  }

  /** One call's part of a sweep; its steps follow one another, on whatever threads. */
  private final class Run {
    private final Caller caller;
    private final JobFilter filter;
    private final boolean newestFirst;
    private final JobCommand command;
    private final BulkCall call;
    private final long begun = System.nanoTime();
    private final CompletableFuture<Result> result = new CompletableFuture<>();
    private long count;

    Run(Caller caller, JobFilter filter, boolean newestFirst, JobCommand command, BulkCall call) {
      this.caller = caller;
      this.filter = filter;
      this.newestFirst = newestFirst;
      this.command = command;
      this.call = call;
    }

    void look(Optional<String> after) {
      then(
          store.list(new JobQuery(filter, newestFirst, after, SLICE)),
          page -> change(slices(page.jobs()), page));
    }

    private void change(List<List<JobKey>> slices, JobPage page) {
      if (slices.isEmpty() || call.isCancelled()) {
        goOn(page);
        return;
      }
      Selection selection = new Selection.Named(slices.get(0), Set.of(), Optional.empty(), false);
      then(
          store.update(selection, this::decide),
          changed -> {
            count += changed.size();
            changed.forEach(call::changed);
            change(slices.subList(1, slices.size()), page);
          });
    }

    /** Once more by what the jobs are now: since they were listed, anything may have happened. */
    private Decision<List<String>> decide(Found found) {
      List<JobRecord> chosen = new ArrayList<>();
      for (JobRecord record : found.jobs()) {
        Job job = record.getJob();
        // What is a part of a batch or task goes with it, and never by itself.
        boolean goesAlone = command.kind() != CommandKind.DELETE || !JobRecords.isChild(record);
        if (goesAlone
            && JobFilters.matches(filter, job)
            && access.isVisible(caller, record, found.now())) {
          chosen.add(record);
        }
      }
      return Decision.of(
          rules.decide(chosen, job -> command, found).all(),
          chosen.stream().map(job -> job.getJob().getId()).toList());
    }

    private void goOn(JobPage page) {
      boolean isOver = System.nanoTime() - begun >= share.toNanos() || call.isCancelled();
      if (isOver || page.next().isEmpty()) {
        result.complete(new Result(count, page.next()));
      } else {
        look(page.next());
      }
    }

    private <T> void then(CompletionStage<T> stage, Consumer<T> step) {
      stage.whenComplete(
          (value, failure) -> {
            if (failure != null) {
              result.completeExceptionally(failure);
              return;
            }
            try {
              step.accept(value);
            } catch (RuntimeException | Error e) {
              // Nobody else would hear of it, and the call would never be answered.
              result.completeExceptionally(e);
            }
          });
    }
  }

  /** The jobs of a page, in updates that are not too heavy, each of one tenant. */
  private static List<List<JobKey>> slices(List<JobRecord> jobs) {
    Map<String, List<JobRecord>> byTenant = new LinkedHashMap<>();
    for (JobRecord record : jobs) {
      byTenant
          .computeIfAbsent(record.getJob().getTenantId(), tenant -> new ArrayList<>())
          .add(record);
    }
    List<List<JobKey>> slices = new ArrayList<>();
    byTenant.values().forEach(ofOne -> addSlices(ofOne, slices));
    return slices;
  }

  private static void addSlices(List<JobRecord> jobs, List<List<JobKey>> slices) {
    long rows = MOST_ROWS;
    for (JobRecord record : jobs) {
      long weight = 1 + JobRecords.items(record.getJob().getStatus().getItemCounts());
      if (rows + weight > MOST_ROWS) {
        slices.add(new ArrayList<>());
        rows = 0;
      }
      rows += weight;
      slices.get(slices.size() - 1).add(JobKey.of(record));
    }
  }
}
