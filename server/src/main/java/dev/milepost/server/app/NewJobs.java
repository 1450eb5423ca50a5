package dev.milepost.server.app;

import dev.milepost.server.access.Caller;

/**
 * What a call is about to create.
 *
 * @param caller who calls
 * @param userId the owner of the new jobs, who may be another user of the caller's tenant
 * @param amount how much, at least 1 job
 * @param earlier what the same call has created already, and what is removed if it fails
 */
record NewJobs(Caller caller, String userId, QuotaAmount amount, QuotaAmount earlier) {
  /** All jobs of a call. */
  static NewJobs of(Caller caller, String userId, QuotaAmount amount) {
    return new NewJobs(caller, userId, amount, QuotaAmount.NOTHING);
  }

  QuotaOwner tenant() {
    return QuotaOwner.tenant(caller.tenantId());
  }

  QuotaOwner user() {
    return new QuotaOwner(caller.tenantId(), userId);
  }

  /** The caller, as the owner of jobs. */
  QuotaOwner self() {
    return new QuotaOwner(caller.tenantId(), caller.userId());
  }
}
