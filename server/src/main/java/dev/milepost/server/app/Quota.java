package dev.milepost.server.app;

import java.util.List;
import java.util.Optional;

/**
 * One limit of what a tenant or user may keep.
 *
 * @param setting name of the setting, below {@code milepost.limits}
 * @param unit what is limited
 * @param limit 0: unlimited
 */
record Quota(String setting, Unit unit, long limit) {
  /** What is limited. */
  enum Unit {
    JOBS {
      @Override
      long of(QuotaAmount amount) {
        return amount.jobs();
      }

      @Override
      String text(long number) {
        return number == 1 ? "1 job" : number + " jobs";
      }
    };

    abstract long of(QuotaAmount amount);

    /** Writes a number with its unit. */
    abstract String text(long number);
  }

  /** Whether an amount is within the limit. */
  boolean holds(QuotaAmount amount) {
    return limit == 0 || unit.of(amount) <= limit;
  }

  /** Returns the first limit that an amount exceeds. */
  static Optional<Quota> exceeded(List<Quota> quotas, QuotaAmount amount) {
    return quotas.stream().filter(quota -> !quota.holds(amount)).findFirst();
  }
}
