package dev.milepost.server.job;

import dev.milepost.storage.v1.ChildWork;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.storage.v1.StepRecord;
import dev.milepost.v1.Item;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * The rules between a parent and its children: a batch and its parts, a task and its steps. What
 * follows from a child's change is decided with the change, so that one commit holds both.
 *
 * <p>Pure and thread-safe, as {@link JobRules} is.
 */
public final class ParentRules {
  private final JobRules rules;

  ParentRules(JobRules rules) {
    this.rules = rules;
  }

  /**
   * Adds to decisions on jobs what follows for their parents: their counters, their progress, their
   * end, the next step's job.
   *
   * @param decisions on any jobs; decisions on parents among them are taken up
   * @param found a job as it was found, selected or the parent of one that was
   * @param isWatched whether somebody watches a parent, so that its progress moves with its
   *     children's own
   * @throws Refusal.ChildJob where a child may not be changed without its parent
   */
  public List<JobDecision> settle(
      List<JobDecision> decisions,
      Function<JobKey, Optional<JobRecord>> found,
      Predicate<JobKey> isWatched,
      Instant now) {
    boolean concernsNobody = true;
    for (JobDecision decision : decisions) {
      concernsNobody &= !isOfChild(decision, found);
    }
    return concernsNobody
        ? decisions
        : new Settlement(decisions, found, isWatched, Times.grain(now)).settled();
  }

  private static boolean isOfChild(
      JobDecision decision, Function<JobKey, Optional<JobRecord>> found) {
    if (decision instanceof JobDecision.Put put) {
      return JobRecords.isChild(put.record());
    }
    return decision instanceof JobDecision.Remove remove
        && found.apply(remove.key()).filter(JobRecords::isChild).isPresent();
  }

  /** Decisions, and the parents that they concern. Used once. */
  private final class Settlement {
    private final List<JobDecision> decisions;
    private final Function<JobKey, Optional<JobRecord>> found;
    private final Predicate<JobKey> isWatched;
    private final Instant now;
    private final Map<JobKey, JobDecision> settled = new LinkedHashMap<>();
    private final Map<JobKey, ParentEdit> parents = new LinkedHashMap<>();

    Settlement(
        List<JobDecision> decisions,
        Function<JobKey, Optional<JobRecord>> found,
        Predicate<JobKey> isWatched,
        Instant now) {
      this.decisions = decisions;
      this.found = found;
      this.isWatched = isWatched;
      this.now = now;
      decisions.forEach(decision -> settled.put(decision.key(), decision));
    }

    List<JobDecision> settled() {
      for (JobDecision decision : decisions) {
        if (isOfChild(decision, found)) {
          settle(decision);
        }
      }
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
      if (!(decision instanceof JobDecision.Put put)) {
        throw new Refusal.ChildJob(
            key.jobId(), JobRecords.parentOf(found.apply(key).orElseThrow()).jobId());
      }
      JobRecord child = put.record();
      JobKey parentKey = JobRecords.parentOf(child);
      boolean moved = ChildShares.hasMoved(child);
      if (!moved
          && (!isWatched.test(parentKey) || ChildShares.of(child).equals(child.getShare()))) {
        return;
      }
      ParentEdit parent = parents.get(parentKey);
      if (parent == null) {
        parent = open(parentKey);
        parents.put(parentKey, parent);
      }
      boolean isAgain =
          Transitions.isFinished(child.getShare().getState())
              && !Transitions.isFinished(child.getJob().getStatus().getState());
      if (isAgain && Transitions.isFinished(parent.edit().status().getState())) {
        throw new Refusal.ChildJob(key.jobId(), parentKey.jobId());
      }
      settled.put(key, new JobDecision.Put(parent.recount(child), put.entries(), put.items()));
    }

    private ParentEdit open(JobKey key) {
      return settled.get(key) instanceof JobDecision.Put decided
          ? new ParentEdit(decided, now, rules)
          : new ParentEdit(
              found
                  .apply(key)
                  .orElseThrow(() -> new IllegalStateException("no parent " + key.jobId())),
              now,
              rules);
    }
  }

  /**
   * A new batch, still open: its children have yet to come.
   *
   * @param batch validated: its id, tenant, user and spec are set
   * @param requestId of the stream that makes it; empty: none
   */
  public JobDecision.Put openBatch(NewJob batch, String requestId, Instant now) {
    return BatchRule.open(batch, requestId, Times.grain(now), rules);
  }

  /**
   * Whether a job is a batch that an earlier stream of the same request has left unfinished, or
   * makes still.
   *
   * @param userId whose request
   * @param requestId empty: it is no other's
   */
  public boolean isLeftBy(JobRecord job, String userId, String requestId) {
    return BatchRule.isLeftBy(job, userId, requestId);
  }

  /**
   * One more child of an open batch.
   *
   * @param child key of the new job
   * @param items its items, validated, at least one
   * @throws Refusal.BatchClosed where it is not open any more
   */
  public List<JobDecision> addToBatch(
      JobRecord batch, JobKey child, List<Item> items, Instant now) {
    return BatchRule.add(batch, child, items, Times.grain(now), rules);
  }

  /**
   * The batch is whole: from now on its children are let go to the workers.
   *
   * @throws Refusal.BatchClosed where it is not open any more
   */
  public JobDecision.Put sealBatch(JobRecord batch, Instant now) {
    return BatchRule.seal(batch, Times.grain(now), rules);
  }

  /** Nothing more comes: an open batch goes with its children. */
  public JobDecision abandonBatch(JobRecord batch, Instant now) {
    return BatchRule.abandon(batch, Times.grain(now), rules);
  }

  /**
   * A new task and the job of its first step.
   *
   * @param task validated: its id, tenant, user and spec are set
   * @param steps at least one; ids of jobs that cannot exist yet, validated specs
   * @param items items of the first step, validated
   */
  public List<JobDecision> startTask(
      NewJob task, List<StepRecord> steps, List<Item> items, Instant now) {
    return TaskRule.start(task, steps, items, Times.grain(now), rules);
  }

  /**
   * Does to a slice of children what is to be done to all.
   *
   * @param expected what the slice was read for; where that is not to be done any more, or has been
   *     done, nothing is
   * @param children the slice, as they are
   * @param next where the next slice begins; empty: this is the last
   */
  public List<JobDecision> slice(
      JobRecord parent,
      ChildWork expected,
      List<JobRecord> children,
      Optional<String> next,
      Instant now) {
    return ChildSlices.children(parent, expected, children, next, Times.grain(now), rules);
  }

  /**
   * Hands a slice of items from one step to the next.
   *
   * @param next the job of the next step
   * @param items of the step before
   * @param known what the next step has of them already, by id
   * @param after where the next slice begins; empty: this is the last
   */
  public List<JobDecision> passItems(
      JobRecord task,
      ChildWork expected,
      JobRecord next,
      List<Item> items,
      Map<String, Item> known,
      Optional<String> after,
      Instant now) {
    return ChildSlices.passItems(
        task, expected, next, items, known, after, Times.grain(now), rules);
  }
}
