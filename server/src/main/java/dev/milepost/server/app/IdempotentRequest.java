package dev.milepost.server.app;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.milepost.server.access.Caller;
import dev.milepost.server.job.Fingerprints;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.Refusal;
import dev.milepost.server.job.Times;
import dev.milepost.server.store.Found;
import dev.milepost.server.store.RequestKey;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.storage.v1.RequestRecord;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A request that may carry a request_id (AIP-155): a repetition with the same content gets the
 * first answer, one with other content is refused. Immutable.
 *
 * @param caller who sent the request
 * @param key names the request in the store; empty if it carries no request_id
 * @param fingerprints of the request's fields, by name; empty if it carries no request_id
 * @param content what a repetition must have in common with it
 * @param pathHashes of the parts of the content; empty if it carries no request_id
 */
record IdempotentRequest(
    Caller caller,
    Optional<RequestKey> key,
    Map<String, ByteString> fingerprints,
    Message content,
    List<Long> pathHashes) {
  /** How long a request_id is remembered. */
  private static final Duration TTL = Duration.ofHours(24);

  /**
   * Describes a request.
   *
   * @param method its RPC
   * @param requestId its request_id; empty: none
   * @param content what a repetition must have in common with it
   */
  static IdempotentRequest of(Caller caller, String method, String requestId, Message content) {
    return requestId.isEmpty()
        ? new IdempotentRequest(caller, Optional.empty(), Map.of(), content, List.of())
        : new IdempotentRequest(
            caller,
            Optional.of(new RequestKey(caller.tenantId(), caller.userId(), method, requestId)),
            Fingerprints.ofFields(content),
            content,
            Fingerprints.ofPaths(content));
  }

  /** Returns the same request with the fingerprint of one more field. */
  IdempotentRequest with(String field, ByteString fingerprint) {
    Map<String, ByteString> more = new TreeMap<>(fingerprints);
    more.put(field, fingerprint);
    return new IdempotentRequest(caller, key, more, content, pathHashes);
  }

  /**
   * Returns what the first request left, if this is a repetition.
   *
   * @throws Refusal.RequestIdReused if the first request had other content
   */
  Optional<RequestRecord> first(Found found) {
    found.request().ifPresent(first -> Fingerprints.requireSame(first, fingerprints, content));
    return found.request();
  }

  /**
   * Returns the job that the first request created, if this is a repetition.
   *
   * @throws Refusal.RequestIdReused if the first request had other content
   * @throws Refusal.CreatedJobDeleted if the job was deleted, or the caller may no longer see it
   * @throws Refusal.JobUnreadable if the job is damaged
   */
  Optional<JobRecord> firstJob(Found found, JobAccess access) {
    return first(found)
        .map(first -> first.getJobIds(0))
        .map(
            id ->
                found
                    .job(new JobKey(caller.tenantId(), id))
                    .filter(job -> access.isVisible(caller, job, found.now()))
                    .orElseThrow(
                        () ->
                            access.notFound(caller, id, found.unreadable())
                                    instanceof Refusal.JobUnreadable damaged
                                ? damaged
                                : new Refusal.CreatedJobDeleted(id)));
  }

  /** Returns what to keep of a request that created a job. */
  Optional<RequestRecord> record(Found found, String jobId) {
    return record(found, List.of(jobId), List.of());
  }

  /**
   * Returns what to keep of a request that created or claimed jobs.
   *
   * @param attemptTokens tokens of the attempts that it started, in the order of the jobs; empty:
   *     none
   */
  Optional<RequestRecord> record(Found found, List<String> jobIds, List<String> attemptTokens) {
    return key.map(
        any ->
            RequestRecord.newBuilder()
                .putAllFieldFingerprints(fingerprints)
                .addAllPathHashes(pathHashes)
                .setExpireTime(Times.timestamp(found.now().plus(TTL)))
                .addAllJobIds(jobIds)
                .addAllAttemptTokens(attemptTokens)
                .build());
  }
}
