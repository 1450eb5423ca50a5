package dev.milepost.benchmarks.micro;

import dev.milepost.server.job.FieldChecks;
import dev.milepost.server.job.JobCommand;
import dev.milepost.server.job.DecisionContext;
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

/** What the rules cost, for each of the commands that are frequent, and the checks before them. */
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

  /** A job is created. */
  @Benchmark
  public JobDecision create() {
    return rules.create(newJob, List.of(), SampleRecords.CREATED);
  }

  /** A worker takes a job. */
  @Benchmark
  public JobDecisions claim() {
    return rules.decide(queued, claim, DecisionContext.at(SampleRecords.CLAIMED));
  }

  /** A worker reports how far it is. */
  @Benchmark
  public JobDecisions reportProgress() {
    return rules.decide(running, progress, DecisionContext.at(SampleRecords.NEXT));
  }

  /** A worker reports one line for the log. */
  @Benchmark
  public JobDecisions reportLine() {
    return rules.decide(running, line, DecisionContext.at(SampleRecords.NEXT));
  }

  /** A worker lives. */
  @Benchmark
  public JobDecisions heartbeat() {
    return rules.decide(running, heartbeat, DecisionContext.at(SampleRecords.NEXT));
  }

  /** A worker is done, and says the last of its progress with it. */
  @Benchmark
  public JobDecisions complete() {
    return rules.decide(running, complete, DecisionContext.at(SampleRecords.NEXT));
  }

  /** The form of a report of progress is checked. */
  @Benchmark
  public FieldChecks checkProgress() {
    FieldChecks violations = new FieldChecks();
    ReportValidation.report(violations, progress.report());
    return violations;
  }

  /** The form of a report of one line is checked. */
  @Benchmark
  public FieldChecks checkLine() {
    FieldChecks violations = new FieldChecks();
    ReportValidation.report(violations, line.report());
    return violations;
  }

  /** The form of a new job's spec is checked. */
  @Benchmark
  public FieldChecks checkSpec() {
    FieldChecks violations = new FieldChecks();
    SpecValidation.spec(violations, newJob.spec());
    return violations;
  }
}
