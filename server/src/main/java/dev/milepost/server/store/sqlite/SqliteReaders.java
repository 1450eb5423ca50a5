package dev.milepost.server.store.sqlite;

import dev.milepost.server.concurrent.ThreadFactories;
import dev.milepost.server.concurrent.Uninterruptibles;
import dev.milepost.server.store.engine.UpdateQueue;
import dev.milepost.server.store.sql.Statements;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * A few connections that read, each by one thread at a time, beside the writer and never in its
 * way.
 */
final class SqliteReaders implements AutoCloseable {
  private static final int COUNT =
      Math.max(2, Math.min(4, Runtime.getRuntime().availableProcessors()));
  private static final int MOST_WAITING = 20_000;

  private final BlockingQueue<Statements> idle = new ArrayBlockingQueue<>(COUNT);
  private final ThreadPoolExecutor threads =
      new ThreadPoolExecutor(
          COUNT,
          COUNT,
          0,
          TimeUnit.SECONDS,
          new LinkedBlockingQueue<>(MOST_WAITING),
          ThreadFactories.nonDaemon("milepost-store-reader"));

  /** Something to read. */
  interface Read<T> {
    T from(Statements sql) throws SQLException;
  }

  private final DurableWatermark watermark;

  private SqliteReaders(DurableWatermark watermark) {
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

  /**
   * Reads from one state of the database: that of the last commit. The stage completes when that is
   * durable, and fails where it never will be.
   */
  <T> CompletionStage<T> read(Read<T> read) {
    CompletableFuture<T> stage = new CompletableFuture<>();
    try {
      threads.execute(() -> answer(read, stage));
    } catch (RejectedExecutionException e) {
      stage.completeExceptionally(
          threads.isShutdown() ? UpdateQueue.closed() : UpdateQueue.overloaded());
    }
    return stage;
  }

  private <T> void answer(Read<T> read, CompletableFuture<T> stage) {
    T result;
    try {
      result = inSnapshot(read);
    } catch (SQLException e) {
      stage.completeExceptionally(SqliteFailures.notApplied(e));
      return;
    } catch (Throwable e) {
      stage.completeExceptionally(e);
      return;
    }
    watermark.whenDurable(
        lost -> {
          if (lost == null) {
            stage.complete(result);
          } else {
            stage.completeExceptionally(lost);
          }
        });
  }

  private <T> T inSnapshot(Read<T> read) throws SQLException {
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
      // Most often SQLite has ended the transaction by itself.
      cause.addSuppressed(e);
    }
  }

  /** Answers what was asked, then closes the connections. */
  @Override
  public void close() throws SQLException {
    threads.shutdown();
    while (!Uninterruptibles.get(() -> threads.awaitTermination(1, TimeUnit.MINUTES))) {
      // a read is bounded: it will end
    }
    for (Statements sql : idle) {
      sql.close();
    }
  }
}
