package dev.milepost.server.cli;

import dev.milepost.server.store.BackupFile;
import dev.milepost.server.store.BackupProgress;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** Shows how far a backup or restore is: a bar for each phase, on standard error. */
final class BackupBar implements BackupProgress, AutoCloseable {
  private static final int MEBIBYTE = 1 << 20;

  /** Exit code if a file is sound, but values in it are damaged. */
  private static final int DAMAGED = 3;

  private @Nullable Phase phase;
  private @Nullable ProgressBar bar;

  @Override
  public void at(Phase now, long done, long total) {
    if (now != phase) {
      close();
      phase = now;
    }
    if (bar == null && total > 0) {
      bar =
          ProgressBar.builder()
              .setTaskName(now == Phase.COPYING ? "Copying  " : "Verifying")
              .setInitialMax(total)
              .setUnit(" MiB", MEBIBYTE)
              .setStyle(ProgressBarStyle.ASCII)
              .showSpeed()
              .build();
    }
    if (bar != null) {
      bar.maxHint(total);
      bar.stepTo(done);
    }
  }

  /** Says so if a file has damaged values; returns the exit code. */
  static int exitCode(BackupFile file) {
    if (file.damaged() == 0) {
      return 0;
    }
    System.err.printf(
        Locale.ROOT,
        "%,d stored values are damaged, as they were in the store. Lists and the log of a server"
            + " name their jobs.%n",
        file.damaged());
    return DAMAGED;
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
      bar = null;
    }
  }
}
