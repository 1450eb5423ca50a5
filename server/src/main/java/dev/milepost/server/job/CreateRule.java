package dev.milepost.server.job;

import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.Item;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobError;
import dev.milepost.v1.JobKind;
import dev.milepost.v1.JobScope;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobTrigger;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** How a job is created. */
final class CreateRule {
  private CreateRule() {}

  static JobEdit create(NewJob job, List<Item> items, ClockReading clock, JobRules rules) {
    JobSpec spec = withDefaults(job.spec(), rules.defaults());
    if (spec.hasExpireTime()) {
      OwnerRules.requireFuture(spec.getExpireTime(), clock.now());
    }
    JobRecord.Builder record =
        JobRecord.newBuilder()
            .setSpecRevision(1)
            .setLifeStartTime(Times.timestamp(clock.now()))
            .setWebhookSecret(spec.getWebhook().getSecret());
    record.setJob(
        Job.newBuilder()
            .setId(job.key().jobId())
            .setTenantId(job.key().tenantId())
            .setKind(JobKind.JOB_KIND_SINGLE)
            .setUserId(job.userId())
            .setParentId(job.parentId())
            .setStep(job.step())
            .setCreateTime(Times.timestamp(clock.now()))
            .setEtag(OwnerRules.etag(1))
            .setSpec(OwnerRules.withoutSecret(spec)));
    JobEdit edit = new JobEdit(record.build(), clock, rules);
    edit.enqueue(job.createdBy(), "", JobError.getDefaultInstance(), Duration.ZERO);
    ReportRule.putItems(edit, items, Map.of());
    ReportRule.followItems(edit);
    return edit;
  }

  private static JobSpec withDefaults(JobSpec spec, JobDefaults defaults) {
    JobSpec.Builder complete = spec.toBuilder();
    if (spec.getScope() == JobScope.JOB_SCOPE_UNSPECIFIED) {
      complete.setScope(
          spec.getProjectId().isEmpty() ? JobScope.JOB_SCOPE_ITEM_SET : JobScope.JOB_SCOPE_PROJECT);
    }
    if (!spec.hasPriority()) {
      complete.setPriority(defaults.priority());
    }
    if (spec.getTrigger() == JobTrigger.JOB_TRIGGER_UNSPECIFIED) {
      complete.setTrigger(JobTrigger.JOB_TRIGGER_API);
    }
    if (!spec.hasMaxRetries()) {
      complete.setMaxRetries(defaults.maxRetries());
    }
    return complete.build();
  }
}
