package dev.milepost.server.config;

import dev.milepost.server.copy.CopyException;
import dev.milepost.server.copy.CopyProgress;
import dev.milepost.server.copy.StoreCopy;
import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.StoreException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Copies all jobs of one store into another. */
@Command(
    name = "copy",
    description = {
      "Copies jobs with their journals and items from one store into another, and compares every"
          + " one. Stop the servers of both stores first.",
      "A copy that was stopped goes on when it is run again. Until it has finished, no server"
          + " starts on the target.",
      "Exit code: 0 copied and compared, 1 not (yet), 2 bad usage."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class CopyCommand implements Callable<Integer> {
  @Option(
      names = "--from",
      required = true,
      paramLabel = "URL",
      description = "The store to copy, as of the server's --store; it is only read")
  private String from = "";

  @Option(
      names = "--to",
      required = true,
      paramLabel = "URL",
      description = "The store to fill: it holds no jobs yet")
  private String to = "";

  @Option(
      names = "--tenant",
      paramLabel = "NAME",
      description = "Only the jobs of this tenant (default: of all)")
  private @Nullable String tenant;

  @Option(names = "--config", paramLabel = "FILE", description = "The server's settings (HOCON)")
  private @Nullable Path config;

  @Override
  public Integer call() {
    try (Bars bars = new Bars()) {
      int journalCap = Settings.of(SettingsFile.load(config)).jobs().journalCap();
      requireLasting(from);
      requireLasting(to);
      if (from.equals(to)) {
        throw new SettingsException("--from and --to are the same store.");
      }
      StoreOpener.sqliteFile(from)
          .filter(file -> !Files.exists(file))
          .ifPresent(
              file -> {
                throw new SettingsException("There is no file " + file + " to copy from.");
              });
      StoreCopy.Result result;
      try (JobStore source = open(from, journalCap);
          JobStore target = open(to, journalCap)) {
        result = new StoreCopy(source, target, Optional.ofNullable(tenant), bars).run();
      }
      bars.close();
      System.out.printf(
          Locale.ROOT,
          "Copied and compared: %,d jobs, %,d journal entries, %,d items.%n",
          result.jobs(),
          result.entries(),
          result.items());
      return 0;
    } catch (SettingsException | StoreException | CopyException e) {
      System.err.println(e.getMessage());
      return 1;
    }
  }

  private static JobStore open(String url, int journalCap) {
    return StoreOpener.open(url, Clock.systemUTC(), journalCap, CommitObserver.NONE);
  }

  private static void requireLasting(String url) {
    if (url.equals("memory:")) {
      throw new SettingsException(
          "A memory: store lives and ends with its server: there is nothing to copy.");
    }
  }

  /** A bar for each phase. */
  private static final class Bars implements CopyProgress, AutoCloseable {
    private @Nullable ProgressBar bar;

    @Override
    public void begins(Phase phase, long jobs) {
      close();
      bar =
          ProgressBar.builder()
              .setTaskName(phase == Phase.COPYING ? "Copying  " : "Comparing")
              .setInitialMax(jobs)
              .setUnit(" jobs", 1)
              .setStyle(ProgressBarStyle.ASCII)
              .showSpeed()
              .build();
    }

    @Override
    public void done(int jobs) {
      if (bar != null) {
        bar.stepBy(jobs);
      }
    }

    @Override
    public void close() {
      if (bar != null) {
        bar.close();
        bar = null;
      }
    }
  }
}
