package dev.milepost.server.store.memory;

import dev.milepost.server.job.Times;
import dev.milepost.server.store.RequestKey;
import dev.milepost.storage.v1.RequestRecord;
import java.time.Instant;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Remembered idempotent requests. Used by the store's thread only. */
final class MemoryRequests {
  /** In the order of their arrival, which is that of their expiry. */
  private final Map<RequestKey, RequestRecord> byKey = new LinkedHashMap<>();

  @Nullable RequestRecord get(RequestKey key, Instant now) {
    RequestRecord request = byKey.get(key);
    return request == null || isExpired(request, now) ? null : request;
  }

  void put(RequestKey key, RequestRecord request, Instant now) {
    byKey.remove(key);
    byKey.put(key, request);
    Iterator<RequestRecord> oldest = byKey.values().iterator();
    while (oldest.hasNext() && isExpired(oldest.next(), now)) {
      oldest.remove();
    }
  }

  /** Removes the requests of a user; returns how many there were. */
  long removeUser(String tenantId, String userId) {
    long before = byKey.size();
    byKey.keySet().removeIf(key -> key.tenantId().equals(tenantId) && key.userId().equals(userId));
    return before - byKey.size();
  }

  private static boolean isExpired(RequestRecord request, Instant now) {
    return !Times.instant(request.getExpireTime()).isAfter(now);
  }
}
