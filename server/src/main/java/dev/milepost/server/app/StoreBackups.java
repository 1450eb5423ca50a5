package dev.milepost.server.app;

import dev.milepost.server.concurrent.ThreadFactories;
import dev.milepost.server.job.FieldChecks;
import dev.milepost.server.store.BackupException;
import dev.milepost.server.store.BackupFile;
import dev.milepost.server.store.BackupProgress;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.OnlineBackup;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadFactory;
import java.util.regex.Pattern;

/** Makes backups of the store, each on a thread of its own. Thread-safe. */
public final class StoreBackups {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");

  private static final DateTimeFormatter AT =
      DateTimeFormatter.ofPattern("'backup-'uuuuMMdd'T'HHmmssX'.db'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private static final ThreadFactory THREADS = ThreadFactories.nonDaemon("milepost-backup");

  private final JobStore store;
  private final String directory;
  private final long minFree;
  private final InstantSource time;

  /**
   * Creates the use case.
   *
   * @param directory where backups are made
   * @param minFree bytes that must stay free on its disk
   * @param time names backups that have no name
   */
  public StoreBackups(JobStore store, String directory, long minFree, InstantSource time) {
    this.store = store;
    this.directory = directory;
    this.minFree = minFree;
    this.time = time;
  }

  /**
   * Begins a backup.
   *
   * @param name of the file; empty: one with the current time
   * @param progress follows the backup on its thread, and can stop it
   * @return completes on that thread when the backup has ended
   * @throws dev.milepost.server.job.CallerException if the name is malformed, or the store has
   *     tools of its own
   */
  public CompletionStage<BackupFile> begin(String name, BackupProgress progress) {
    FieldChecks checks = new FieldChecks();
    checks.check(
        name.isEmpty() || NAME.matcher(name).matches(),
        "name",
        "must be 1 to 100 letters, digits, '.', '_' and '-', and begin with a letter or digit");
    checks.orThrow();
    OnlineBackup backup = store.onlineBackup().orElseThrow(this::unsupported);
    String reserved = backup.unfinishedSuffix();
    checks.check(
        !name.endsWith(reserved), "name", "must be a name that does not end in " + reserved);
    checks.orThrow();
    String file = name.isEmpty() ? AT.format(time.instant()) : name;
    CompletableFuture<BackupFile> made = new CompletableFuture<>();
    THREADS
        .newThread(
            () -> {
              try {
                made.complete(backup.write(directory, file, minFree, progress));
              } catch (RuntimeException | Error e) {
                made.completeExceptionally(e);
              }
            })
        .start();
    return made;
  }

  private BackupException unsupported() {
    String engine = store.info().name();
    return BackupException.unsupported(
        engine,
        switch (engine) {
          case "postgresql" -> "This server does not back up PostgreSQL: use pg_dump.";
          case "redis" -> "This server does not back up Redis: use BGSAVE.";
          default -> "A memory store has no backup: copy it into another store with `copy`.";
        });
  }
}
