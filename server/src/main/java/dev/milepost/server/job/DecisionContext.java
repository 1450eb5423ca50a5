package dev.milepost.server.job;

import dev.milepost.storage.v1.JobRecord;
import java.time.Instant;
import java.util.Optional;

/** What a decision may know besides the job itself. */
public interface DecisionContext {
  /** The time that decides. */
  Instant now();

  /** Returns a selected job, or the parent of one. */
  Optional<JobRecord> jobOrParent(JobKey key);

  /** A context at a point in time, for jobs that have no parent. */
  static DecisionContext at(Instant now) {
    return new DecisionContext() {
      @Override
      public Instant now() {
        return now;
      }

      @Override
      public Optional<JobRecord> jobOrParent(JobKey key) {
        return Optional.empty();
      }
    };
  }
}
