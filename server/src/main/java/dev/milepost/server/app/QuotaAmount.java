package dev.milepost.server.app;

/**
 * How much is stored, or about to be.
 *
 * @param jobs number of jobs
 */
record QuotaAmount(long jobs) {
  static final QuotaAmount NOTHING = new QuotaAmount(0);

  QuotaAmount plus(QuotaAmount other) {
    return new QuotaAmount(jobs + other.jobs);
  }

  /** Subtracts; the result is not negative. */
  QuotaAmount minus(QuotaAmount other) {
    return new QuotaAmount(Math.max(0, jobs - other.jobs));
  }
}
