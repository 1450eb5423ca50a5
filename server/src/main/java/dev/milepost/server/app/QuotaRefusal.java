package dev.milepost.server.app;

/**
 * The words of a refusal: which limit, what its reader can do about it now, and who can raise it.
 */
final class QuotaRefusal {
  private QuotaRefusal() {}

  /**
   * What the caller can delete to make room.
   *
   * @param isAll whether it may delete all jobs of the owner of the limit; otherwise its own
   * @param use what there is of these jobs
   */
  record Deletable(boolean isAll, QuotaUse use) {}

  /**
   * Returns the message.
   *
   * @param owner whose limit it is
   * @param all what the owner has
   */
  static String message(
      QuotaOwner owner, Quota quota, NewJobs jobs, QuotaUse all, Deletable deletable) {
    Quota.Unit unit = quota.unit();
    // What the call has created is removed with it.
    long others = unit.of(all.all().minus(jobs.earlier()));
    long needed = unit.of(jobs.earlier().plus(jobs.amount()));
    String limit = unit.text(quota.limit()) + " (milepost.limits." + quota.setting() + ").";
    String state =
        others >= quota.limit()
            ? owner.title() + " has reached its limit of " + limit
            : owner.title()
                + " has "
                + unit.stored(others)
                + ", and this call needs "
                + (unit.of(jobs.earlier()) > 0 ? "at least " : "")
                + unit.text(needed)
                + ", which exceeds the limit of "
                + limit;
    String advice =
        needed > quota.limit()
            ? " The call exceeds the limit by itself, so that deleting jobs does not help."
            : advice(owner, jobs, all, deletable);
    return state + advice + " The administrator of this server can raise the limit.";
  }

  private static String advice(QuotaOwner owner, NewJobs jobs, QuotaUse all, Deletable deletable) {
    boolean isShared = !owner.isUser() && !deletable.isAll();
    if (isShared && deletable.use().all().minus(jobs.earlier()).jobs() == 0) {
      return " You have no jobs to delete."
          + (all.finishedJobs() > 0
              ? " An OPERATOR of the tenant can delete finished jobs."
              : " None of the tenant's jobs has finished: an OPERATOR of the tenant can cancel"
                  + " jobs, and delete them when they have ended.");
    }
    String whose = deletable.isAll() ? owner.isUser() ? "the user" : "the tenant" : "yours";
    long finished = deletable.use().finishedJobs();
    String first =
        finished > 0
            ? (finished == 1
                    ? " There is 1 finished job of "
                    : " There are " + finished + " finished jobs of ")
                + whose
                + ", which you can delete (DeleteJob, CleanupJobs); jobs of a batch or task are"
                + " deleted with it."
            : " No job of "
                + whose
                + " has finished. Cancel jobs that are no longer needed (CancelJobs), and delete"
                + " them when they have ended.";
    return isShared ? first + " An OPERATOR of the tenant can do so for all of its jobs." : first;
  }
}
