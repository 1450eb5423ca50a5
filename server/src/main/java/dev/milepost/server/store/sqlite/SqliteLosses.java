package dev.milepost.server.store.sqlite;

import dev.milepost.server.disk.PrivateFiles;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreException.Outcome;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds, before SQLite opens a database, that something of it is missing or that its log is
 * damaged: SQLite would start without what is lost, and say nothing. The start is refused, unless
 * the operator accepts the loss.
 */
final class SqliteLosses {
  private static final Logger LOG = LoggerFactory.getLogger(SqliteLosses.class);

  private final Path database;
  private final Path log;
  private final SqliteLock lock;
  private final boolean isAccepted;

  /**
   * Checks a database.
   *
   * @param lock its lock, whose lock file is locked
   * @param isAccepted whether to go on, with a warning
   */
  SqliteLosses(Path database, SqliteLock lock, boolean isAccepted) {
    this.database = database;
    this.log = SqliteLogCheck.log(database);
    this.lock = lock;
    this.isAccepted = isAccepted;
  }

  /**
   * Checks that the database has not vanished. Must be called before it is created.
   *
   * @throws StoreException if it is missing or empty beside files that show that it was used
   */
  void checkDatabase() {
    if (size(database) > 0) {
      return;
    }
    Path key = database.resolveSibling(database.getFileName() + ".key");
    Optional<String> witness = Optional.empty();
    if (size(log) > 0) {
      witness = Optional.of("its write-ahead log " + log.getFileName() + " is there");
    } else if (Files.exists(key)) {
      witness = Optional.of("its key file " + key.getFileName() + " is there");
    } else if (lock.wasUsed()) {
      witness =
          Optional.of(
              "its lock file "
                  + SqliteLock.file(database).getFileName()
                  + " says that it was used");
    }
    witness.ifPresent(
        seen ->
            lose(
                database
                    + (Files.exists(database) ? " is empty" : " is missing")
                    + ", although "
                    + seen
                    + ": its jobs are lost. Put it back or restore a backup.",
                "start with an empty database"));
    if (size(log) > 0) {
      // SQLite would delete it.
      keepLog();
    }
  }

  /**
   * Checks the log. The database must be locked, so that nobody changes it.
   *
   * @throws StoreException if it is missing or damaged
   */
  void checkLog() {
    if (!Files.exists(log)) {
      if (lock.wasLeftOpen()) {
        lose(
            log
                + " is missing, although no server has closed the database: the latest changes are"
                + " lost, unless another program has moved them into the database. Put it back or"
                + " restore a backup.",
            "start without it");
      }
      return;
    }
    Optional<String> damage;
    try {
      damage = SqliteLogCheck.damage(log);
    } catch (IOException e) {
      throw new StoreException(Outcome.NOT_APPLIED, log + " cannot be read. Check its disk.", e);
    }
    damage.ifPresent(
        found -> {
          lose(
              log + " is damaged: " + found + " Put it back or restore a backup.",
              "start without the changes from there on");
          keepLog();
        });
  }

  private void lose(String what, String consequence) {
    if (!isAccepted) {
      throw new StoreException(
          Outcome.NOT_APPLIED, what + " To " + consequence + ", use --accept-data-loss once.");
    }
    LOG.warn("{} This start accepts the loss (--accept-data-loss).", what);
  }

  /** Copies the log, as SQLite removes from it what it does not use. */
  private void keepLog() {
    Path copy = log.resolveSibling(log.getFileName() + ".damaged");
    for (int i = 2; Files.exists(copy); i++) {
      copy = log.resolveSibling(log.getFileName() + ".damaged-" + i);
    }
    try {
      PrivateFiles.createIfAbsent(copy);
      try (InputStream in = Files.newInputStream(log);
          OutputStream out = Files.newOutputStream(copy)) {
        in.transferTo(out);
      }
      LOG.warn("The damaged log was copied to {}.", copy);
    } catch (IOException e) {
      throw new StoreException(
          Outcome.NOT_APPLIED,
          log + " cannot be copied to " + copy + ". Free some space beside it.",
          e);
    }
  }

  private static long size(Path file) {
    try {
      return Files.exists(file) ? Files.size(file) : 0;
    } catch (IOException e) {
      return 0;
    }
  }
}
