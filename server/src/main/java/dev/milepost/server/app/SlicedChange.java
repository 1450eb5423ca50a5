package dev.milepost.server.app;

import dev.milepost.server.access.Caller;
import dev.milepost.server.concurrent.TimeSource;
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
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
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
 * Applies one command to every job that matches a filter, slice by slice: each slice is one update,
 * and the next starts after it, so that a change of a million jobs delays no other update for
 * longer than one slice takes. Thread-safe.
 *
 * <p>The change stops between two slices when its time is up or its call is cancelled, and can be
 * resumed from there. Finished slices stay.
 */
@Singleton
public final class SlicedChange {
  /** Maximum jobs of a slice. */
  static final int SLICE_JOBS = 100;

  /** Maximum jobs and items that one update touches; a larger job is a slice of its own. */
  private static final int MAX_ROWS = 4_000;

  /** Half of the Java client's default deadline. */
  private static final Duration CALL_TIMEOUT = Duration.ofSeconds(5);

  private final JobStore store;
  private final JobAccess access;
  private final JobRules rules;
  private final TimeSource time;
  private final Duration timeout;

  /** Changes jobs of a store. */
  @Inject
  SlicedChange(JobStore store, JobAccess access, JobRules rules, TimeSource time) {
    this(store, access, rules, time, CALL_TIMEOUT);
  }

  /**
   * Changes jobs of a store.
   *
   * @param timeout time after which one call stops; it completes at least one slice
   */
  SlicedChange(
      JobStore store, JobAccess access, JobRules rules, TimeSource time, Duration timeout) {
    this.store = store;
    this.access = access;
    this.rules = rules;
    this.time = time;
    this.timeout = timeout;
  }

  /**
   * How far a change came.
   *
   * @param count changed or deleted jobs
   * @param next where to resume; empty if all jobs have been read
   */
  record Result(long count, Optional<String> next) {}

  /**
   * Runs the change.
   *
   * @param filter which jobs, narrowed to what the caller can see; the command must be legal in its
   *     states
   * @param newestFirst whether to skip jobs that are created meanwhile
   * @param after {@link Result#next()} of the previous call
   */
  CompletionStage<Result> apply(
      Caller caller,
      JobFilter filter,
      boolean newestFirst,
      Optional<String> after,
      JobCommand command,
      BulkCall call) {
    Run run = new Run(caller, filter, newestFirst, command, call);
    run.read(after);
    return run.result;
  }

  /** One call's part of a change; its steps run one after another on any thread. */
  private final class Run {
    private final Caller caller;
    private final JobFilter filter;
    private final boolean newestFirst;
    private final JobCommand command;
    private final BulkCall call;
    private final long begun = time.nanoTime();
    private final CompletableFuture<Result> result = new CompletableFuture<>();
    private long count;

    Run(Caller caller, JobFilter filter, boolean newestFirst, JobCommand command, BulkCall call) {
      this.caller = caller;
      this.filter = filter;
      this.newestFirst = newestFirst;
      this.command = command;
      this.call = call;
    }

    void read(Optional<String> after) {
      then(
          store.list(new JobQuery(filter, newestFirst, after, SLICE_JOBS)),
          page -> change(slices(page.jobs()), page));
    }

    private void change(List<List<JobKey>> slices, JobPage page) {
      if (slices.isEmpty() || call.isCancelled()) {
        proceed(page);
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

    /** Decides on the jobs as they are now: they may have changed since they were listed. */
    private Decision<List<String>> decide(Found found) {
      List<JobRecord> chosen = new ArrayList<>();
      for (JobRecord record : found.jobs()) {
        Job job = record.getJob();
        // A child is deleted with its parent, never by itself unless it has lost its parent.
        boolean goesAlone =
            command.kind() != CommandKind.DELETE
                || !JobRecords.isChild(record)
                || found.jobOrParent(JobRecords.parentOf(record)).isEmpty();
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

    private void proceed(JobPage page) {
      boolean isOver = time.nanoTime() - begun >= timeout.toNanos() || call.isCancelled();
      if (isOver || page.next().isEmpty()) {
        result.complete(new Result(count, page.next()));
      } else {
        read(page.next());
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
              // Otherwise the call would never be answered.
              result.completeExceptionally(e);
            }
          });
    }
  }

  /** Splits the jobs of a page into updates of bounded size, each of one tenant. */
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
    long rows = MAX_ROWS;
    for (JobRecord record : jobs) {
      long weight = 1 + JobRecords.items(record.getJob().getStatus().getItemCounts());
      if (rows + weight > MAX_ROWS) {
        slices.add(new ArrayList<>());
        rows = 0;
      }
      rows += weight;
      slices.get(slices.size() - 1).add(JobKey.of(record));
    }
  }
}
