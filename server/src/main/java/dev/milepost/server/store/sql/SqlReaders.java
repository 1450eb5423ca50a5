package dev.milepost.server.store.sql;

import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.engine.StoreThreads;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** Threads that read from a database, each on a connection of its own. Thread-safe. */
public abstract class SqlReaders implements AutoCloseable {
  private final StoreThreads threads;

  /** A read of one snapshot. */
  public interface Read<T> {
    /** Reads; the connection is used by one thread at a time. */
    T from(Statements sql) throws SQLException;
  }

  /** Readers with this number of threads and this maximum number of waiting reads. */
  protected SqlReaders(int count, int queueLimit) {
    this.threads = new StoreThreads("milepost-store-reader", count, queueLimit);
  }

  /** Reads one snapshot of the database: the state after its last commit. */
  final <T> CompletionStage<T> read(Read<T> read) {
    return submitted(() -> threads.submit(stage -> run(read, stage)));
  }

  /**
   * Submits a read to the threads, unless the engine knows that it would fail.
   *
   * @param submit submits it
   */
  protected <T> CompletionStage<T> submitted(Supplier<CompletionStage<T>> submit) {
    return submit.get();
  }

  private <T> void run(Read<T> read, CompletableFuture<T> stage) {
    if (stage.isDone()) {
      return; // It has failed while it waited: the engine is away.
    }
    T result;
    try {
      result = inSnapshot(read);
    } catch (SQLException e) {
      stage.completeExceptionally(notApplied(e));
      return;
    } catch (Throwable e) {
      stage.completeExceptionally(e);
      return;
    }
    complete(stage, result);
  }

  /** Reads within one transaction. */
  protected abstract <T> T inSnapshot(Read<T> read) throws SQLException;

  /** What a read fails with. */
  protected abstract StoreException notApplied(SQLException e);

  /** Completes a stage with what was read, when callers may see it. */
  protected <T> void complete(CompletableFuture<T> stage, T result) {
    stage.complete(result);
  }

  /** Waits for reads in progress. */
  @Override
  public void close() throws SQLException {
    threads.close();
  }
}
