package dev.milepost.benchmarks.stored;

import dev.milepost.benchmarks.harness.BenchOptions;
import dev.milepost.benchmarks.harness.Servers;
import dev.milepost.benchmarks.load.StoreFiller;
import dev.milepost.benchmarks.process.Directories;
import dev.milepost.benchmarks.process.ServerProcess;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Creates stores with many jobs, which it fills through a server's API. SQLite files are filled
 * once, copied for each use and removed at the end; any other store is filled by the measured
 * server. Not thread-safe.
 */
public final class FilledStores implements AutoCloseable {
  private final Thread hook = new Thread(this::remove, "remove-stores");
  private final Map<String, Path> filled = new HashMap<>();
  private @Nullable Path directory;
  private int copies;

  /** Starts a server on a new store with waiting jobs. */
  ServerProcess queued(int jobs, BenchOptions options, PrintStream progress)
      throws IOException, InterruptedException {
    return options.hasStore()
        ? filledHere("queued-" + jobs, options, progress, filler -> filler.create(jobs))
        : onCopy(filledWithQueued(jobs, options, progress), options);
  }

  /** Starts a server on a new store in which two of three jobs are cancelled and one is waiting. */
  ServerProcess mixed(int jobs, BenchOptions options, PrintStream progress)
      throws IOException, InterruptedException {
    return options.hasStore()
        ? filledHere(
            "mixed-" + jobs,
            options,
            progress,
            filler -> {
              filler.create(jobs);
              filler.cancelTwoOfThree();
            })
        : onCopy(filledWithMixed(jobs, options, progress), options);
  }

  /** Returns a new SQLite file in which two of three jobs are cancelled and one is waiting. */
  Path mixedFile(int jobs, BenchOptions options, PrintStream progress)
      throws IOException, InterruptedException {
    return copy(filledWithMixed(jobs, options, progress));
  }

  private Path filledWithQueued(int jobs, BenchOptions options, PrintStream progress)
      throws IOException, InterruptedException {
    String name = "queued-" + jobs;
    Path known = filled.get(name);
    return known == null
        ? fill(name, fresh(name), options, progress, filler -> filler.create(jobs))
        : known;
  }

  private Path filledWithMixed(int jobs, BenchOptions options, PrintStream progress)
      throws IOException, InterruptedException {
    String name = "mixed-" + jobs;
    Path known = filled.get(name);
    if (known != null) {
      return known;
    }
    Path file = copy(filledWithQueued(jobs, options, progress));
    return fill(name, file, options, progress, StoreFiller::cancelTwoOfThree);
  }

  /** One way to fill a store. */
  private interface Step {
    void run(StoreFiller filler) throws InterruptedException;
  }

  private ServerProcess filledHere(
      String name, BenchOptions options, PrintStream progress, Step step)
      throws IOException, InterruptedException {
    progress.printf("Filling a store: %s%n", name);
    long from = System.nanoTime();
    ServerProcess server = Servers.milepost(options);
    try (StoreFiller filler = new StoreFiller(server.address())) {
      step.run(filler);
    } catch (InterruptedException | RuntimeException e) {
      server.close();
      throw e;
    }
    progress.printf(Locale.ROOT, "Filled in %.0f s%n", (System.nanoTime() - from) / 1e9);
    return server;
  }

  private Path fill(String name, Path file, BenchOptions options, PrintStream progress, Step step)
      throws IOException, InterruptedException {
    progress.printf("Filling a store: %s%n", name);
    long from = System.nanoTime();
    try (ServerProcess server = Servers.milepostOn(file, options);
        StoreFiller filler = new StoreFiller(server.address())) {
      step.run(filler);
    }
    progress.printf(
        Locale.ROOT,
        "Filled in %.0f s: %.0f MiB%n",
        (System.nanoTime() - from) / 1e9,
        Files.size(file) / (1024.0 * 1024));
    filled.put(name, file);
    return file;
  }

  private ServerProcess onCopy(Path file, BenchOptions options)
      throws IOException, InterruptedException {
    return Servers.milepostOn(copy(file), options);
  }

  /** Copies a store whose server has stopped, and whose log is therefore empty. */
  private Path copy(Path file) throws IOException {
    Path log = file.resolveSibling(file.getFileName() + "-wal");
    if (Files.exists(log) && Files.size(log) > 0) {
      throw new IOException("the server of " + file + " did not shut down properly");
    }
    Path copy = fresh("copy-" + copies++);
    Directories.copy(file, copy);
    return copy;
  }

  private Path fresh(String name) throws IOException {
    if (directory == null) {
      directory = Directories.create();
      Runtime.getRuntime().addShutdownHook(hook);
    }
    return Files.createDirectory(directory.resolve(name)).resolve("milepost.db");
  }

  @Override
  public void close() {
    if (directory == null) {
      return;
    }
    remove();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The JVM is shutting down.
    }
  }

  private void remove() {
    try {
      if (directory != null) {
        Directories.remove(directory);
      }
    } catch (IOException e) {
      System.err.println("bench: cannot remove " + directory + ": " + e.getMessage());
    }
  }
}
