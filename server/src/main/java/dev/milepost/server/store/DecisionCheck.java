package dev.milepost.server.store;

import dev.milepost.server.job.JobDecision;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.JobRecords;
import dev.milepost.server.job.JournalCap;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.LogCounts;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Stops decisions that no store could carry out without harm: they are faults of whoever decided.
 */
public final class DecisionCheck {
  private DecisionCheck() {}

  /**
   * Checks a decision before anything of it is done.
   *
   * @throws IllegalStateException where it names a job that was not selected and is neither the
   *     parent nor a new child of one that was, or one twice, or breaks the row of a job's
   *     revisions or journal
   */
  public static void requireSound(Selection selection, Found found, Decision<?> decision) {
    if (decision.request().isPresent() && selection.request().isEmpty()) {
      throw new IllegalStateException("remembers a request that was not named");
    }
    if (decision.changes().isEmpty()) {
      return;
    }
    if (decision.changes().size() == 1) {
      // Almost all are of this kind, and many: no tables need to be made for them.
      JobDecision change = decision.changes().get(0);
      JobKey key = change.key();
      require(
          change,
          found.jobOrParent(key).orElse(null),
          selection instanceof Selection.Named named && named.keys().contains(key));
    } else {
      requireAll(selection, found, decision.changes());
    }
  }

  private static void requireAll(Selection selection, Found found, List<JobDecision> changes) {
    Map<JobKey, JobRecord> current = new HashMap<>();
    found.jobs().forEach(job -> current.put(JobKey.of(job), job));
    found.parents().forEach(job -> current.put(JobKey.of(job), job));
    Set<JobKey> creatable =
        selection instanceof Selection.Named named ? new HashSet<>(named.keys()) : Set.of();
    Set<JobKey> seen = new HashSet<>();
    for (JobDecision change : changes) {
      JobKey key = change.key();
      if (!seen.add(key)) {
        throw new IllegalStateException("decides twice on job " + key.jobId());
      }
      require(change, current.get(key), creatable.contains(key) || isChildOf(current, change));
    }
  }

  /** A child of a job that was found may come new: its parent has kept an id for it. */
  private static boolean isChildOf(Map<JobKey, JobRecord> current, JobDecision change) {
    return change instanceof JobDecision.Put put
        && JobRecords.isChild(put.record())
        && put.record().getRevision() == 1
        && current.containsKey(JobRecords.parentOf(put.record()));
  }

  private static void require(JobDecision change, @Nullable JobRecord before, boolean isCreatable) {
    boolean creates = change instanceof JobDecision.Put && isCreatable;
    if (before == null && !creates) {
      throw new IllegalStateException(
          "decides on job " + change.key().jobId() + ", which was not found");
    }
    if (change instanceof JobDecision.Put put) {
      put.entries().forEach(DecisionCheck::requireContent);
      if (before != null) {
        requireNext(before, put);
      }
    }
  }

  /** A store that found out later would have to fail others with it. */
  private static void requireContent(JournalEntry entry) {
    try {
      JournalCap.count(LogCounts.getDefaultInstance(), entry, Integer.MAX_VALUE);
    } catch (IllegalArgumentException e) {
      throw new IllegalStateException("brings a bad entry", e);
    }
  }

  private static void requireNext(JobRecord current, JobDecision.Put put) {
    if (put.record().getRevision() != current.getRevision() + 1) {
      throw new IllegalStateException("does not follow revision " + current.getRevision());
    }
    long sequence = current.getJob().getStatus().getJournalSequence();
    for (JournalEntry entry : put.entries()) {
      if (entry.getSequence() != ++sequence) {
        throw new IllegalStateException("leaves a gap before entry " + entry.getSequence());
      }
    }
    if (put.record().getJob().getStatus().getJournalSequence() != sequence) {
      throw new IllegalStateException("does not bring the entries that it counts");
    }
  }
}
