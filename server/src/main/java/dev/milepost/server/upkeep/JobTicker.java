package dev.milepost.server.upkeep;

import dev.milepost.server.concurrent.ThreadFactories;
import dev.milepost.server.job.ClockReading;
import dev.milepost.server.job.JobCommand;
import dev.milepost.server.job.JobDecision;
import dev.milepost.server.job.JobDecisions;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.JobRules;
import dev.milepost.server.job.Refusal;
import dev.milepost.server.job.Times;
import dev.milepost.server.store.Change;
import dev.milepost.server.store.ChangeListener;
import dev.milepost.server.store.Decision;
import dev.milepost.server.store.Found;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.Selection;
import dev.milepost.server.store.StoreClock;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.Subscription;
import dev.milepost.server.store.UnreadableJob;
import dev.milepost.storage.v1.JobRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ticks each job when one of its timers is due.
 *
 * <p>Sleeps until the earliest wake time in the store, wakes earlier if a change brings an earlier
 * one, and works in bounded slices. A tick is safe to repeat, so several servers may tick the same
 * job.
 *
 * <p>Wake times are times of the store's clock, which may be set. After a jump forward, jobs are
 * ticked too early, which sets their wake times again. After a jump back, {@link LookAhead} finds
 * those whose wake times are too late.
 */
public final class JobTicker implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(JobTicker.class);

  /** Jobs per slice. Few, as each may be an expired one with 2,000 items. */
  private static final int SLICE_JOBS = 100;

  private static final Duration RETRY_DELAY = Duration.ofSeconds(1);

  private final JobStore store;
  private final JobRules rules;
  private final StoreClock clock;
  private final LookAhead lookAhead;
  private final Duration pollInterval;
  private final BiConsumer<JobRecord, JobDecision> committed;
  private final TickObserver observer;
  private final TickBackoff backoff = new TickBackoff();
  private final ChildWorkRunner childWork;
  private final ScheduledThreadPoolExecutor thread;
  private final Subscription subscription;

  /** When the next poll is planned; written on the ticker's thread only. */
  private volatile Instant planned = Instant.MAX;

  /** Number of the planned poll; used on the ticker's thread only. */
  private long polls;

  /**
   * Starts to tick at once.
   *
   * @param pollInterval how often to poll the store even if no timer is due, since the clock may
   *     jump and a change may be missed
   * @param committed receives each job as it was before its tick, with the committed decision; must
   *     return at once
   * @param observer receives the results of ticks
   */
  public JobTicker(
      JobStore store,
      JobRules rules,
      Duration pollInterval,
      BiConsumer<JobRecord, JobDecision> committed,
      TickObserver observer) {
    this.pollInterval = pollInterval;
    this.committed = committed;
    this.observer = observer;
    this.store = store;
    this.rules = rules;
    this.clock = store.clock();
    this.lookAhead = new LookAhead(clock.read());
    this.childWork = new ChildWorkRunner(store, rules.childSlices(), observer);
    this.thread = new ScheduledThreadPoolExecutor(1, ThreadFactories.daemon("milepost-upkeep"));
    thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    this.subscription = store.subscribe(new EarlierTimes());
    thread.execute(() -> pollAt(clock.instant()));
  }

  /** Stops ticking; the store finishes a slice that is in progress. */
  @Override
  public void close() {
    subscription.close();
    childWork.close();
    thread.shutdownNow();
  }

  private void pollAt(Instant time) {
    planned = time;
    long number = ++polls;
    Duration wait = Duration.between(clock.instant(), time);
    long millis = wait.isNegative() ? 0 : Math.min(wait.toMillis() + 1, pollInterval.toMillis());
    try {
      var unused = thread.schedule(() -> poll(number), millis, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      LOG.debug("The ticker has stopped.");
    }
  }

  private void poll(long number) {
    if (number != polls) {
      return; // Another poll has replaced this one.
    }
    // Until the next poll is planned, any wake time of a change is the earliest.
    planned = Instant.MAX;
    // On a store with its own clock, no tick is decided by what this server believes the time to
    // be.
    store.time().thenCompose(this::tickDue).whenComplete(this::plan);
  }

  /** Ticks a slice of the jobs that are due. Returns when the next one is. */
  private CompletionStage<Optional<Instant>> tickDue(ClockReading time) {
    CompletionStage<Optional<Instant>> next =
        store
            .due(time.now(), SLICE_JOBS)
            .thenCompose(due -> tickAll(due.keys()).thenApply(done -> due.next()));
    Optional<LookAhead.Range> ahead = lookAhead.next(time);
    return ahead.isEmpty() ? next : next.thenCombine(tickAhead(ahead.get()), JobTicker::earlierOf);
  }

  /** Ticks a slice of the jobs whose wake time is too late since the clock was set back. */
  private CompletionStage<Optional<Instant>> tickAhead(LookAhead.Range range) {
    return store
        .due(range.from(), range.until(), range.limit())
        .thenCompose(
            due -> tickAll(due.keys()).thenApply(done -> lookAhead.ticked(range, due.next())));
  }

  private CompletableFuture<Void> tickAll(List<JobKey> keys) {
    return CompletableFuture.allOf(
        keys.stream().map(this::tick).toArray(CompletableFuture<?>[]::new));
  }

  /**
   * Ticks a job. If its tick fails, the job is postponed, so that it neither fails the others of
   * its slice nor takes their place in the next one.
   */
  private CompletableFuture<Void> tick(JobKey key) {
    return store
        .update(Selection.of(key), found -> decide(key, found))
        .thenAccept(
            ticked -> {
              backoff.succeeded(key);
              observer.ticked(ticked.map(Ticked::result).orElse(TickResult.OTHER));
              ticked.ifPresent(this::follow);
            })
        .handle(
            (done, failure) ->
                failure == null
                    ? CompletableFuture.<Void>completedFuture(null)
                    : postpone(key, failure))
        .thenCompose(Function.identity())
        .toCompletableFuture();
  }

  private Decision<Optional<Ticked>> decide(JobKey key, Found found) {
    Optional<UnreadableJob> unreadable = found.unreadable(key);
    if (unreadable.isPresent()) {
      // A child may be ended by its timer, so that its parent does not wait for it for ever.
      List<JobDecision> decisions =
          rules.unreadableChildren().fail(unreadable.get().known(), found);
      if (decisions.isEmpty()) {
        throw new Refusal.JobUnreadable(key.jobId());
      }
      return Decision.of(decisions, Optional.empty());
    }
    if (found.job(key).isEmpty()) {
      return Decision.nothing(Optional.empty());
    }
    JobRecord current = found.job(key).get();
    JobDecisions decided = rules.decide(current, new JobCommand.Tick(), found);
    return Decision.of(decided.all(), Optional.of(new Ticked(current, decided.first())));
  }

  /**
   * Fails only if the store does. After a failure of the store, the wait does not grow: it says
   * nothing about the job, whose lease must not expire an hour late for it.
   */
  private CompletableFuture<Void> postpone(JobKey key, Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    Duration wait = cause instanceof StoreException ? TickBackoff.MIN_WAIT : backoff.failed(key);
    return store
        .update(
            Selection.of(key),
            found -> {
              boolean exists = found.job(key).isPresent() || found.unreadable(key).isPresent();
              return exists
                  ? Decision.of(new JobDecision.Postpone(key, found.now().plus(wait)), true)
                  : Decision.nothing(false);
            })
        .thenAccept(
            done -> {
              observer.ticked(TickResult.POSTPONED);
              // The store has reported a job that cannot be read.
              if (wait.equals(TickBackoff.MIN_WAIT)
                  && !(cause instanceof Refusal.JobUnreadable)
                  && !StoreException.isReported(cause)) {
                LOG.warn("The timers of job {} fail. Postponing them.", key.jobId(), cause);
              }
            })
        .toCompletableFuture();
  }

  private void follow(Ticked ticked) {
    committed.accept(ticked.before(), ticked.decision());
    if (ChildWorkRunner.isReservedBy(ticked.before(), ticked.decision())) {
      childWork.run(JobKey.of(ticked.before()));
    }
  }

  private void plan(Optional<Instant> next, Throwable failure) {
    try {
      thread.execute(
          () -> {
            if (failure != null) {
              observer.failed();
              if (!StoreException.isReported(failure)) {
                LOG.warn("Upkeep failed and will be retried.", failure);
              }
              pollAt(earlier(planned, clock.instant().plus(RETRY_DELAY)));
            } else {
              Instant latest = clock.instant().plus(pollInterval);
              pollAt(earlier(planned, next.orElse(latest)));
            }
          });
    } catch (RejectedExecutionException e) {
      LOG.debug("The ticker has stopped.");
    }
  }

  private static Optional<Instant> earlierOf(Optional<Instant> one, Optional<Instant> other) {
    return one.isEmpty() || other.isEmpty()
        ? one.or(() -> other)
        : Optional.of(earlier(one.get(), other.get()));
  }

  private static Instant earlier(Instant one, Instant other) {
    return one.isBefore(other) ? one : other;
  }

  private record Ticked(JobRecord before, JobDecision decision) {
    TickResult result() {
      return TickResult.of(before, decision);
    }
  }

  private final class EarlierTimes implements ChangeListener {
    @Override
    public void changed(List<Change> changes) {
      Instant earliest = Instant.MAX;
      for (Change change : changes) {
        if (change.after() != null && change.after().hasWakeTime()) {
          Instant wake = Times.instant(change.after().getWakeTime());
          earliest = wake.isBefore(earliest) ? wake : earliest;
        }
      }
      if (earliest.isBefore(planned)) {
        replan(earliest);
      }
    }

    @Override
    public void missed() {
      replan(clock.instant());
    }

    private void replan(Instant earliest) {
      try {
        thread.execute(
            () -> {
              if (earliest.isBefore(planned)) {
                pollAt(earliest);
              }
            });
      } catch (RejectedExecutionException e) {
        LOG.debug("The ticker has stopped.");
      }
    }
  }
}
