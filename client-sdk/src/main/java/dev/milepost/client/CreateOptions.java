package dev.milepost.client;

import dev.milepost.v1.CreateJobRequest;
import dev.milepost.v1.Item;
import dev.milepost.v1.StartTaskRequest;
import java.util.List;
import java.util.UUID;

/** How to create a job: an immutable value, built up by methods that each return a changed copy. */
public final class CreateOptions {
  private static final CreateOptions DEFAULTS =
      new CreateOptions(CreateJobRequest.getDefaultInstance());

  private final CreateJobRequest request;

  private CreateOptions(CreateJobRequest request) {
    this.request = request;
  }

  /** An id given by the server, the caller's own job, and a request id made anew for each call. */
  public static CreateOptions defaults() {
    return DEFAULTS;
  }

  /**
   * With an id of the caller's own; where a job has it already, {@link JobAlreadyExistsException}.
   */
  public CreateOptions jobId(String jobId) {
    return new CreateOptions(request.toBuilder().setJobId(jobId).build());
  }

  /**
   * With a request id of the caller's own, so that even a call repeated by another process creates
   * one job. Without one, each call makes a random one, and only its own repetitions are
   * recognised.
   */
  public CreateOptions requestId(String requestId) {
    return new CreateOptions(request.toBuilder().setRequestId(requestId).build());
  }

  /** For another user, which only operators and admins may. */
  public CreateOptions userId(String userId) {
    return new CreateOptions(request.toBuilder().setUserId(userId).build());
  }

  /**
   * With items, at most 2,000, in place of any before. Where there are more: {@link
   * JobClient#createBatch}.
   */
  public CreateOptions items(List<Item> items) {
    return new CreateOptions(request.toBuilder().clearItems().addAllItems(items).build());
  }

  /** The same for a task, whose definition the spec's type names. */
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
