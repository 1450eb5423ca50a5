package dev.milepost.server.app;

import dev.milepost.server.job.Times;
import dev.milepost.server.store.JobQuery;
import dev.milepost.server.store.JobShape;
import dev.milepost.server.store.JobStore;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.AttentionJobs;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobError;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobHealth;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobStatus;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Finds the jobs that need attention: stalled ones, and those that have failed lately. */
final class JobAttention {
  private static final Duration LATELY = Duration.ofHours(1);
  private static final int MAX_JOBS = 8;
  private static final int MAX_MESSAGE_CHARACTERS = 300;

  private static final JobShape NAMED =
      record -> JobRecord.newBuilder().setJob(named(record.getJob())).build();

  private final JobStore store;

  JobAttention(JobStore store) {
    this.store = store;
  }

  /** Returns the jobs of a tenant or user that need attention. */
  CompletionStage<AttentionJobs> in(StatsScope scope) {
    JobFilter.Builder stalled =
        filter(scope).addStates(JobState.JOB_STATE_RUNNING).setHealth(JobHealth.JOB_HEALTH_STALLED);
    JobFilter.Builder failed =
        filter(scope)
            .addStates(JobState.JOB_STATE_FAILED)
            .setEndTimeFrom(Times.timestamp(store.clock().instant().minus(LATELY)));
    return list(stalled)
        .thenCompose(
            stuck ->
                list(failed)
                    .thenApply(
                        lost ->
                            AttentionJobs.newBuilder()
                                .addAllStalledJobs(stuck.subList(0, shown(stuck)))
                                .setHasMoreStalled(stuck.size() > MAX_JOBS)
                                .addAllFailedJobs(lost.subList(0, shown(lost)))
                                .setHasMoreFailed(lost.size() > MAX_JOBS)
                                .build()));
  }

  private static JobFilter.Builder filter(StatsScope scope) {
    return JobFilter.newBuilder().setTenantId(scope.tenantId()).setUserId(scope.userId());
  }

  private static int shown(List<Job> jobs) {
    return Math.min(MAX_JOBS, jobs.size());
  }

  /** Reads one page, which scans a bounded number of jobs. */
  private CompletionStage<List<Job>> list(JobFilter.Builder filter) {
    return store
        .list(
            new JobQuery(
                filter.build(), true, Optional.empty(), MAX_JOBS + 1, JobQuery.MAX_BYTES, NAMED))
        .thenApply(page -> page.jobs().stream().map(JobRecord::getJob).toList());
  }

  /** Keeps what names a job, and what tells why it needs attention. */
  private static Job named(Job job) {
    JobStatus status = job.getStatus();
    JobStatus.Builder kept =
        JobStatus.newBuilder()
            .setState(status.getState())
            .setHealth(status.getHealth())
            .setAttempt(status.getAttempt())
            .setWorkerId(status.getWorkerId());
    if (status.hasStartTime()) {
      kept.setStartTime(status.getStartTime());
    }
    if (status.hasEndTime()) {
      kept.setEndTime(status.getEndTime());
    }
    if (status.getProgress().hasLastProgressTime()) {
      kept.getProgressBuilder().setLastProgressTime(status.getProgress().getLastProgressTime());
    }
    if (status.hasError()) {
      kept.setError(
          JobError.newBuilder()
              .setCode(status.getError().getCode())
              .setMessage(cut(status.getError().getMessage())));
    }
    return Job.newBuilder()
        .setId(job.getId())
        .setTenantId(job.getTenantId())
        .setUserId(job.getUserId())
        .setKind(job.getKind())
        .setCreateTime(job.getCreateTime())
        .setSpec(
            JobSpec.newBuilder()
                .setType(job.getSpec().getType())
                .setDisplayName(job.getSpec().getDisplayName())
                .setProjectId(job.getSpec().getProjectId()))
        .setStatus(kept)
        .build();
  }

  private static String cut(String message) {
    return message.codePointCount(0, message.length()) <= MAX_MESSAGE_CHARACTERS
        ? message
        : message.substring(0, message.offsetByCodePoints(0, MAX_MESSAGE_CHARACTERS - 1)) + "…";
  }
}
