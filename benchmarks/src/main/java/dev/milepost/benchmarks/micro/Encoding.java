package dev.milepost.benchmarks.micro;

import dev.milepost.server.job.DecisionContext;
import dev.milepost.server.job.JobCommand;
import dev.milepost.server.job.JobDecision;
import dev.milepost.server.job.JobRules;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.JobSpec;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The cost of encoding a record for a row of the SQLite store, and of decoding it. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Benchmark)
public class Encoding {
  private static final MethodHandle STATUS = Internals.method("store.sql.Rows", "record");
  private static final MethodHandle WITH_SPEC = Internals.method("store.sql.Rows", "withSpec");

  private final JobRules rules = SampleRecords.rules();
  private final JobRecord record = SampleRecords.running();
  private final JobCommand report = SampleRecords.progressReport(record);
  private final byte[] spec = record.getJob().getSpec().toByteArray();
  private byte[] status = {};

  /** Called by JMH. */
  public Encoding() {}

  /** Writes the row that is read. */
  @Setup
  public void writeRow() throws Throwable {
    status = write();
  }

  /**
   * Encodes a record without its spec. A lower bound: messages cache their sizes, and this one is
   * encoded repeatedly.
   */
  @Benchmark
  public byte[] write() throws Throwable {
    return (byte[]) STATUS.invokeExact(record);
  }

  /** Decides on a report and encodes the resulting record, whose sizes are not cached. */
  @Benchmark
  public byte[] reportAndWrite() throws Throwable {
    JobDecision decision =
        rules.decide(record, report, DecisionContext.at(SampleRecords.NEXT)).first();
    return (byte[]) STATUS.invokeExact(((JobDecision.Put) decision).record());
  }

  /** Decodes a row and its spec. */
  @Benchmark
  public JobRecord read() throws Throwable {
    return (JobRecord) WITH_SPEC.invokeExact(JobRecord.parseFrom(status), JobSpec.parseFrom(spec));
  }
}
