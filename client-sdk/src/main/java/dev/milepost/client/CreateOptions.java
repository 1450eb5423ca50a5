package dev.milepost.client;

import dev.milepost.v1.CreateJobRequest;
import dev.milepost.v1.Item;
import dev.milepost.v1.StartTaskRequest;
import java.util.List;
import java.util.UUID;

/** How to create a job: an immutable value; each method returns a changed copy. */
public final class CreateOptions {
  private static final CreateOptions DEFAULTS =
      new CreateOptions(CreateJobRequest.getDefaultInstance());

  private final CreateJobRequest request;

  private CreateOptions(CreateJobRequest request) {
    this.request = request;
  }

  /** Returns the defaults: the server assigns the id, and the caller owns the job. */
  public static CreateOptions defaults() {
    return DEFAULTS;
  }

  /** Sets the job's id; {@link JobAlreadyExistsException} if a job has it already. */
  public CreateOptions jobId(String jobId) {
    return new CreateOptions(request.toBuilder().setJobId(jobId).build());
  }

  /**
   * Sets the request id, so that even a call repeated by another process creates only one job.
   * Default: a random id for each call, which covers only that call's own retries.
   */
  public CreateOptions requestId(String requestId) {
    return new CreateOptions(request.toBuilder().setRequestId(requestId).build());
  }

  /** Creates the job for another user. Operators and admins only. */
  public CreateOptions userId(String userId) {
    return new CreateOptions(request.toBuilder().setUserId(userId).build());
  }

  /** Replaces the job's items, at most 2,000; for more, use {@link JobClient#createBatch}. */
  public CreateOptions items(List<Item> items) {
    return new CreateOptions(request.toBuilder().clearItems().addAllItems(items).build());
  }

  /** Builds the request that starts a task, whose definition is named by the spec's type. */
  StartTaskRequest toTaskRequest(JobSpec spec) {
    CreateJobRequest.Builder job = toRequest(spec);
    return StartTaskRequest.newBuilder()
        .setDefinition(spec.type())
        .setSpec(job.getSpecBuilder().clearType())
        .setJobId(job.getJobId())
        .setRequestId(job.getRequestId())
        .setUserId(job.getUserId())
        .addAllItems(job.getItemsList())
        .build();
  }

  CreateJobRequest.Builder toRequest(JobSpec spec) {
    CreateJobRequest.Builder builder = request.toBuilder().setSpec(spec.toProto());
    if (builder.getRequestId().isEmpty()) {
      builder.setRequestId(UUID.randomUUID().toString());
    }
    return builder;
  }
}
