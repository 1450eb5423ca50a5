package dev.milepost.server.store;

import dev.milepost.server.job.JobDecision;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.JobRecords;
import dev.milepost.server.job.JournalCap;
import dev.milepost.server.job.Refusal;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.LogCounts;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Rejects decisions that would damage a store. They are bugs of the caller. */
public final class DecisionCheck {
  private DecisionCheck() {}

  /**
   * Checks a decision before any of it is applied.
   *
   * @throws IllegalStateException if the decision names a job twice, or one that was neither
   *     selected nor the parent or a new child of a selected job, or if it leaves a gap in a job's
   *     revisions or journal
   * @throws Refusal.JobUnreadable if it changes a job that cannot be read, instead of removing or
   *     postponing it or marking it as failed
   */
  public static void requireSound(Selection selection, Found found, Decision<?> decision) {
    if (decision.request().isPresent() && selection.request().isEmpty()) {
      throw new IllegalStateException(
          "A decision remembers a request that the update did not name.");
    }
    if (decision.changes().isEmpty()) {
      return;
    }
    if (decision.changes().size() == 1) {
      // The common case needs no maps.
      JobDecision change = decision.changes().get(0);
      JobKey key = change.key();
      require(
          change,
          found.jobOrParent(key).orElse(null),
          found.unreadable(key).isPresent(),
          decision.isCopy(),
          selection instanceof Selection.Named named && named.keys().contains(key));
    } else {
      requireAll(selection, found, decision);
    }
  }

  private static void requireAll(Selection selection, Found found, Decision<?> decision) {
    Map<JobKey, JobRecord> current = new HashMap<>();
    found.jobs().forEach(job -> current.put(JobKey.of(job), job));
    found.parents().forEach(job -> current.put(JobKey.of(job), job));
    Set<JobKey> creatable =
        selection instanceof Selection.Named named ? new HashSet<>(named.keys()) : Set.of();
    Set<JobKey> unreadable = new HashSet<>();
    found.unreadable().forEach(job -> unreadable.add(job.key()));
    Set<JobKey> seen = new HashSet<>();
    for (JobDecision change : decision.changes()) {
      JobKey key = change.key();
      if (!seen.add(key)) {
        throw new IllegalStateException("A decision changes job " + key.jobId() + " twice.");
      }
      require(
          change,
          current.get(key),
          unreadable.contains(key),
          decision.isCopy(),
          creatable.contains(key) || isChildOf(current, change));
    }
  }

  /** A new child of a job that was found: its parent has reserved the id. */
  private static boolean isChildOf(Map<JobKey, JobRecord> current, JobDecision change) {
    return change instanceof JobDecision.Put put
        && JobRecords.isChild(put.record())
        && put.record().getRevision() == 1
        && current.containsKey(JobRecords.parentOf(put.record()));
  }

  private static void require(
      JobDecision change,
      @Nullable JobRecord before,
      boolean isUnreadable,
      boolean isCopy,
      boolean isCreatable) {
    if (isUnreadable) {
      if (change instanceof JobDecision.Put) {
        // It would overwrite what may still be restored.
        throw new Refusal.JobUnreadable(change.key().jobId());
      }
      return;
    }
    if (change instanceof JobDecision.MarkFailed) {
      throw new IllegalStateException(
          "A decision marks job " + change.key().jobId() + " as failed, which can be read.");
    }
    boolean creates = change instanceof JobDecision.Put && isCreatable;
    if (before == null && !creates) {
      throw new IllegalStateException(
          "A decision changes job " + change.key().jobId() + ", which was not found.");
    }
    if (change instanceof JobDecision.Put put) {
      put.entries().forEach(DecisionCheck::requireContent);
      if (before != null && !isCopy) {
        requireNext(before, put);
      }
    }
  }

  /**
   * Checks an entry now: a store that failed on it later would fail the other updates of its group.
   */
  private static void requireContent(JournalEntry entry) {
    try {
      JournalCap.count(LogCounts.getDefaultInstance(), entry, Integer.MAX_VALUE);
    } catch (IllegalArgumentException e) {
      throw new IllegalStateException("A decision adds an invalid journal entry.", e);
    }
  }

  private static void requireNext(JobRecord current, JobDecision.Put put) {
    if (put.record().getRevision() != current.getRevision() + 1) {
      throw new IllegalStateException(
          "A decision does not follow revision " + current.getRevision() + ".");
    }
    long sequence = current.getJob().getStatus().getJournalSequence();
    for (JournalEntry entry : put.entries()) {
      if (entry.getSequence() != ++sequence) {
        throw new IllegalStateException(
            "A decision leaves a gap before journal entry " + entry.getSequence() + ".");
      }
    }
    if (put.record().getJob().getStatus().getJournalSequence() != sequence) {
      throw new IllegalStateException("A decision counts journal entries that it does not add.");
    }
  }
}
