package dev.milepost.benchmarks.floors;

import dev.milepost.benchmarks.harness.PhaseResult;
import dev.milepost.benchmarks.load.SampleMessages;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.HdrHistogram.Histogram;
import org.sqlite.SQLiteConfig;

/** The floor of the SQLite store: durable inserts into a plain table. */
final class SqliteFloor implements AutoCloseable {
  private final Connection connection;
  private final PreparedStatement insert;

  /** Creates the database. */
  SqliteFloor(Path file) throws SQLException {
    SQLiteConfig config = new SQLiteConfig();
    config.setJournalMode(SQLiteConfig.JournalMode.WAL);
    config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
    this.connection = config.createConnection("jdbc:sqlite:" + file);
    try (Statement create = connection.createStatement()) {
      create.execute("CREATE TABLE floor (no INTEGER PRIMARY KEY, bytes BLOB NOT NULL)");
    }
    connection.setAutoCommit(false);
    this.insert = connection.prepareStatement("INSERT INTO floor (bytes) VALUES (?)");
    insert.setBytes(1, SampleMessages.created().toByteArray());
  }

  /**
   * Inserts for the given time. Operations are rows; latencies are those of transactions.
   *
   * @param rows per transaction
   */
  PhaseResult run(int rows, Duration length) throws SQLException {
    Histogram latencies = new Histogram(3);
    long start = System.nanoTime();
    long now = start;
    while (now - start < length.toNanos()) {
      long from = now;
      for (int i = 0; i < rows; i++) {
        insert.executeUpdate();
      }
      connection.commit();
      now = System.nanoTime();
      latencies.recordValue(now - from);
    }
    return new PhaseResult(latencies.getTotalCount() * rows, now - start, latencies);
  }

  @Override
  public void close() throws SQLException {
    insert.close();
    connection.close();
  }
}
