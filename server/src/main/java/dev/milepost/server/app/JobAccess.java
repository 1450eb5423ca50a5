package dev.milepost.server.app;

import dev.milepost.server.access.AccessPolicy;
import dev.milepost.server.access.Caller;
import dev.milepost.server.job.ClockReading;
import dev.milepost.server.job.CommandKind;
import dev.milepost.server.job.FieldChecks;
import dev.milepost.server.job.JobCommand;
import dev.milepost.server.job.JobDecisions;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.JobRules;
import dev.milepost.server.job.JobValidation;
import dev.milepost.server.job.Refusal;
import dev.milepost.server.store.Decision;
import dev.milepost.server.store.Found;
import dev.milepost.server.store.JobShape;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.JobsByKey;
import dev.milepost.server.store.Selection;
import dev.milepost.server.store.UnreadableJob;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.Job;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * Reads and changes jobs for a caller. Jobs that are invisible to the caller or have expired are
 * not found.
 */
@Singleton
public final class JobAccess {
  private final JobStore store;
  private final JobRules rules;
  private final AccessPolicy policy;
  private final InstantSource clock;

  @Inject
  public JobAccess(JobStore store, JobRules rules, AccessPolicy policy, InstantSource clock) {
    this.store = store;
    this.rules = rules;
    this.policy = policy;
    this.clock = clock;
  }

  public AccessPolicy policy() {
    return policy;
  }

  /** Returns the key of a job in the caller's tenant. */
  static JobKey key(Caller caller, String jobId) {
    FieldChecks violations = new FieldChecks();
    JobValidation.jobId(violations, "job_id", jobId);
    violations.orThrow();
    return new JobKey(caller.tenantId(), jobId);
  }

  /** Returns whether a caller can see a job. */
  boolean isVisible(Caller caller, JobRecord record, Instant now) {
    return policy.maySee(caller, record.getJob()) && !rules.timers().isExpired(record, now);
  }

  /** Returns whether a caller can see a job now. */
  boolean isVisible(Caller caller, JobRecord record) {
    return isVisible(caller, record, clock.instant());
  }

  /** Returns whether a caller can see that a job which cannot be read is there. */
  boolean isVisible(Caller caller, UnreadableJob job) {
    return policy.maySee(caller, job.known());
  }

  /** Returns the ids of those jobs that cannot be read and that a caller can see. */
  List<String> ids(Caller caller, List<UnreadableJob> unreadable) {
    return unreadable.stream()
        .filter(job -> isVisible(caller, job))
        .map(job -> job.key().jobId())
        .toList();
  }

  /**
   * Returns why a caller does not get a job that was not found among those that can be read: it may
   * be one that the caller can see, but is damaged.
   */
  Refusal notFound(Caller caller, String jobId, List<UnreadableJob> unreadable) {
    boolean isVisible =
        unreadable.stream()
            .anyMatch(job -> job.key().jobId().equals(jobId) && isVisible(caller, job));
    return isVisible ? new Refusal.JobUnreadable(jobId) : new Refusal.JobNotFound(jobId);
  }

  /**
   * Reads a job; fails with {@link Refusal.JobNotFound} if the caller cannot see it, and with
   * {@link Refusal.JobUnreadable} if it is damaged.
   */
  public CompletionStage<JobRecord> read(Caller caller, String jobId) {
    return find(caller, key(caller, jobId))
        .thenApply(
            found -> {
              if (found.jobs().isEmpty()) {
                throw notFound(caller, jobId, found.unreadable());
              }
              JobRecord record = found.jobs().get(0);
              if (!isVisible(caller, record)) {
                throw new Refusal.JobNotFound(jobId);
              }
              return record;
            });
  }

  /**
   * Reads a job if it belongs to somebody whose jobs the caller can see. Otherwise the store does
   * what it does for a job that does not exist.
   */
  private CompletionStage<JobsByKey> find(Caller caller, JobKey key) {
    return store.get(List.of(key), policy.onlyOwner(caller), Long.MAX_VALUE, JobShape.WHOLE);
  }

  /**
   * Returns whether a job may be there for a caller; if not, the store has done what it does for a
   * job that does not exist. A caller that can see all jobs of its tenant need not wait for this.
   */
  CompletionStage<Boolean> mayFind(Caller caller, JobKey key) {
    return policy.reachesTenant(caller)
        ? CompletableFuture.completedFuture(true)
        : find(caller, key)
            .thenApply(found -> !found.jobs().isEmpty() || !found.unreadable().isEmpty());
  }

  /**
   * Reads a job for a caller that wants its items: one that can see the job, or the worker that
   * holds it.
   *
   * @param attemptToken the worker's token; empty: none
   */
  CompletionStage<JobRecord> readForItems(Caller caller, String jobId, String attemptToken) {
    JobKey key = key(caller, jobId);
    return (attemptToken.isEmpty() ? find(caller, key) : store.get(List.of(key)))
        .thenApply(
            found -> {
              Instant now = clock.instant();
              if (found.jobs().isEmpty()) {
                throw notFound(caller, jobId, found.unreadable());
              }
              JobRecord record = found.jobs().get(0);
              if (rules.timers().isExpired(record, now)) {
                throw new Refusal.JobNotFound(jobId);
              }
              if (!policy.maySee(caller, record.getJob())) {
                if (attemptToken.isEmpty() || !policy.mayReport(caller, record.getJob())) {
                  throw new Refusal.JobNotFound(jobId);
                }
                rules.requireHeld(record, attemptToken, store.clock().read());
              }
              return record;
            });
  }

  /**
   * Applies a command of a job's owner and returns the job afterwards. A job that cannot be read
   * can only be deleted.
   */
  public CompletionStage<Job> change(Caller caller, String jobId, JobCommand command) {
    JobKey key = key(caller, jobId);
    return update(
        caller,
        key,
        found -> {
          Optional<UnreadableJob> damaged =
              found.unreadable(key).filter(job -> isVisible(caller, job));
          if (damaged.isPresent() && command.kind() == CommandKind.DELETE) {
            Job known = damaged.get().known();
            return Decision.of(rules.unreadableChildren().remove(known, found), known);
          }
          JobRecord current = visible(caller, key, found);
          JobDecisions decided = rules.decide(current, command, found);
          return Decision.of(decided.all(), decided.firstOr(current).getJob());
        });
  }

  /**
   * Changes a job that a caller can see, by another rule than that of a command.
   *
   * @param rule decides on the job as it is; as for {@link JobStore#update}
   * @param <R> type of the result
   */
  <R> CompletionStage<R> change(
      Caller caller, String jobId, BiFunction<JobRecord, ClockReading, Decision<R>> rule) {
    JobKey key = key(caller, jobId);
    return update(caller, key, found -> rule.apply(visible(caller, key, found), found.clock()));
  }

  private JobRecord visible(Caller caller, JobKey key, Found found) {
    return found
        .job(key)
        .filter(record -> isVisible(caller, record, found.now()))
        .orElseThrow(() -> notFound(caller, key.jobId(), found.unreadable()));
  }

  private <R> CompletionStage<R> update(
      Caller caller, JobKey key, Function<Found, Decision<R>> decide) {
    // The update would load a job of another owner before it refuses it.
    return mayFind(caller, key)
        .thenCompose(
            mayFind -> {
              if (!mayFind) {
                throw new Refusal.JobNotFound(key.jobId());
              }
              return store.update(Selection.of(key), decide);
            });
  }
}
