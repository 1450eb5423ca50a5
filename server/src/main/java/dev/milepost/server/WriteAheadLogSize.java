package dev.milepost.server;

import dev.milepost.server.store.open.StoreOpener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.DoubleSupplier;

/** The size of the SQLite store's write-ahead log. */
final class WriteAheadLogSize {
  private WriteAheadLogSize() {}

  /**
   * Returns what reads the size in bytes; NaN on other stores, and if it cannot be read. Reading
   * blocks: not for threads that serve calls.
   *
   * @param url the store's URL
   */
  static DoubleSupplier of(String url) {
    return StoreOpener.sqliteFile(url)
        .<DoubleSupplier>map(file -> () -> bytes(Path.of(file + "-wal")))
        .orElse(() -> Double.NaN);
  }

  private static double bytes(Path log) {
    try {
      return Files.size(log);
    } catch (IOException e) {
      return Double.NaN;
    }
  }
}
