package dev.milepost.server.store.sqlite;

import static dev.milepost.server.store.sqlite.SqliteFiles.refusal;

import dev.milepost.server.disk.FreeSpace;
import dev.milepost.server.disk.UnfinishedFile;
import dev.milepost.server.store.BackupFile;
import dev.milepost.server.store.BackupProgress;
import dev.milepost.server.store.BackupProgress.Phase;
import dev.milepost.server.store.RestoredStore;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreException.Outcome;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/** Makes a database of a backup, while the database is locked. */
final class SqliteRestore {
  private static final int BUFFER = 1 << 20;

  /** The log that SQLite keeps beside a database. */
  private static final String LOG = "-wal";

  /** What SQLite undoes when it opens a database whose process was killed before it had a log. */
  private static final String JOURNAL = "-journal";

  private static final DateTimeFormatter AT =
      DateTimeFormatter.ofPattern("'.replaced-'uuuuMMdd'T'HHmmssX", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private final Path backup;
  private final Path store;
  private final boolean replace;
  private final BackupProgress progress;

  SqliteRestore(Path backup, Path store, boolean replace, BackupProgress progress) {
    this.backup = backup;
    this.store = store;
    this.replace = replace;
    this.progress = progress;
  }

  /**
   * Checks the first bytes of a file, and that it is whole without a log beside it.
   *
   * @throws StoreException if it is no backup
   */
  static void requireBackup(Path file) {
    if (!Files.exists(file)) {
      throw refusal("There is no file " + file + " to restore from. Check --from.");
    }
    if (size(log(file)) > 0) {
      throw refusal(
          file
              + " is no backup but a database with its log ("
              + log(file).getFileName()
              + "). Make a backup of it first: backup --store sqlite:"
              + file
              + " --to FILE.");
    }
    SqliteFileHeader.requireReadable(file);
  }

  RestoredStore run() {
    requireFreeName();
    try (UnfinishedFile file = UnfinishedFile.createReplacing(store)) {
      copy(file.path());
      SqliteBackupCheck check = new SqliteBackupCheck(file.path(), progress);
      SqliteBackupCheck.Contents contents = check.contents();
      BackupFile made =
          new BackupFile(
              store.toString(),
              Files.size(file.path()),
              check.sha256(),
              contents.jobs(),
              contents.schema(),
              contents.damaged());
      Optional<Path> aside = setAside();
      file.finish();
      return new RestoredStore(made, aside.map(Path::toString));
    } catch (IOException e) {
      throw new StoreException(
          Outcome.NOT_APPLIED,
          "%s cannot be restored (%s). Check that %s can be read and the directory of %s written."
              .formatted(store, e.getMessage(), backup, store),
          e);
    }
  }

  private void requireFreeName() {
    if (Files.exists(store) && sameFile()) {
      throw refusal("--from and --store are the same file. Use another file.");
    }
    if (isInTheWay() && !replace) {
      throw refusal(
          store + " exists. Use another file, or --replace: it is then kept under another name.");
    }
  }

  private boolean sameFile() {
    try {
      return Files.isSameFile(backup, store);
    } catch (IOException e) {
      return false;
    }
  }

  private void copy(Path to) throws IOException {
    long total = Files.size(backup);
    Path directory = Objects.requireNonNull(store.getParent());
    long free = FreeSpace.of(directory).bytes();
    if (free < total) {
      throw refusal(
          String.format(
              Locale.ROOT,
              "The disk of %s has %,d MiB free, and the restored database needs %,d MiB. Free disk"
                  + " space.",
              directory,
              free >> 20,
              (total >> 20) + 1));
    }
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
    long done = 0;
    try (FileChannel in = FileChannel.open(backup, StandardOpenOption.READ);
        FileChannel out = FileChannel.open(to, StandardOpenOption.WRITE)) {
      while (in.read(buffer) >= 0) {
        buffer.flip();
        done += buffer.remaining();
        while (buffer.hasRemaining()) {
          out.write(buffer);
        }
        buffer.clear();
        progress.at(Phase.COPYING, done, total);
      }
    }
  }

  /** Whether there is a database, or what is left of one. */
  private boolean isInTheWay() {
    return Files.exists(store) || size(log(store)) > 0 || size(beside(store, JOURNAL)) > 0;
  }

  /**
   * Renames what is in the way, with its log and journal, which belong to it: SQLite would play
   * them into the restored database. The database goes first: a log without its database is refused
   * by a server, but a database without its log is not.
   */
  private Optional<Path> setAside() throws IOException {
    if (!isInTheWay()) {
      return Optional.empty();
    }
    Path aside = store.resolveSibling(store.getFileName() + AT.format(Instant.now()));
    for (String end : List.of("", LOG, JOURNAL)) {
      if (Files.exists(beside(store, end))) {
        UnfinishedFile.rename(beside(store, end), beside(aside, end));
      }
    }
    // Only an index of the log, which SQLite makes again.
    Files.deleteIfExists(beside(store, "-shm"));
    return Optional.of(aside);
  }

  private static Path log(Path database) {
    return beside(database, LOG);
  }

  private static Path beside(Path database, String end) {
    return database.resolveSibling(database.getFileName() + end);
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      return 0;
    }
  }
}
