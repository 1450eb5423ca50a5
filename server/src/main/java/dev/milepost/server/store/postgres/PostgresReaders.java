package dev.milepost.server.store.postgres;

import dev.milepost.server.concurrent.ThreadFactories;
import dev.milepost.server.concurrent.Uninterruptibles;
import dev.milepost.server.store.engine.UpdateQueue;
import dev.milepost.server.store.sql.Statements;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** A few threads that read, each by a connection of its own. */
final class PostgresReaders implements AutoCloseable {
  private final PostgresDatabase database;
  private final ThreadPoolExecutor threads;

  /** Something to read. */
  interface Read<T> {
    T from(Statements sql) throws SQLException;
  }

  PostgresReaders(PostgresDatabase database, int count, int queueLimit) {
    this.database = database;
    this.threads =
        new ThreadPoolExecutor(
            count,
            count,
            0,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(queueLimit),
            ThreadFactories.nonDaemon("milepost-store-reader"));
  }

  /** Reads from one state of the database: that of its last commit. */
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
      stage.completeExceptionally(PostgresFailures.notApplied(e));
      return;
    } catch (Throwable e) {
      stage.completeExceptionally(e);
      return;
    }
    stage.complete(result);
  }

  /** Reads; where the connection was cut, once more by another. */
  private <T> T inSnapshot(Read<T> read) throws SQLException {
    try {
      return byOneConnection(read);
    } catch (SQLException e) {
      if (!PostgresFailures.isConnection(e)) {
        throw e;
      }
      return byOneConnection(read);
    }
  }

  private <T> T byOneConnection(Read<T> read) throws SQLException {
    try (Statements sql = database.reader()) {
      T result = read.from(sql);
      sql.connection().commit();
      return result;
    }
  }

  /** Answers what was asked. */
  @Override
  public void close() {
    threads.shutdown();
    while (!Uninterruptibles.get(() -> threads.awaitTermination(1, TimeUnit.MINUTES))) {
      // a read is bounded: it will end
    }
  }
}
