package dev.milepost.server.transport;

import dev.milepost.server.app.LimitException;
import dev.milepost.server.app.TokenBuckets;
import java.time.Duration;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * The bytes per second of users and tenants: requests, messages of streams that they send, and
 * responses of unary calls. The size of a message is known when it has arrived. So it is counted
 * then, and what comes next waits or is refused. Thread-safe.
 */
public final class ByteRates {
  /** Settings of the limits, below {@code milepost.limits}. */
  private static final String USER = "user-bytes-per-second";

  private static final String TENANT = "tenant-bytes-per-second";

  private final long userBytes;
  private final long tenantBytes;
  private final TokenBuckets users;
  private final TokenBuckets tenants;
  private final InstantSource clock;

  /**
   * Creates rates; nothing has been sent yet.
   *
   * @param userBytes bytes per second of one user; 0 means unlimited
   * @param tenantBytes bytes per second of one tenant; 0 means unlimited
   * @param burst bytes of this much time that an idle user can send at once; positive
   */
  public ByteRates(long userBytes, long tenantBytes, Duration burst, InstantSource clock) {
    this.userBytes = userBytes;
    this.tenantBytes = tenantBytes;
    this.users = new TokenBuckets(userBytes, burst);
    this.tenants = new TokenBuckets(tenantBytes, burst);
    this.clock = clock;
  }

  /**
   * Whose bytes they are.
   *
   * @param key identifies the user among all tenants
   * @param user name of the user, for messages
   * @param tenant name of the tenant
   */
  public record Payer(String key, String user, String tenant) {}

  /**
   * A rate that is exceeded.
   *
   * @param setting its name, below {@code milepost.limits}
   * @param subject whom it applies to
   * @param who the same for people
   * @param bytes the limit, per second
   * @param delay until it is kept again; positive
   */
  record Excess(String setting, String subject, String who, long bytes, Duration delay) {
    LimitException refusal() {
      return LimitException.raisable(
          setting,
          subject,
          who + " has sent and received more than " + bytes + " bytes per second",
          "Try again after the delay of this error.",
          delay);
    }
  }

  /** Counts what has arrived or was sent. Negative: counts nothing. */
  void charge(Payer payer, long bytes) {
    if (userBytes == 0 && tenantBytes == 0) {
      return;
    }
    var now = clock.instant();
    users.charge(payer.key(), bytes, now);
    tenants.charge(payer.tenant(), bytes, now);
  }

  /** Returns the rate that keeps a user from sending more now; null if none does. */
  @Nullable Excess excess(Payer payer) {
    if (userBytes == 0 && tenantBytes == 0) {
      return null;
    }
    var now = clock.instant();
    Duration user = users.owed(payer.key(), now);
    Duration tenant = tenants.owed(payer.tenant(), now);
    if (user.isZero() && tenant.isZero()) {
      return null;
    }
    return user.compareTo(tenant) >= 0
        ? new Excess(USER, "user:" + payer.user(), "User " + payer.user(), userBytes, user)
        : new Excess(
            TENANT, "tenant:" + payer.tenant(), "Tenant " + payer.tenant(), tenantBytes, tenant);
  }
}
