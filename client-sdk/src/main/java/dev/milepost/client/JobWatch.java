package dev.milepost.client;

import java.time.Instant;
import java.util.Optional;

/**
 * Follows one job live: every journal entry exactly once and in order, and the latest status. It
 * ends after the last event of the finished job.
 *
 * <p>It fails with {@link JobNotFoundException} also if the job is deleted while it is watched.
 */
public final class JobWatch extends Watch<JobEvent> {
  private final JobWatchProtocol protocol;

  JobWatch(ClientCore core, String jobId, WatchOptions options) {
    this(core, new JobWatchProtocol(jobId, options));
  }

  private JobWatch(ClientCore core, JobWatchProtocol protocol) {
    super(core, protocol);
    this.protocol = protocol;
  }

  /**
   * Returns where to resume this watch later: after the last consumed event. Empty until the server
   * has sent the job. Thread-safe.
   *
   * @see WatchOptions#after(JobWatchPosition)
   */
  public Optional<JobWatchPosition> position() {
    return Optional.ofNullable(protocol.created())
        .map(
            created ->
                new JobWatchPosition(
                    sequence(), Instant.ofEpochSecond(created.getSeconds(), created.getNanos())));
  }

  /**
   * Returns the journal position of the last consumed event; a later watch can resume after it.
   *
   * @see #position()
   * @see WatchOptions#afterSequence(long)
   */
  public long sequence() {
    return consumedSequence();
  }
}
