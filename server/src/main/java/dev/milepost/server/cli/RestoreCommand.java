package dev.milepost.server.cli;

import dev.milepost.server.job.CallerException;
import dev.milepost.server.store.RestoredStore;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.open.StoreFiles;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Makes a SQLite store of a backup. */
@Command(
    name = "restore",
    description = {
      "Makes a SQLite store of a backup, after verifying it. No server may have the store open.",
      "Exit code: 0 restored, 1 failed (the store is as it was), 2 invalid usage, 3 restored, but"
          + " the backup has damaged values."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
public final class RestoreCommand implements Callable<Integer> {
  @Option(names = "--from", required = true, paramLabel = "FILE", description = "The backup")
  private Path from = Path.of("");

  @Option(
      names = "--store",
      required = true,
      paramLabel = "URL",
      description = "The store to make, such as sqlite:data/milepost.db; it must not exist")
  private String store = "";

  @Option(
      names = "--replace",
      description = "If the store exists, keep it under another name, and restore in its place")
  private boolean replace;

  @Override
  public Integer call() {
    try (BackupBar bar = new BackupBar()) {
      RestoredStore restored = StoreFiles.restore(from, store, replace, bar);
      bar.close();
      System.out.printf(
          Locale.ROOT,
          "Restored and verified: %,d jobs, %,d bytes, schema %d.%n%s%n",
          restored.store().jobs(),
          restored.store().bytes(),
          restored.store().schema(),
          restored.store().path());
      restored
          .aside()
          .ifPresent(
              kept -> System.out.println("The store that was there before is now " + kept + "."));
      return BackupBar.exitCode(restored.store());
    } catch (StoreException | CallerException e) {
      System.err.println(e.getMessage());
      return 1;
    }
  }
}
