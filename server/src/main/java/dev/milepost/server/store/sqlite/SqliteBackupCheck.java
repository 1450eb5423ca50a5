package dev.milepost.server.store.sqlite;

import dev.milepost.server.store.BackupProgress;
import dev.milepost.server.store.BackupProgress.Phase;
import dev.milepost.server.store.StoreCheck;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreException.Outcome;
import dev.milepost.server.store.sql.Statements;
import dev.milepost.server.store.sql.TableCheck;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HexFormat;

/** Verifies a backup: a database file that no process has open. Does not change it. */
final class SqliteBackupCheck {
  private static final int BUFFER = 1 << 20;

  private final Path file;
  private final BackupProgress progress;

  /**
   * What a backup holds.
   *
   * @param jobs how many jobs
   * @param schema version of the schema
   * @param damaged how many things are damaged in the rows of a sound file
   */
  record Contents(long jobs, int schema, long damaged) {}

  SqliteBackupCheck(Path file, BackupProgress progress) {
    this.file = file;
    this.progress = progress;
  }

  /**
   * Reads every page, compares indexes with tables, and verifies every row. Blocks.
   *
   * @throws StoreException if the file is damaged, or of a newer version of the server
   */
  Contents contents() {
    try (Statements sql = SqliteConnections.readOnly(file)) {
      int schema = SqliteSchema.version(sql);
      if (schema > SqliteSchema.VERSION) {
        throw SqliteSchema.newer(file, schema);
      }
      long bytes = number(sql, "PRAGMA page_count") * number(sql, "PRAGMA page_size");
      SqliteInterrupt.during(
          sql, () -> progress.at(Phase.VERIFYING, 0, bytes), () -> requireSound(sql));
      if (schema < SqliteSchema.CHECKSUMS_VERSION) {
        // It has no checksums.
        return new Contents(number(sql, "SELECT count(*) FROM job NOT INDEXED"), schema, 0);
      }
      StoreCheck found =
          new TableCheck(sql, SqliteSchema.laterTables(schema), new Told(bytes)).run(0);
      return new Contents(found.jobs(), schema, found.findings());
    } catch (SQLException e) {
      throw damaged(String.valueOf(e.getMessage()));
    }
  }

  /** Passes the progress of the check on, which has no findings to name: they are counted. */
  private final class Told implements StoreCheck.Progress {
    private final long bytes;

    Told(long bytes) {
      this.bytes = bytes;
    }

    @Override
    public void begins(String phase, long rows) {
      done(0);
    }

    @Override
    public void done(long rows) {
      progress.at(Phase.VERIFYING, 0, bytes);
    }

    @Override
    public void found(String finding) {}
  }

  private void requireSound(Statements sql) throws SQLException {
    try (ResultSet row = sql.of("PRAGMA integrity_check(1)").executeQuery()) {
      String first = row.next() ? row.getString(1) : "nothing was checked";
      if (!first.equals("ok")) {
        throw damaged(first.replace('\n', ' '));
      }
    }
  }

  /** Returns the SHA-256 of the file in hexadecimal digits. Blocks. */
  String sha256() throws IOException {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256.", e);
    }
    long total = Files.size(file);
    long done = 0;
    byte[] buffer = new byte[BUFFER];
    try (InputStream in = Files.newInputStream(file)) {
      int read;
      while ((read = in.read(buffer)) > 0) {
        digest.update(buffer, 0, read);
        done += read;
        progress.at(Phase.VERIFYING, done, total);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private StoreException damaged(String how) {
    return new StoreException(
        Outcome.NOT_APPLIED, file + " is damaged: " + how + ". Use another backup.");
  }

  private static long number(Statements sql, String query) throws SQLException {
    try (ResultSet row = sql.of(query).executeQuery()) {
      row.next();
      return row.getLong(1);
    }
  }
}
