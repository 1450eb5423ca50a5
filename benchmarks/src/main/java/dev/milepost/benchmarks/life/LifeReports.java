package dev.milepost.benchmarks.life;

import dev.milepost.v1.LogEntry;
import dev.milepost.v1.LogLevel;
import dev.milepost.v1.Progress;
import dev.milepost.v1.Report;

/** The reports of one job life: 20 of progress, with 10 log lines in between. */
final class LifeReports {
  static final int PROGRESS = 20;
  static final int LINES = 10;
  static final int ALL = PROGRESS + LINES;

  private LifeReports() {}

  /** Whether the report with this number, from 1, is a log line: every third one is. */
  static boolean isLine(long seq) {
    return seq % (ALL / LINES) == 0;
  }

  /** Returns the units done after the report with this number. */
  static long done(long seq) {
    return seq - seq / (ALL / LINES);
  }

  static String line(long seq) {
    return "Synchronised " + done(seq) + " users of project-17, none failed";
  }

  static Report report(long seq) {
    Report.Builder report = Report.newBuilder().setReportSeq(seq);
    if (isLine(seq)) {
      report.addLogs(LogEntry.newBuilder().setLevel(LogLevel.LOG_LEVEL_INFO).setMessage(line(seq)));
    } else {
      report.setProgress(
          Progress.newBuilder()
              .setCurrent(done(seq))
              .setTotal(PROGRESS)
              .setUnit("users")
              .setMessage("user " + done(seq)));
    }
    return report.build();
  }
}
