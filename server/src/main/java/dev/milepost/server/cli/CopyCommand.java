package dev.milepost.server.cli;

import dev.milepost.server.copy.CopyException;
import dev.milepost.server.copy.CopyProgress;
import dev.milepost.server.copy.JobSource;
import dev.milepost.server.copy.StoreCopy;
import dev.milepost.server.copy.remote.SourceOpener;
import dev.milepost.server.settings.LayeredSettings;
import dev.milepost.server.settings.SettingsException;
import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.StoreClock;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.open.StoreOpener;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
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
          + " one. Stop the servers of both stores first; of a server that is copied, its callers"
          + " and workers.",
      "Run a stopped copy again to resume it. Until it has finished, no server"
          + " starts on the target.",
      "Exit code: 0 copied and compared, 1 failed or incomplete, 2 invalid usage, 3 copied and"
          + " compared but for what is damaged in the source; its jobs are named."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
public final class CopyCommand implements Callable<Integer> {
  /** Exit code if everything was copied but what is damaged in the source. */
  private static final int LEFT_OUT = 3;

  @Option(
      names = "--from",
      required = true,
      paramLabel = "URL",
      description =
          "The store to copy, as of the server's --store; it is only read. Or a server that is"
              + " running, on whatever store: grpc://HOST:PORT on this machine, grpcs://HOST:PORT")
  private String from = "";

  @Option(
      names = "--to",
      required = true,
      paramLabel = "URL",
      description = "The store to copy into; it must not hold jobs yet")
  private String to = "";

  @Option(
      names = "--tenant",
      paramLabel = "NAME",
      description = "Only the jobs of this tenant (default: of all)")
  private @Nullable String tenant;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description =
          "For a server: file with the token of an ADMIN (default: development credentials)")
  private @Nullable Path tokenFile;

  @Option(
      names = "--ca",
      paramLabel = "FILE",
      description =
          "For a server: trusted certificate authorities, PEM (default: those of the JDK)")
  private @Nullable Path ca;

  @Option(names = "--config", paramLabel = "FILE", description = "The server's settings (HOCON)")
  private @Nullable Path config;

  @Override
  public Integer call() {
    try (Bars bars = new Bars()) {
      int journalCap = LayeredSettings.read(List.of(), config).settings().jobs().journalCap();
      requireLasting(to);
      if (from.equals(to)) {
        throw new SettingsException("--from and --to are the same store.");
      }
      StoreCopy.Result result;
      SourceOpener opener =
          new SourceOpener(journalCap, Optional.ofNullable(tokenFile), Optional.ofNullable(ca));
      try (JobSource source = opener.open(from);
          JobStore target =
              StoreOpener.open(
                  to, StoreClock.of(Clock.systemUTC()), journalCap, CommitObserver.NONE)) {
        result = new StoreCopy(source, target, Optional.ofNullable(tenant), bars).run();
      }
      bars.close();
      System.out.printf(
          Locale.ROOT,
          "Copied and compared: %,d jobs, %,d journal entries, %,d items.%n",
          result.jobs(),
          result.entries(),
          result.items());
      if (result.unreadable() > 0) {
        System.err.printf(
            Locale.ROOT,
            "Left out as they are damaged in the source: %,d jobs:%n",
            result.unreadable());
        result
            .unreadableKeys()
            .forEach(key -> System.err.println(key.jobId() + " of " + key.tenantId()));
      }
      if (result.damaged() > 0) {
        System.err.printf(
            Locale.ROOT,
            "Copied without journal entries or items that are damaged in the source: %,d jobs:%n",
            result.damaged());
        result
            .damagedKeys()
            .forEach(key -> System.err.println(key.jobId() + " of " + key.tenantId()));
      }
      return result.unreadable() + result.damaged() > 0 ? LEFT_OUT : 0;
    } catch (SettingsException | StoreException | CopyException e) {
      System.err.println(e.getMessage());
      return 1;
    }
  }

  private static void requireLasting(String url) {
    if (url.equals(StoreOpener.MEMORY)) {
      throw new SettingsException(
          "A memory: store exists only in its server. Start the server with --store memory: and"
              + " --import-from URL.");
    }
  }

  /** A bar for each phase. */
  private static final class Bars implements CopyProgress, AutoCloseable {
    private @Nullable ProgressBar bar;

    @Override
    public void begins(Phase phase, long jobs) {
      close();
      if (jobs > 0) {
        bar =
            ProgressBar.builder()
                .setTaskName(phase == Phase.COPYING ? "Copying  " : "Comparing")
                .setInitialMax(jobs)
                .setUnit(" jobs", 1)
                .setStyle(ProgressBarStyle.ASCII)
                .showSpeed()
                .build();
      }
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
