package dev.milepost.server.app;

import com.google.protobuf.ByteString;
import dev.milepost.server.access.Caller;
import dev.milepost.server.job.Times;
import dev.milepost.server.store.RequestKey;
import dev.milepost.storage.v1.RequestRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** Requests with a request_id (AIP-155): their keys, and the records that are kept of them. */
final class IdempotentRequests {
  /** How long a request_id is remembered. */
  private static final Duration REQUEST_ID_TTL = Duration.ofHours(24);

  private IdempotentRequests() {}

  /**
   * Returns the key of a caller's request.
   *
   * @param method name of the RPC
   * @param requestId as the caller sent it
   * @return empty if the request has no id
   */
  static Optional<RequestKey> key(Caller caller, String method, String requestId) {
    return requestId.isEmpty()
        ? Optional.empty()
        : Optional.of(new RequestKey(caller.tenantId(), caller.userId(), method, requestId));
  }

  /** Returns the record to keep of a request, without the jobs that it concerns. */
  static RequestRecord.Builder record(Map<String, ByteString> fingerprints, Instant now) {
    return RequestRecord.newBuilder()
        .putAllFieldFingerprints(fingerprints)
        .setExpireTime(Times.timestamp(now.plus(REQUEST_ID_TTL)));
  }

  /** Returns the record to keep of a request that created a job. */
  static RequestRecord ofJob(String jobId, Map<String, ByteString> fingerprints, Instant now) {
    return record(fingerprints, now).addJobIds(jobId).build();
  }
}
