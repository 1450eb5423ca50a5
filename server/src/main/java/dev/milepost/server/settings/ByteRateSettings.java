package dev.milepost.server.settings;

import java.time.Duration;

/**
 * Limits of the bytes that callers send and receive per second. 0 means no limit.
 *
 * @param userBytes bytes per second of one user
 * @param tenantBytes bytes per second of one tenant
 * @param burst how much unused time can be saved up; positive
 */
public record ByteRateSettings(long userBytes, long tenantBytes, Duration burst) {
  /** Less would delay single messages of the maximum size for longer than leases last. */
  private static final long MIN_BYTES = 1 << 20;

  static ByteRateSettings of(Section limits) {
    return new ByteRateSettings(
        limits.bytesOrNone("user-bytes-per-second", MIN_BYTES),
        limits.bytesOrNone("tenant-bytes-per-second", MIN_BYTES),
        limits.positive("request-burst"));
  }
}
