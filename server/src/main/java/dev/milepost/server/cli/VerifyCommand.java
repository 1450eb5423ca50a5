package dev.milepost.server.cli;

import dev.milepost.server.store.StoreCheck;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.open.StoreChecks;
import java.util.Locale;
import java.util.concurrent.Callable;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The {@code verify} command: reads everything of a store, and names what is damaged. */
@Command(
    name = "verify",
    description = {
      "Reads everything of a SQLite store that no server uses, of a backup of one, or of a"
          + " PostgreSQL or Redis store, and names what is damaged: records, journals, items,"
          + " requests, counts; of SQLite and Redis also indexes, of SQLite the write-ahead log."
          + " Changes nothing.",
      "Exit code: 0 sound, 1 it cannot be verified, 2 invalid usage, 3 something is damaged."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
public final class VerifyCommand implements Callable<Integer> {
  /** Exit code if something is damaged. */
  private static final int DAMAGED = 3;

  /** Findings that are printed; further ones are counted. */
  private static final int MAX_PRINTED = 100;

  @Option(
      names = "--store",
      required = true,
      paramLabel = "URL",
      description =
          "The store, as of the server's --store: sqlite:PATH, which no server may use meanwhile,"
              + " postgresql://USER:PASSWORD@HOST/DATABASE, or redis://USER:PASSWORD@HOST")
  private String store = "";

  @Override
  public Integer call() {
    try (Output output = new Output()) {
      StoreCheck result = StoreChecks.run(store, output);
      output.close();
      if (result.findings() > MAX_PRINTED) {
        System.out.printf(
            Locale.ROOT, "There are %,d more findings.%n", result.findings() - MAX_PRINTED);
      }
      System.out.printf(
          Locale.ROOT,
          "Verified %,d jobs, %,d runs of journal entries, %,d items, %,d requests: %s.%n",
          result.jobs(),
          result.runs(),
          result.items(),
          result.requests(),
          result.findings() == 0
              ? "sound"
              : String.format(Locale.ROOT, "%,d findings", result.findings()));
      return result.findings() == 0 ? 0 : DAMAGED;
    } catch (StoreException e) {
      System.err.println(e.getMessage());
      return 1;
    }
  }

  /** A bar for each phase, and a line for each finding. */
  private static final class Output implements StoreCheck.Progress, AutoCloseable {
    private @Nullable ProgressBar bar;
    private long printed;

    @Override
    public void begins(String phase, long rows) {
      close();
      if (rows > 0) {
        bar =
            new ProgressBarBuilder()
                .setTaskName("Verifying " + phase)
                .setInitialMax(rows)
                .setStyle(ProgressBarStyle.ASCII)
                .build();
      }
    }

    @Override
    public void done(long rows) {
      if (bar != null) {
        bar.stepBy(rows);
      }
    }

    @Override
    public void found(String finding) {
      if (printed++ < MAX_PRINTED) {
        System.out.println(finding);
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
