package dev.milepost.server.job;

import dev.milepost.storage.v1.JobRecord;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Adds to decisions on children what follows for their parents: counters, progress, end, and the
 * job of a task's next step. One commit then holds both. Used once, by one thread.
 */
final class ParentSettlement {
  private final DecisionContext context;
  private final Predicate<JobKey> isWatched;
  private final JobRules rules;
  private final Map<JobKey, JobDecision> settled = new LinkedHashMap<>();
  private final Map<JobKey, ParentEdit> parents = new LinkedHashMap<>();

  private ParentSettlement(DecisionContext context, Predicate<JobKey> isWatched, JobRules rules) {
    this.context = context;
    this.isWatched = isWatched;
    this.rules = rules;
  }

  /**
   * Returns the decisions with those on parents.
   *
   * @param decisions on any jobs, parents among them
   * @throws Refusal.ChildJob if a child cannot be changed like this without its parent
   */
  static List<JobDecision> settle(
      List<JobDecision> decisions,
      DecisionContext context,
      Predicate<JobKey> isWatched,
      JobRules rules) {
    List<JobDecision> ofChildren = new ArrayList<>();
    for (JobDecision decision : decisions) {
      if (isOfChild(decision, context)) {
        ofChildren.add(decision);
      }
    }
    return ofChildren.isEmpty()
        ? decisions
        : new ParentSettlement(context, isWatched, rules).settle(decisions, ofChildren);
  }

  private static boolean isOfChild(JobDecision decision, DecisionContext context) {
    if (decision instanceof JobDecision.Put put) {
      return JobRecords.isChild(put.record());
    }
    return decision instanceof JobDecision.Remove remove
        && context.jobOrParent(remove.key()).filter(JobRecords::isChild).isPresent();
  }

  private List<JobDecision> settle(List<JobDecision> decisions, List<JobDecision> ofChildren) {
    decisions.forEach(decision -> settled.put(decision.key(), decision));
    ofChildren.forEach(this::settle);
    List<JobDecision> all = new ArrayList<>();
    for (ParentEdit parent : parents.values()) {
      parent.conclude(rules);
      all.addAll(parent.decisions());
    }
    settled.forEach(
        (key, decision) -> {
          if (!parents.containsKey(key)) {
            all.add(decision);
          }
        });
    return all;
  }

  private void settle(JobDecision decision) {
    JobKey key = decision.key();
    if (isOrphan(decision)) {
      return;
    }
    if (!(decision instanceof JobDecision.Put put)) {
      throw new Refusal.ChildJob(
          key.jobId(), JobRecords.parentOf(context.jobOrParent(key).orElseThrow()).jobId());
    }
    JobRecord child = put.record();
    JobKey parentKey = JobRecords.parentOf(child);
    if (!ChildShares.hasNewState(child)
        && (!isWatched.test(parentKey) || ChildShares.of(child).equals(child.getShare()))) {
      return;
    }
    ParentEdit parent = parents.get(parentKey);
    if (parent == null) {
      parent = open(parentKey);
      parents.put(parentKey, parent);
    }
    boolean isRetried =
        Transitions.isFinished(child.getShare().getState())
            && !Transitions.isFinished(child.getJob().getStatus().getState());
    if (isRetried && Transitions.isFinished(parent.edit().status().getState())) {
      throw new Refusal.ChildJob(key.jobId(), parentKey.jobId());
    }
    settled.put(key, new JobDecision.Put(parent.recount(child), put.entries(), put.items()));
  }

  /**
   * Whether the parent of a child is not there: its record could not be read, and it may have been
   * removed. The child then goes on by itself, and keeps what the parent has counted of it.
   */
  private boolean isOrphan(JobDecision decision) {
    JobRecord child =
        decision instanceof JobDecision.Put put
            ? put.record()
            : context.jobOrParent(decision.key()).orElseThrow();
    JobKey parent = JobRecords.parentOf(child);
    return context.jobOrParent(parent).isEmpty() && !settled.containsKey(parent);
  }

  private ParentEdit open(JobKey key) {
    if (settled.get(key) instanceof JobDecision.Put decided) {
      return new ParentEdit(decided, context.clock(), rules);
    }
    Optional<JobRecord> parent = context.jobOrParent(key);
    return new ParentEdit(
        parent.orElseThrow(() -> new IllegalStateException("no parent " + key.jobId())),
        context.clock(),
        rules);
  }
}
