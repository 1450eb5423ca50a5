package dev.milepost.client;

/**
 * Follows one job live: every journal entry exactly once and in order, and the latest status. It
 * ends after the last event of the finished job.
 *
 * <p>It fails with {@link JobNotFoundException} also if the job is deleted while it is watched.
 */
public final class JobWatch extends Watch<JobEvent> {
  JobWatch(ClientCore core, String jobId, WatchOptions options) {
    super(core, new JobWatchProtocol(jobId, options));
  }

  /**
   * Returns the journal position of the last consumed event; a later watch can resume after it.
   *
   * @see WatchOptions#afterSequence(long)
   */
  public long sequence() {
    return consumedSequence();
  }
}
