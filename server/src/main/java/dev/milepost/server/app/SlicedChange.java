package dev.milepost.server.app;

import static java.util.Objects.requireNonNull;

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
import dev.milepost.v1.JobFilter;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;
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

  /** Number of jobs after which a call that only counts stops. */
  private static final int MAX_COUNTED = 10_000;

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
   * @param count changed or deleted jobs, without those that were cancelled instead
   * @param cancelled jobs that were cancelled so that a later call can delete them
   * @param skipped jobs that were left alone
   * @param next where to resume; empty if all jobs have been read
   */
  record Result(long count, long cancelled, long skipped, Optional<String> next) {
    /** The result of a change that treats all jobs alike. */
    Result(long count, Optional<String> next) {
      this(count, 0, 0, next);
    }
  }

  /**
   * What to change.
   *
   * @param filter which jobs, narrowed to what the caller can see
   * @param newestFirst whether to skip jobs that are created meanwhile
   * @param main kind of the command that the result counts as the change
   * @param validateOnly whether to count only, and commit nothing
   */
  record Plan(
      JobFilter filter,
      boolean newestFirst,
      CommandKind main,
      BulkRule rule,
      boolean validateOnly) {}

  /**
   * Runs one command on all jobs.
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
    BulkRule rule = BulkRule.always(command);
    return apply(caller, new Plan(filter, newestFirst, command.kind(), rule, false), after, call);
  }

  /**
   * Runs the change.
   *
   * @param after {@link Result#next()} of the previous call
   */
  CompletionStage<Result> apply(Caller caller, Plan plan, Optional<String> after, BulkCall call) {
    Run run = new Run(caller, plan, call);
    run.read(after);
    return run.result;
  }

  /** A job, and what is done with it. */
  private record Chosen(JobRecord record, BulkRule.Step step) {}

  /** One call's part of a change; its steps run one after another on any thread. */
  private final class Run {
    private final Caller caller;
    private final Plan plan;
    private final BulkCall call;
    private final long begun = time.nanoTime();
    private final CompletableFuture<Result> result = new CompletableFuture<>();
    private long count;
    private long cancelled;
    private long skipped;

    Run(Caller caller, Plan plan, BulkCall call) {
      this.caller = caller;
      this.plan = plan;
      this.call = call;
    }

    void read(Optional<String> after) {
      then(
          store.list(new JobQuery(plan.filter(), plan.newestFirst(), after, SLICE_JOBS)),
          page -> {
            if (plan.validateOnly()) {
              preview(page);
            } else {
              change(slices(page.jobs()), page);
            }
          });
    }

    /** Decides on the jobs of a page as a change would, but only counts. */
    private void preview(JobPage page) {
      List<JobKey> parents = Found.parentsOf(page.jobs(), List.of());
      then(
          store.get(parents),
          found -> {
            count(
                steps(
                    new Found(
                        store.clock().read(),
                        page.jobs(),
                        found.jobs(),
                        found.unreadable(),
                        Map.of(),
                        Optional.empty())));
            proceed(page);
          });
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
            count(changed);
            for (Chosen job : changed) {
              if (job.step().command() != null) {
                call.changed(job.record().getJob().getId());
              }
            }
            change(slices.subList(1, slices.size()), page);
          });
    }

    /** Decides on the jobs as they are now: they may have changed since they were listed. */
    private Decision<List<Chosen>> decide(Found found) {
      List<Chosen> steps = steps(found);
      IdentityHashMap<JobRecord, JobCommand> commands = new IdentityHashMap<>();
      List<JobRecord> changed = new ArrayList<>();
      for (Chosen job : steps) {
        if (job.step().command() != null) {
          commands.put(job.record(), job.step().command());
          changed.add(job.record());
        }
      }
      return Decision.of(
          rules.decide(changed, job -> requireNonNull(commands.get(job)), found).all(), steps);
    }

    private List<Chosen> steps(Found found) {
      List<Chosen> steps = new ArrayList<>();
      for (JobRecord record : found.jobs()) {
        if (JobFilters.matches(plan.filter(), record.getJob())
            && access.isVisible(caller, record, found.now())) {
          plan.rule().step(record, found).ifPresent(step -> steps.add(new Chosen(record, step)));
        }
      }
      return steps;
    }

    private void count(List<Chosen> jobs) {
      for (Chosen job : jobs) {
        JobCommand command = job.step().command();
        if (command == null) {
          skipped++;
        } else if (command.kind() == plan.main()) {
          count++;
        } else {
          cancelled++;
        }
      }
    }

    private void proceed(JobPage page) {
      boolean isOver =
          time.nanoTime() - begun >= timeout.toNanos()
              || call.isCancelled()
              || (plan.validateOnly() && count + cancelled + skipped >= MAX_COUNTED);
      if (isOver || page.next().isEmpty()) {
        result.complete(new Result(count, cancelled, skipped, page.next()));
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
