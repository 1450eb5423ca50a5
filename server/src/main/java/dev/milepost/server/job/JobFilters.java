package dev.milepost.server.job;

import dev.milepost.v1.Job;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobHealth;
import dev.milepost.v1.JobKind;
import dev.milepost.v1.JobScope;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobState;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** The meaning of a job filter: the one definition that every store follows. */
public final class JobFilters {
  /** By how much a job may have a later creation time than one that was created after it. */
  private static final long MAX_CLOCK_SKEW_MICROS = Duration.ofDays(1).toNanos() / 1_000;

  /** Maximum number of states in a list: each of them once. */
  static final int MAX_STATES = 6;

  private static final int MAX_TYPES = 100;
  private static final int MAX_LABELS = 64;

  private JobFilters() {}

  /** Whether a job matches a filter. An empty filter matches all jobs. */
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
        && (!filter.getTopLevel() || job.getParentId().isEmpty())
        && (filter.getParentId().isEmpty() || filter.getParentId().equals(job.getParentId()))
        && (filter.getKind() == JobKind.JOB_KIND_UNSPECIFIED || filter.getKind() == job.getKind())
        && (filter.getHealth() == JobHealth.JOB_HEALTH_UNSPECIFIED
            || filter.getHealth() == job.getStatus().getHealth())
        && job.getSpec().getLabelsMap().entrySet().containsAll(filter.getLabelsMap().entrySet())
        && (!filter.hasAttemptsAbove() || job.getStatus().getAttempt() > filter.getAttemptsAbove())
        && hasNone(filter, job.getSpec())
        && job.getId().startsWith(filter.getIdPrefix())
        && (filter.getDisplayName().isEmpty()
            || filter.getDisplayName().equals(job.getSpec().getDisplayName()))
        && contains(filter.getText(), job)
        && createdWithin(filter, job)
        && endedWithin(filter, job);
  }

  /** Whether a filter has a creation time behind which no job can match. */
  public static boolean hasEnd(JobFilter filter, boolean newestFirst) {
    return newestFirst ? filter.hasCreateTimeFrom() : filter.hasCreateTimeUntil();
  }

  /**
   * Whether no job after this one, in the order of creation, can match: this job is outside the
   * filter's creation times by more than the maximum clock skew.
   */
  public static boolean isPassed(JobFilter filter, Job job, boolean newestFirst) {
    long created = Times.micros(job.getCreateTime());
    return newestFirst
        ? filter.hasCreateTimeFrom()
            && created < Times.micros(filter.getCreateTimeFrom()) - MAX_CLOCK_SKEW_MICROS
        : filter.hasCreateTimeUntil()
            && created >= Times.micros(filter.getCreateTimeUntil()) + MAX_CLOCK_SKEW_MICROS;
  }

  private static boolean hasNone(JobFilter filter, JobSpec spec) {
    for (Map.Entry<String, String> not : filter.getLabelsNotMap().entrySet()) {
      if (not.getValue().equals(spec.getLabelsMap().get(not.getKey()))) {
        return false;
      }
    }
    return filter.getLabelsAbsentList().stream().noneMatch(spec::containsLabels);
  }

  private static boolean contains(String text, Job job) {
    return text.isEmpty() || SearchText.of(job).contains(SearchText.folded(text));
  }

  private static boolean createdWithin(JobFilter filter, Job job) {
    long created = Times.micros(job.getCreateTime());
    return (!filter.hasCreateTimeFrom() || created >= Times.micros(filter.getCreateTimeFrom()))
        && (!filter.hasCreateTimeUntil() || created < Times.micros(filter.getCreateTimeUntil()));
  }

  /** A job that has not ended matches no end time. */
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

  /** Checks the filter of a request. */
  public static void validate(FieldChecks violations, JobFilter filter) {
    JobValidation.owner(violations, "filter.user_id", filter.getUserId());
    JobValidation.tenantId(violations, "filter.tenant_id", filter.getTenantId());
    states(violations, "filter.states", filter.getStatesList());
    violations.count("filter.types", filter.getTypesCount(), MAX_TYPES);
    filter.getTypesList().forEach(type -> JobValidation.type(violations, "filter.types", type));
    JobValidation.projectId(violations, "filter.project_id", filter.getProjectId());
    violations.known("filter.scope", filter.getScope() != JobScope.UNRECOGNIZED);
    violations.known("filter.kind", filter.getKind() != JobKind.UNRECOGNIZED);
    violations.known("filter.health", filter.getHealth() != JobHealth.UNRECOGNIZED);
    if (!filter.getParentId().isEmpty()) {
      JobValidation.jobId(violations, "filter.parent_id", filter.getParentId());
    }
    violations.check(
        !filter.getTopLevel() || filter.getParentId().isEmpty(),
        "filter.top_level",
        "must not be set together with filter.parent_id");
    JobValidation.labels(violations, "filter.labels", filter.getLabelsMap());
    JobValidation.labels(violations, "filter.labels_not", filter.getLabelsNotMap());
    violations.count("filter.labels_absent", filter.getLabelsAbsentCount(), MAX_LABELS);
    filter.getLabelsAbsentList().forEach(key -> violations.name("filter.labels_absent", key, 63));
    if (!filter.getIdPrefix().isEmpty()) {
      JobValidation.jobId(violations, "filter.id_prefix", filter.getIdPrefix());
    }
    violations.line("filter.display_name", filter.getDisplayName(), 256);
    violations.line("filter.text", filter.getText(), 256);
    violations.check(
        filter.getAttemptsAbove() >= 0, "filter.attempts_above", "must not be negative");
    JobValidation.time(violations, "filter.create_time_from", filter.getCreateTimeFrom());
    JobValidation.time(violations, "filter.create_time_until", filter.getCreateTimeUntil());
    JobValidation.time(violations, "filter.end_time_from", filter.getEndTimeFrom());
    JobValidation.time(violations, "filter.end_time_until", filter.getEndTimeUntil());
  }

  /** Checks a list of states, which may be empty. */
  public static void states(FieldChecks violations, String field, List<JobState> states) {
    violations.count(field, states.size(), MAX_STATES);
    violations.known(field, states.stream().allMatch(JobFilters::isJobState));
  }

  /** Whether a job can be in this state. */
  static boolean isJobState(JobState state) {
    return state != JobState.JOB_STATE_UNSPECIFIED && state != JobState.UNRECOGNIZED;
  }
}
