package dev.milepost.server.copy;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.milepost.server.job.JobDecision;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.Times;
import dev.milepost.server.store.Decision;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.Selection;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobScope;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobStatus;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Marks a store as an incomplete copy: a job of a tenant that no caller can belong to, since its
 * name contains a space. It exists from before the first job is copied until all jobs have been
 * compared.
 *
 * @param from name of the source, without credentials
 * @param tenant the copied tenant; empty: all
 */
public record CopyMark(String from, String tenant) {
  private static final JobKey KEY = new JobKey("milepost copy", "copy");
  private static final String FROM = "from";
  private static final String TENANT = "tenant";

  /** Returns the mark in a store. Blocks. */
  static Optional<CopyMark> of(JobStore store) {
    return Stages.await(store.get(List.of(KEY))).jobs().stream().findFirst().map(CopyMark::of);
  }

  private static CopyMark of(JobRecord record) {
    Struct said = record.getJob().getSpec().getParams();
    return new CopyMark(
        said.getFieldsOrThrow(FROM).getStringValue(),
        said.getFieldsOrThrow(TENANT).getStringValue());
  }

  /**
   * Checks that a store is no incomplete copy, and so may be served. Blocks.
   *
   * @throws CopyException if it is one
   */
  public static void requireNone(JobStore store) {
    of(store)
        .ifPresent(
            mark -> {
              throw new CopyException(
                  "The store is incomplete: a copy of "
                      + mark.from()
                      + " into it has not finished. Run the same `copy` again, which continues"
                      + " where it stopped; or empty the store.");
            });
  }

  void set(JobStore store) {
    Stages.await(
        store.update(
            Selection.of(KEY),
            found ->
                found.jobs().isEmpty()
                    ? Decision.of(
                        new JobDecision.Put(record(found.now()), List.of(), List.of()), true)
                    : Decision.nothing(false)));
  }

  static void remove(JobStore store) {
    Stages.await(
        store.update(
            Selection.of(KEY),
            found ->
                found.jobs().isEmpty()
                    ? Decision.nothing(false)
                    : Decision.of(new JobDecision.Remove(KEY), true)));
  }

  /** Returns the job: running and without a lease, so that no timer ever changes it. */
  private JobRecord record(Instant now) {
    Struct said =
        Struct.newBuilder()
            .putFields(FROM, Value.newBuilder().setStringValue(from).build())
            .putFields(TENANT, Value.newBuilder().setStringValue(tenant).build())
            .build();
    return JobRecord.newBuilder()
        .setRevision(1)
        .setJob(
            Job.newBuilder()
                .setId(KEY.jobId())
                .setTenantId(KEY.tenantId())
                .setUserId("milepost")
                .setCreateTime(Times.timestamp(now))
                .setSpec(
                    JobSpec.newBuilder()
                        .setType("milepost.copy")
                        .setScope(JobScope.JOB_SCOPE_GLOBAL)
                        .setParams(said))
                .setStatus(JobStatus.newBuilder().setState(JobState.JOB_STATE_RUNNING)))
        .build();
  }
}
