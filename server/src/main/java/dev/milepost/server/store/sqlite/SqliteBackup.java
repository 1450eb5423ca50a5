package dev.milepost.server.store.sqlite;

import dev.milepost.server.disk.PrivateFiles;
import dev.milepost.server.disk.UnfinishedFile;
import dev.milepost.server.store.BackupException;
import dev.milepost.server.store.BackupFile;
import dev.milepost.server.store.BackupProgress;
import dev.milepost.server.store.OnlineBackup;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreException.Outcome;
import dev.milepost.server.store.engine.StoreFailures;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.ReentrantLock;

/** Makes backups of an open database, one at a time. Thread-safe. */
final class SqliteBackup implements OnlineBackup, AutoCloseable {
  private final Path file;
  private final DurableWatermark watermark;

  /** Held while a backup is made. */
  private final ReentrantLock busy = new ReentrantLock();

  private volatile boolean closed;

  SqliteBackup(Path file, DurableWatermark watermark) {
    this.file = file;
    this.watermark = watermark;
  }

  @Override
  public String unfinishedSuffix() {
    return UnfinishedFile.SUFFIX;
  }

  @Override
  public BackupFile write(String directory, String name, long minFree, BackupProgress progress) {
    if (!busy.tryLock()) {
      throw BackupException.inProgress();
    }
    try {
      requireOpen();
      Path real = prepared(Path.of(directory));
      return new SqliteSnapshot(
              file,
              real.resolve(name),
              minFree,
              (phase, done, total) -> {
                requireOpen();
                progress.at(phase, done, total);
              })
          .write(this::awaitDurable);
    } finally {
      busy.unlock();
    }
  }

  private void requireOpen() {
    if (closed) {
      throw StoreFailures.closed();
    }
  }

  /** Creates the directory, and deletes what a server that was killed has left in it. */
  private static Path prepared(Path directory) {
    try {
      PrivateFiles.createDirectories(directory);
      Path real = directory.toRealPath();
      UnfinishedFile.deleteLeftovers(real);
      return real;
    } catch (IOException e) {
      throw new StoreException(
          Outcome.NOT_APPLIED,
          directory + " cannot be used for backups. Make it a writable directory.",
          e);
    }
  }

  /** The copy must hold nothing that a power loss could still take from the store. */
  private void awaitDurable() {
    CompletableFuture<Boolean> durable = new CompletableFuture<>();
    watermark.whenDurable(
        lost -> {
          if (lost == null) {
            durable.complete(true);
          } else {
            durable.completeExceptionally(lost);
          }
        });
    try {
      durable.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof StoreException lost ? lost : e;
    }
  }

  /** Ends a backup that is being made, and waits for its end. */
  @Override
  public void close() {
    closed = true;
    busy.lock();
    try {
      // No backup is being made any more, and none begins.
    } finally {
      busy.unlock();
    }
  }
}
