package dev.milepost.server.copy;

/** Receives the progress of a copy, on the thread that copies. */
public interface CopyProgress {
  /** Does nothing. */
  CopyProgress NONE =
      new CopyProgress() {
        @Override
        public void begins(Phase phase, long jobs) {}

        @Override
        public void done(int jobs) {}
      };

  /** What a phase does with each job. */
  enum Phase {
    /** Writes it to the target. */
    COPYING,
    /** Reads it from both stores and compares. */
    VERIFYING
  }

  /** Called when a phase starts, with the approximate number of its jobs. */
  void begins(Phase phase, long jobs);

  /** Called when more jobs are done, with their number. */
  void done(int jobs);
}
