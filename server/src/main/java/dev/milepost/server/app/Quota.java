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

      @Override
      String stored(long number) {
        return text(number);
      }
    },
    BYTES {
      @Override
      long of(QuotaAmount amount) {
        return amount.bytes();
      }

      @Override
      String text(long number) {
        double size = number;
        int unit = 0;
        while (size >= 1024 && unit < BYTE_UNITS.size() - 1) {
          size /= 1024;
          unit++;
        }
        // Rounded up, so that what exceeds a limit does not read as the limit.
        double tenths = Math.ceil(size * 10) / 10;
        return (tenths == Math.rint(tenths)
                ? Long.toString((long) tenths)
                : Double.toString(tenths))
            + ' '
            + BYTE_UNITS.get(unit);
      }

      @Override
      String stored(long number) {
        return text(number) + " stored";
      }
    };

    private static final List<String> BYTE_UNITS = List.of("bytes", "KiB", "MiB", "GiB", "TiB");

    abstract long of(QuotaAmount amount);

    /** Writes a number with its unit. */
    abstract String text(long number);

    /** Writes a number with its unit, of what is stored. */
    abstract String stored(long number);
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
