package dev.milepost.benchmarks.micro;

import dev.milepost.server.job.ClockReading;
import dev.milepost.server.job.DecisionContext;
import dev.milepost.server.job.FieldChecks;
import dev.milepost.server.job.JobCommand;
import dev.milepost.server.job.JobDecision;
import dev.milepost.server.job.JobDecisions;
import dev.milepost.server.job.JobRules;
import dev.milepost.server.job.NewJob;
import dev.milepost.server.job.ReportValidation;
import dev.milepost.server.job.SpecValidation;
import dev.milepost.storage.v1.JobRecord;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** The cost of the rules and of validation for the most frequent commands. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Benchmark)
public class Rules {
  private final JobRules rules = SampleRecords.rules();
  private final NewJob newJob = SampleRecords.newJob();
  private final JobRecord queued = SampleRecords.queued();
  private final JobRecord running = SampleRecords.running();
  private final JobCommand.Claim claim = SampleRecords.claim();
  private final JobCommand.ReportProgress progress = SampleRecords.progressReport(running);
  private final JobCommand.ReportProgress line = SampleRecords.lineReport(running);
  private final JobCommand.Heartbeat heartbeat = SampleRecords.heartbeat();
  private final JobCommand.Complete complete = SampleRecords.complete(running);

  /** Called by JMH. */
  public Rules() {}

  /** Creates a job. */
  @Benchmark
  public JobDecision create() {
    return rules.create(newJob, List.of(), ClockReading.at(SampleRecords.CREATED));
  }

  /** Claims a job. */
  @Benchmark
  public JobDecisions claim() {
    return rules.decide(queued, claim, DecisionContext.at(SampleRecords.CLAIMED));
  }

  /** Reports progress. */
  @Benchmark
  public JobDecisions reportProgress() {
    return rules.decide(running, progress, DecisionContext.at(SampleRecords.NEXT));
  }

  /** Reports one log line. */
  @Benchmark
  public JobDecisions reportLine() {
    return rules.decide(running, line, DecisionContext.at(SampleRecords.NEXT));
  }

  /** Extends a lease. */
  @Benchmark
  public JobDecisions heartbeat() {
    return rules.decide(running, heartbeat, DecisionContext.at(SampleRecords.NEXT));
  }

  /** Completes a job with its final progress. */
  @Benchmark
  public JobDecisions complete() {
    return rules.decide(running, complete, DecisionContext.at(SampleRecords.NEXT));
  }

  /** Validates a progress report. */
  @Benchmark
  public FieldChecks checkProgress() {
    FieldChecks violations = new FieldChecks();
    ReportValidation.report(violations, progress.report());
    return violations;
  }

  /** Validates a report of one log line. */
  @Benchmark
  public FieldChecks checkLine() {
    FieldChecks violations = new FieldChecks();
    ReportValidation.report(violations, line.report());
    return violations;
  }

  /** Validates the spec of a new job. */
  @Benchmark
  public FieldChecks checkSpec() {
    FieldChecks violations = new FieldChecks();
    SpecValidation.spec(violations, newJob.spec());
    return violations;
  }
}
