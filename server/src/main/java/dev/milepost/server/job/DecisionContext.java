package dev.milepost.server.job;

import dev.milepost.storage.v1.JobRecord;
import java.time.Instant;
import java.util.Optional;

/** What a decision may know besides the job itself. */
public interface DecisionContext {
  /** The clock that decides. */
  ClockReading clock();

  /** The time that decides. */
  default Instant now() {
    return clock().now();
  }

  /** Returns a selected job, or the parent of one. */
  Optional<JobRecord> jobOrParent(JobKey key);

  /** A context at a point in time, for jobs that have no parent. */
  static DecisionContext at(Instant now) {
    return at(ClockReading.at(now));
  }

  /** A context at a reading of the clock, for jobs that have no parent. */
  static DecisionContext at(ClockReading clock) {
    return new DecisionContext() {
      @Override
      public ClockReading clock() {
        return clock;
      }

      @Override
      public Optional<JobRecord> jobOrParent(JobKey key) {
        return Optional.empty();
      }
    };
  }
}
