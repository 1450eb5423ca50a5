package dev.milepost.server.copy;

/** Hears how far a copy is. Called by the thread that copies. */
public interface CopyProgress {
  /** Nobody looks on. */
  CopyProgress NONE =
      new CopyProgress() {
        @Override
        public void begins(Phase phase, long jobs) {}

        @Override
        public void done(int jobs) {}
      };

  /** What is done with each job. */
  enum Phase {
    /** It is written. */
    COPYING,
    /** It is read again from both stores, and compared. */
    VERIFYING
  }

  /** A phase begins, in which about so many jobs will be done. */
  void begins(Phase phase, long jobs);

  /** So many jobs more are done, of those that the phase began with. */
  void done(int jobs);
}
