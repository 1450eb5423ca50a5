package dev.milepost.server.job;

import com.google.protobuf.Timestamp;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.JobError;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobSpecOrBuilder;
import dev.milepost.v1.JobState;
import dev.milepost.v1.Webhook;
import java.time.Duration;
import java.time.Instant;

/** Commands of a job's owner besides cancel: update, retry, delete. */
final class OwnerRules {
  private OwnerRules() {}

  static String etag(long specRevision) {
    return "s" + specRevision;
  }

  static JobSpec withoutSecret(JobSpec spec) {
    return spec.getWebhook().getSecret().isEmpty()
        ? spec
        : spec.toBuilder().setWebhook(spec.getWebhook().toBuilder().clearSecret()).build();
  }

  static JobDecision retry(JobEdit edit, JobCommand.Retry retry) {
    if (JobRecords.isParent(edit.current())) {
      return ParentCommands.retry(edit, retry);
    }
    edit.status().setRetryCount(0).clearEndTime().clearDuration().clearResult().clearCancel();
    edit.record().setLifeStartTime(edit.time());
    edit.enqueue(
        retry.requestedBy(), "retried by a user", JobError.getDefaultInstance(), Duration.ZERO);
    return edit.put();
  }

  static JobDecision delete(JobEdit edit, JobCommand.Delete delete) {
    requireEtag(edit, delete.etag());
    JobState state = edit.status().getState();
    if (delete.finishedOnly() && !Transitions.isFinished(state)) {
      throw new Refusal.JobNotFinished(edit.jobId(), state);
    }
    return edit.remove();
  }

  static JobDecision update(JobEdit edit, JobCommand.Update update) {
    requireEtag(edit, update.etag());
    FieldChecks violations = new FieldChecks();
    UpdateMask.check(violations, update.spec(), update.mask());
    violations.orThrow();
    JobRecord.Builder record = edit.record();
    JobSpec.Builder spec = record.getJobBuilder().getSpecBuilder();
    for (String path : UpdateMask.paths(update.spec(), update.mask())) {
      switch (path) {
        case "labels" -> spec.clearLabels().putAllLabels(update.spec().getLabelsMap());
        case "metadata" -> {
          if (update.spec().hasMetadata()) {
            spec.setMetadata(update.spec().getMetadata());
          } else {
            spec.clearMetadata();
          }
        }
        case "priority" ->
            spec.setPriority(
                update.spec().hasPriority()
                    ? update.spec().getPriority()
                    : edit.defaults().priority());
        case "display_name" -> spec.setDisplayName(update.spec().getDisplayName());
        case "expire_time" -> {
          if (JobRecords.isChild(edit.current())) {
            throw new Refusal.InvalidArgument(
                "update_mask",
                "must not name expire_time for a child job, which is deleted with its parent");
          }
          if (update.spec().hasExpireTime()) {
            requireFuture(update.spec().getExpireTime(), edit.now());
            requireAfterStart(update.spec().getExpireTime(), spec);
            spec.setExpireTime(update.spec().getExpireTime());
          } else {
            spec.clearExpireTime();
          }
        }
        case "webhook" -> {
          edit.requireAllowed(update.spec().getWebhook());
          setWebhook(record, update.spec().getWebhook());
        }
        default -> setEntry(spec, path, update.spec());
      }
    }
    SpecValidation.entries(violations, spec);
    violations.orThrow();
    boolean sameSecret = record.getWebhookSecret().equals(edit.current().getWebhookSecret());
    if (sameSecret && spec.build().equals(edit.spec())) {
      return edit.keep();
    }
    record.setSpecRevision(record.getSpecRevision() + 1);
    record.getJobBuilder().setEtag(etag(record.getSpecRevision()));
    return edit.put();
  }

  /** Sets one label or one entry of the metadata; removes it if the update has no such key. */
  private static void setEntry(JobSpec.Builder spec, String path, JobSpec update) {
    if (path.startsWith(UpdateMask.LABEL)) {
      String key = path.substring(UpdateMask.LABEL.length());
      if (update.containsLabels(key)) {
        spec.putLabels(key, update.getLabelsOrThrow(key));
      } else {
        spec.removeLabels(key);
      }
      return;
    }
    String key = path.substring(UpdateMask.METADATA_ENTRY.length());
    if (update.getMetadata().containsFields(key)) {
      spec.getMetadataBuilder().putFields(key, update.getMetadata().getFieldsOrThrow(key));
    } else if (spec.getMetadata().containsFields(key)) {
      spec.getMetadataBuilder().removeFields(key);
    }
  }

  /**
   * Replaces the webhook. One without a secret keeps the current secret: callers never receive it,
   * so they cannot repeat it.
   */
  private static void setWebhook(JobRecord.Builder record, Webhook webhook) {
    JobSpec.Builder spec = record.getJobBuilder().getSpecBuilder();
    if (webhook.equals(Webhook.getDefaultInstance())) {
      spec.clearWebhook();
      record.clearWebhookSecret();
      return;
    }
    if (!webhook.getSecret().isEmpty()) {
      record.setWebhookSecret(webhook.getSecret());
    }
    spec.setWebhook(webhook.toBuilder().clearSecret());
  }

  /** Requires that a job has not expired before anybody could see it. */
  static void requireFuture(Timestamp expireTime, Instant now) {
    if (!Times.truncate(Times.instant(expireTime)).isAfter(now)) {
      throw new Refusal.InvalidArgument("spec.expire_time", "must be in the future");
    }
  }

  private static void requireAfterStart(Timestamp expireTime, JobSpecOrBuilder spec) {
    if (spec.hasNotBeforeTime()
        && !Times.instant(expireTime).isAfter(Times.instant(spec.getNotBeforeTime()))) {
      throw new Refusal.InvalidArgument(
          "spec.expire_time", "must be after the job's not_before_time");
    }
  }

  private static void requireEtag(JobEdit edit, String etag) {
    if (!etag.isEmpty() && !etag.equals(edit.current().getJob().getEtag())) {
      throw new Refusal.EtagMismatch(edit.jobId());
    }
  }
}
