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
 * Stores with many jobs, filled through a server's own API. Files are filled once for the run and
 * then copied, and go with it; any other store is filled by the server that is measured. Of one
 * thread.
 */
public final class FilledStores implements AutoCloseable {
  private final Thread hook = new Thread(this::remove, "remove-stores");
  private final Map<String, Path> filled = new HashMap<>();
  private @Nullable Path directory;
  private int copies;

  /** A server on a store of its own, in which so many jobs wait. */
  ServerProcess queued(int jobs, BenchOptions options, PrintStream people)
      throws IOException, InterruptedException {
    return options.hasStore()
        ? filledHere("queued-" + jobs, options, people, filling -> filling.create(jobs))
        : onCopy(filledWithQueued(jobs, options, people), options);
  }

  /** A server on a store of its own with so many jobs: of three, two have ended and one waits. */
  ServerProcess mixed(int jobs, BenchOptions options, PrintStream people)
      throws IOException, InterruptedException {
    return options.hasStore()
        ? filledHere(
            "mixed-" + jobs,
            options,
            people,
            filling -> {
              filling.create(jobs);
              filling.cancelTwoOfThree();
            })
        : onCopy(filledWithMixed(jobs, options, people), options);
  }

  /** The file of a store of its own with so many jobs: of three, two have ended and one waits. */
  Path mixedFile(int jobs, BenchOptions options, PrintStream people)
      throws IOException, InterruptedException {
    return copy(filledWithMixed(jobs, options, people));
  }

  private Path filledWithQueued(int jobs, BenchOptions options, PrintStream people)
      throws IOException, InterruptedException {
    String name = "queued-" + jobs;
    Path known = filled.get(name);
    return known == null
        ? fill(name, fresh(name), options, people, filling -> filling.create(jobs))
        : known;
  }

  private Path filledWithMixed(int jobs, BenchOptions options, PrintStream people)
      throws IOException, InterruptedException {
    String name = "mixed-" + jobs;
    Path known = filled.get(name);
    if (known != null) {
      return known;
    }
    Path file = copy(filledWithQueued(jobs, options, people));
    return fill(name, file, options, people, StoreFiller::cancelTwoOfThree);
  }

  /** What is done to a store to fill it. */
  private interface Step {
    void run(StoreFiller filling) throws InterruptedException;
  }

  private ServerProcess filledHere(String name, BenchOptions options, PrintStream people, Step step)
      throws IOException, InterruptedException {
    people.printf("Filling a store: %s%n", name);
    long from = System.nanoTime();
    ServerProcess server = Servers.milepost(options);
    try (StoreFiller filling = new StoreFiller(server.address())) {
      step.run(filling);
    } catch (InterruptedException | RuntimeException e) {
      server.close();
      throw e;
    }
    people.printf(Locale.ROOT, "Filled in %.0f s%n", (System.nanoTime() - from) / 1e9);
    return server;
  }

  private Path fill(String name, Path file, BenchOptions options, PrintStream people, Step step)
      throws IOException, InterruptedException {
    people.printf("Filling a store: %s%n", name);
    long from = System.nanoTime();
    try (ServerProcess server = Servers.milepostOn(file, options);
        StoreFiller filling = new StoreFiller(server.address())) {
      step.run(filling);
    }
    people.printf(
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

  /** Of a store whose server has ended: what it had in its log is in the file then. */
  private Path copy(Path file) throws IOException {
    Path log = file.resolveSibling(file.getFileName() + "-wal");
    if (Files.exists(log) && Files.size(log) > 0) {
      throw new IOException("the server of " + file + " has not ended in good order");
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
      // It runs already.
    }
  }

  private void remove() {
    try {
      if (directory != null) {
        Directories.remove(directory);
      }
    } catch (IOException e) {
      System.err.println("bench: " + directory + " stays: " + e.getMessage());
    }
  }
}
