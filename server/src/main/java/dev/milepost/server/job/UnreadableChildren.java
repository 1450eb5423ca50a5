package dev.milepost.server.job;

import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.Job;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What follows for a batch or task if the record of one of its children cannot be read: without its
 * share, the counters of the parent would never reach the end. Such a child counts as failed.
 *
 * <p>Pure and thread-safe, like {@link JobRules}.
 */
public final class UnreadableChildren {
  private final JobRules rules;

  UnreadableChildren(JobRules rules) {
    this.rules = rules;
  }

  /**
   * Deletes a job that cannot be read. If it is a child that has not finished, its parent counts it
   * as failed.
   *
   * @param known what the store knows of the job
   * @param context finds the parent, if it exists and can be read
   */
  public List<JobDecision> remove(Job known, DecisionContext context) {
    List<JobDecision> decisions = new ArrayList<>(settle(known, context));
    decisions.add(new JobDecision.Remove(JobKey.of(known)));
    return decisions;
  }

  /**
   * Ends a child that cannot be read: it and its parent count it as failed, and its record stays as
   * it is.
   *
   * @param known what the store knows of the job
   * @param context finds the parent, if it exists and can be read
   * @return empty if the job has finished, or no parent waits for it
   */
  public List<JobDecision> fail(Job known, DecisionContext context) {
    List<JobDecision> decisions = new ArrayList<>(settle(known, context));
    if (!decisions.isEmpty()) {
      decisions.add(new JobDecision.MarkFailed(JobKey.of(known)));
    }
    return decisions;
  }

  private List<JobDecision> settle(Job known, DecisionContext context) {
    Optional<JobRecord> parent =
        known.getParentId().isEmpty()
            ? Optional.empty()
            : context
                .jobOrParent(new JobKey(known.getTenantId(), known.getParentId()))
                .filter(JobRecords::isParent);
    if (parent.isEmpty()) {
      return List.of();
    }
    ParentEdit edit = new ParentEdit(parent.get(), context.clock(), rules);
    if (!edit.failUnreadable(known)) {
      return List.of();
    }
    edit.conclude(rules);
    return edit.decisions();
  }
}
