package dev.milepost.client;

/**
 * Follows how far one job is: first as it is now, then each change, of which a slow consumer gets
 * only the latest. It ends when the job has finished.
 *
 * <p>It needs no other right than that to see the job's progress, such as a share token. It fails
 * with {@link JobNotFoundException} also if the job is deleted while it is watched, and with {@link
 * AccessDeniedException} if the share token expires or is revoked.
 */
public final class ProgressWatch extends Watch<JobProgress> {
  ProgressWatch(ClientCore core, String jobId) {
    super(core, new ProgressWatchProtocol(jobId));
  }
}
