package dev.milepost.benchmarks.micro;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.milepost.server.job.ClockReading;
import dev.milepost.server.job.DecisionContext;
import dev.milepost.server.job.JobCommand;
import dev.milepost.server.job.JobDefaults;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.JobRules;
import dev.milepost.server.job.NewJob;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.LogEntry;
import dev.milepost.v1.LogLevel;
import dev.milepost.v1.Progress;
import dev.milepost.v1.Report;
import dev.milepost.v1.Stage;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** A typical job and the commands of its worker. */
final class SampleRecords {
  static final Instant CREATED = Instant.parse("2026-03-01T12:00:00Z");
  static final Instant CLAIMED = CREATED.plusMillis(700);
  static final Instant WORKING = CLAIMED.plusSeconds(20);
  static final Instant NEXT = WORKING.plusMillis(250);

  /** Has the length of real tokens. */
  static final String TOKEN = "q5hY2mW8s0cX3vB7nL1kJ9dF4gR6tZ2a";

  static final String WORKER = "resizer-7f9c-2";

  private SampleRecords() {}

  static JobRules rules() {
    return new JobRules(JobDefaults.STANDARD);
  }

  static NewJob newJob() {
    return new NewJob(
        new JobKey("acme", "0195512e-7c00-7d2a-9f3b-5a1c8e4b7d60"), "ann", "ann", "", "", spec());
  }

  static JobSpec spec() {
    return JobSpec.newBuilder()
        .setType("photo-resize")
        .setDisplayName("Resize the album of May")
        .setProjectId("album-2026-05")
        .putLabels("team", "media")
        .putLabels("source", "upload")
        .setParams(
            Struct.newBuilder()
                .putFields("album", text("2026-05"))
                .putFields("width", Value.newBuilder().setNumberValue(1600).build())
                .putFields("format", text("webp")))
        .build();
  }

  static JobRecord queued() {
    return rules().create(newJob(), List.of(), ClockReading.at(CREATED)).record();
  }

  static JobCommand.Claim claim() {
    return new JobCommand.Claim(WORKER, TOKEN);
  }

  /** A job that has run for a while, with a stage, log lines, counters and a rate. */
  static JobRecord running() {
    JobRecord record = decide(queued(), claim(), CLAIMED);
    for (int i = 1; i <= 20; i++) {
      Report.Builder report = progress(record, i * 100L);
      report.addLogs(line(i)).putOutcomeIncrements("resized", 99).putOutcomeIncrements("kept", 1);
      if (i == 1) {
        report.setStage(Stage.newBuilder().setName("resize").setDetail("all sizes"));
      }
      record = decide(record, report(report), CLAIMED.plusSeconds(i));
    }
    return record;
  }

  /** The next report of a running job, with progress. */
  static JobCommand.ReportProgress progressReport(JobRecord running) {
    return report(progress(running, 2_117));
  }

  /** The next report of a running job, with one log line and no progress. */
  static JobCommand.ReportProgress lineReport(JobRecord running) {
    return report(
        Report.newBuilder().setReportSeq(running.getReportSeq() + 1).addLogs(line(2_117)));
  }

  static JobCommand.Heartbeat heartbeat() {
    return new JobCommand.Heartbeat(TOKEN);
  }

  static JobCommand.Complete complete(JobRecord running) {
    return new JobCommand.Complete(
        TOKEN,
        progress(running, 10_000).build(),
        Map.of(),
        Struct.newBuilder().putFields("url", text("https://example.com/album/2026-05")).build());
  }

  private static JobCommand.ReportProgress report(Report.Builder report) {
    return new JobCommand.ReportProgress(TOKEN, report.build(), Map.of());
  }

  private static Report.Builder progress(JobRecord record, long current) {
    return Report.newBuilder()
        .setReportSeq(record.getReportSeq() + 1)
        .setProgress(
            Progress.newBuilder()
                .setCurrent(current)
                .setTotal(10_000)
                .setUnit("photos")
                .setSucceeded(current - 7)
                .setSkipped(7)
                .setMessage("DSC_" + current + ".jpg"));
  }

  private static LogEntry line(int number) {
    return LogEntry.newBuilder()
        .setLevel(LogLevel.LOG_LEVEL_INFO)
        .setMessage("Resized DSC_" + number + ".jpg from 6000x4000 to 1600x1067 in 84 ms")
        .build();
  }

  private static Value text(String text) {
    return Value.newBuilder().setStringValue(text).build();
  }

  private static JobRecord decide(JobRecord record, JobCommand command, Instant now) {
    return rules().decide(record, command, DecisionContext.at(now)).firstOr(record);
  }
}
