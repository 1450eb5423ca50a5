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

/** Requests that carry a request_id (AIP-155): how they are named, and what is kept of them. */
final class IdempotentRequests {
  /** How long a request_id is remembered. */
  private static final Duration MEMORY = Duration.ofHours(24);

  private IdempotentRequests() {}

  /**
   * Names a caller's request.
   *
   * @param method RPC that it is a request of
   * @param requestId as the caller gave it
   * @return empty where it carries no id
   */
  static Optional<RequestKey> key(Caller caller, String method, String requestId) {
    return requestId.isEmpty()
        ? Optional.empty()
        : Optional.of(new RequestKey(caller.tenantId(), caller.userId(), method, requestId));
  }

  /** What to keep of a request, but for the jobs that it is about. */
  static RequestRecord.Builder record(Map<String, ByteString> fingerprints, Instant now) {
    return RequestRecord.newBuilder()
        .putAllFieldFingerprints(fingerprints)
        .setExpireTime(Times.timestamp(now.plus(MEMORY)));
  }

  /** What to keep of a request that made a job. */
  static RequestRecord ofJob(String jobId, Map<String, ByteString> fingerprints, Instant now) {
    return record(fingerprints, now).addJobIds(jobId).build();
  }
}
