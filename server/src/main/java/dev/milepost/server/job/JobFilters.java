package dev.milepost.server.job;

import dev.milepost.v1.Job;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobHealth;
import dev.milepost.v1.JobKind;
import dev.milepost.v1.JobScope;
import dev.milepost.v1.JobState;
import java.time.Duration;

/** What a filter means: the one definition, by which every store answers. */
public final class JobFilters {
  /** Of two jobs, the one that was created first may have a later time, but not by more. */
  private static final long CLOCK_MICROS = Duration.ofDays(1).toNanos() / 1_000;

  private JobFilters() {}

  /** Whether a job matches; an empty filter matches all. */
  public static boolean matches(JobFilter filter, Job job) {
    return (filter.getTenantId().isEmpty() || filter.getTenantId().equals(job.getTenantId()))
        && (filter.getUserId().isEmpty() || filter.getUserId().equals(job.getUserId()))
        && (filter.getStatesCount() == 0
            || filter.getStatesList().contains(job.getStatus().getState()))
        && (filter.getTypesCount() == 0 || filter.getTypesList().contains(job.getSpec().getType()))
        && (filter.getProjectId().isEmpty()
            || filter.getProjectId().equals(job.getSpec().getProjectId()))
        && (filter.getScope() == JobScope.JOB_SCOPE_UNSPECIFIED
            || filter.getScope() == job.getSpec().getScope())
        && (filter.getParentId().isEmpty() || filter.getParentId().equals(job.getParentId()))
        && (filter.getKind() == JobKind.JOB_KIND_UNSPECIFIED || filter.getKind() == job.getKind())
        && (filter.getHealth() == JobHealth.JOB_HEALTH_UNSPECIFIED
            || filter.getHealth() == job.getStatus().getHealth())
        && job.getSpec().getLabelsMap().entrySet().containsAll(filter.getLabelsMap().entrySet())
        && (!filter.hasAttemptsAbove() || job.getStatus().getAttempt() > filter.getAttemptsAbove())
        && createdWithin(filter, job)
        && endedWithin(filter, job);
  }

  /**
   * Whether no job that comes after this one, in the order of creation, can match: the filter's
   * times of creation are passed by so much that no clock was set by more.
   */
  public static boolean isPassed(JobFilter filter, Job job, boolean newestFirst) {
    long created = Times.micros(job.getCreateTime());
    return newestFirst
        ? filter.hasCreateTimeFrom()
            && created < Times.micros(filter.getCreateTimeFrom()) - CLOCK_MICROS
        : filter.hasCreateTimeUntil()
            && created >= Times.micros(filter.getCreateTimeUntil()) + CLOCK_MICROS;
  }

  private static boolean createdWithin(JobFilter filter, Job job) {
    long created = Times.micros(job.getCreateTime());
    return (!filter.hasCreateTimeFrom() || created >= Times.micros(filter.getCreateTimeFrom()))
        && (!filter.hasCreateTimeUntil() || created < Times.micros(filter.getCreateTimeUntil()));
  }

  /** A job that has not ended ended at no time. */
  private static boolean endedWithin(JobFilter filter, Job job) {
    if (!filter.hasEndTimeFrom() && !filter.hasEndTimeUntil()) {
      return true;
    }
    if (!job.getStatus().hasEndTime()) {
      return false;
    }
    long ended = Times.micros(job.getStatus().getEndTime());
    return (!filter.hasEndTimeFrom() || ended >= Times.micros(filter.getEndTimeFrom()))
        && (!filter.hasEndTimeUntil() || ended < Times.micros(filter.getEndTimeUntil()));
  }

  /** Checks a filter. */
  public static void validate(FieldChecks violations, JobFilter filter) {
    violations.check(filter.getStatesCount() <= 6, "filter.states", "must be at most 6");
    violations.known(
        "filter.states", filter.getStatesList().stream().allMatch(JobFilters::isJobState));
    violations.check(filter.getTypesCount() <= 100, "filter.types", "must be at most 100");
    filter.getTypesList().forEach(type -> JobValidation.type(violations, "filter.types", type));
    JobValidation.projectId(violations, "filter.project_id", filter.getProjectId());
    violations.known("filter.scope", filter.getScope() != JobScope.UNRECOGNIZED);
    violations.known("filter.kind", filter.getKind() != JobKind.UNRECOGNIZED);
    violations.known("filter.health", filter.getHealth() != JobHealth.UNRECOGNIZED);
    if (!filter.getParentId().isEmpty()) {
      JobValidation.jobId(violations, "filter.parent_id", filter.getParentId());
    }
    JobValidation.labels(violations, "filter.labels", filter.getLabelsMap());
    violations.check(
        filter.getAttemptsAbove() >= 0, "filter.attempts_above", "must not be negative");
    JobValidation.time(violations, "filter.create_time_from", filter.getCreateTimeFrom());
    JobValidation.time(violations, "filter.create_time_until", filter.getCreateTimeUntil());
    JobValidation.time(violations, "filter.end_time_from", filter.getEndTimeFrom());
    JobValidation.time(violations, "filter.end_time_until", filter.getEndTimeUntil());
  }

  /** Whether a job can be in this state. */
  static boolean isJobState(JobState state) {
    return state != JobState.JOB_STATE_UNSPECIFIED && state != JobState.UNRECOGNIZED;
  }
}
