package dev.milepost.server.store;

import com.google.protobuf.Message;
import dev.milepost.server.job.CallerException;
import dev.milepost.server.job.ErrorStatus;
import dev.milepost.v1.ErrorReason;
import java.io.Serial;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;

/** A backup or a restore is refused, although the store is healthy. Nothing was changed. */
public final class BackupException extends CallerException {
  @Serial private static final long serialVersionUID = 1;

  /** How long another backup may take at least. */
  private static final Duration RETRY = Duration.ofSeconds(10);

  private BackupException(
      ErrorReason reason, String message, Map<String, String> metadata, Message... details) {
    super(reason, message, metadata, details);
  }

  /**
   * The store has tools of its own.
   *
   * @param store name of the engine
   * @param advice a sentence: what to use instead
   */
  public static BackupException unsupported(String store, String advice) {
    return new BackupException(
        ErrorReason.BACKUP_UNSUPPORTED,
        advice + " docs/BACKUP.md says how.",
        Map.of("store", store));
  }

  /** Another backup is being made. */
  public static BackupException inProgress() {
    return new BackupException(
        ErrorReason.BACKUP_IN_PROGRESS,
        "Another backup of this store is being made. Try again when it has ended.",
        Map.of(),
        ErrorStatus.retryAfter(RETRY));
  }

  /** A file has that name. */
  public static BackupException exists(String file) {
    return new BackupException(
        ErrorReason.BACKUP_ALREADY_EXISTS,
        "There is a file " + file + " already. Use another name.",
        Map.of("file", file));
  }

  /** The disk has too little room. */
  public static BackupException noSpace(String directory, long neededBytes, long freeBytes) {
    return new BackupException(
        ErrorReason.LIMIT_EXCEEDED,
        String.format(
            Locale.ROOT,
            "The disk of %s has %,d MiB free, and the backup would need %,d MiB,"
                + " milepost.limits.min-free-disk included. Free disk space, or use another"
                + " directory.",
            directory,
            freeBytes >> 20,
            (neededBytes >> 20) + 1),
        Map.of("limit", "milepost.limits.min-free-disk", "subject", "server"));
  }
}
