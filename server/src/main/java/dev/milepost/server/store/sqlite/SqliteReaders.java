package dev.milepost.server.store.sqlite;

import dev.milepost.server.concurrent.Uninterruptibles;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.sql.SqlReaders;
import dev.milepost.server.store.sql.Statements;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;

/**
 * Reads beside the writer, without blocking it. A read completes when everything it may have seen
 * is durable, and fails if that will never be the case.
 */
final class SqliteReaders extends SqlReaders {
  private static final int COUNT =
      Math.max(2, Math.min(4, Runtime.getRuntime().availableProcessors()));
  private static final int MAX_WAITING = 20_000;

  private final BlockingQueue<Statements> idle = new ArrayBlockingQueue<>(COUNT);
  private final DurableWatermark watermark;

  private SqliteReaders(DurableWatermark watermark) {
    super(COUNT, MAX_WAITING);
    this.watermark = watermark;
  }

  static SqliteReaders open(Path file, DurableWatermark watermark) throws SQLException {
    SqliteReaders readers = new SqliteReaders(watermark);
    try {
      for (int i = 0; i < COUNT; i++) {
        readers.idle.add(SqliteConnections.reader(file));
      }
      return readers;
    } catch (SQLException e) {
      readers.close();
      throw e;
    }
  }

  @Override
  protected <T> void complete(CompletableFuture<T> stage, T result) {
    watermark.whenDurable(
        lost -> {
          if (lost == null) {
            stage.complete(result);
          } else {
            stage.completeExceptionally(lost);
          }
        });
  }

  @Override
  protected StoreException notApplied(SQLException e) {
    return SqliteFailures.notApplied(e);
  }

  @Override
  protected <T> T inSnapshot(Read<T> read) throws SQLException {
    Statements sql = Uninterruptibles.get(idle::take);
    try {
      sql.of("BEGIN").executeUpdate();
      try {
        return read.from(sql);
      } finally {
        sql.of("COMMIT").executeUpdate();
      }
    } catch (SQLException e) {
      recover(sql, e);
      throw e;
    } finally {
      idle.add(sql);
    }
  }

  private static void recover(Statements sql, SQLException cause) {
    sql.renew();
    try {
      sql.run("ROLLBACK");
    } catch (SQLException e) {
      // Usually SQLite has already ended the transaction.
      cause.addSuppressed(e);
    }
  }

  /** Waits for reads in progress, then closes the connections. */
  @Override
  public void close() throws SQLException {
    super.close();
    for (Statements sql : idle) {
      sql.close();
    }
  }
}
