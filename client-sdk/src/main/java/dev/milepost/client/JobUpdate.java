package dev.milepost.client;

import com.google.protobuf.FieldMask;
import dev.milepost.v1.UpdateJobRequest;
import java.time.Instant;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A change to a job's spec: an immutable value; each method returns a changed copy. Fields that are
 * not set keep their values.
 */
public final class JobUpdate {
  private static final JobUpdate NONE = new JobUpdate(UpdateJobRequest.getDefaultInstance());

  private final UpdateJobRequest request;

  private JobUpdate(UpdateJobRequest request) {
    this.request = request;
  }

  /** Returns an update without changes. */
  public static JobUpdate none() {
    return NONE;
  }

  /** Replaces all labels. */
  public JobUpdate labels(Map<String, String> labels) {
    return set("labels", spec -> spec.clearLabels().putAllLabels(labels));
  }

  /** Sets one label, and keeps the others. */
  public JobUpdate label(String key, String value) {
    return set("labels." + key, spec -> spec.putLabels(key, value));
  }

  /** Removes one label, and keeps the others. */
  public JobUpdate withoutLabel(String key) {
    return set("labels." + key, spec -> spec.removeLabels(key));
  }

  /**
   * Replaces the metadata; see {@link JobSpec#metadata}.
   *
   * @throws IllegalArgumentException if a value cannot be encoded
   */
  public JobUpdate metadata(Map<String, ?> metadata) {
    return set("metadata", spec -> spec.setMetadata(Structs.strict(metadata)));
  }

  /** Sets the priority, 0 to 100. */
  public JobUpdate priority(int priority) {
    return set("priority", spec -> spec.setPriority(priority));
  }

  /** Sets the display name. */
  public JobUpdate displayName(String name) {
    return set("display_name", spec -> spec.setDisplayName(name));
  }

  /** Sets the time after which the job is deleted, unless it is running. */
  public JobUpdate expireAt(Instant time) {
    return set("expire_time", spec -> spec.setExpireTime(Times.timestamp(time)));
  }

  /**
   * Applies the update only if the job still has this etag; otherwise {@link JobConflictException}.
   */
  public JobUpdate ifEtag(String etag) {
    return new JobUpdate(request.toBuilder().setEtag(etag).build());
  }

  UpdateJobRequest toRequest(String jobId) {
    return request.toBuilder().setJobId(jobId).build();
  }

  private JobUpdate set(String path, Consumer<dev.milepost.v1.JobSpec.Builder> change) {
    UpdateJobRequest.Builder builder = request.toBuilder();
    change.accept(builder.getSpecBuilder());
    FieldMask mask = request.getUpdateMask();
    if (!mask.getPathsList().contains(path)) {
      builder.setUpdateMask(mask.toBuilder().addPaths(path));
    }
    return new JobUpdate(builder.build());
  }
}
