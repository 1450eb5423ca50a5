package dev.milepost.server.store.sql;

import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.RecordUpgrade;
import dev.milepost.server.job.Refusal;
import dev.milepost.server.job.Times;
import dev.milepost.server.store.engine.CheckedCell;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.storage.v1.RequestRecord;
import dev.milepost.v1.JobSpec;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/** Converts between messages and columns. */
public final class Rows {
  /** Expression for a job's spec, wherever it is stored, in a query on the table {@code job}. */
  public static final String SPEC =
      "COALESCE(spec, (SELECT long.spec FROM spec AS long WHERE long.job_no = job.job_no))";

  private Rows() {}

  /**
   * Reads a job whose record and spec are in two adjacent columns.
   *
   * @param key key of the row
   * @return null if the job cannot be read: its bytes are damaged, or are those of another job
   */
  public static @Nullable JobRecord job(ResultSet row, int column, JobKey key) throws SQLException {
    return job(row.getBytes(column), row.getBytes(column + 1), key);
  }

  /**
   * Reads a job from the values of its columns.
   *
   * @param key key of the row
   * @return null if the job cannot be read: its bytes are damaged, or are those of another job
   */
  public static @Nullable JobRecord job(
      byte @Nullable [] recordCell, byte @Nullable [] specCell, JobKey key) {
    JobRecord record = CheckedCell.record(key).parse(recordCell, JobRecord.parser());
    JobSpec spec = CheckedCell.spec(key).parse(specCell, JobSpec.parser());
    if (record == null
        || spec == null
        || spec.getType().isEmpty()
        || !key.equals(JobKey.of(record))) {
      return null;
    }
    return withSpec(record, spec);
  }

  private static JobRecord withSpec(JobRecord record, JobSpec spec) {
    JobRecord.Builder whole = record.toBuilder();
    whole.getJobBuilder().setSpec(spec);
    return RecordUpgrade.current(whole.build());
  }

  /**
   * Reads the record of an idempotent request; null if it has expired.
   *
   * @param digest digest of the request's key
   * @param expireMicros when it is forgotten, as its row says
   * @throws Refusal.RequestUnreadable if it is damaged
   */
  public static @Nullable RequestRecord request(
      byte[] digest, long expireMicros, byte[] value, Instant now) {
    RequestRecord request =
        CheckedCell.request(digest, expireMicros).parse(value, RequestRecord.parser());
    if (request == null) {
      throw new Refusal.RequestUnreadable();
    }
    return expireMicros > micros(now) ? request : null;
  }

  /** Encodes a job without its spec, which few changes touch. */
  public static byte[] record(JobRecord record) {
    JobRecord.Builder status = record.toBuilder();
    status.getJobBuilder().clearSpec();
    return CheckedCell.record(JobKey.of(record)).encode(status.build());
  }

  /** Wake time in microseconds since the epoch; 0 if there is none. */
  public static long wakeMicros(JobRecord record) {
    return record.hasWakeTime() ? Times.micros(record.getWakeTime()) : 0;
  }

  /** Instant of a time in microseconds since the epoch. */
  public static Instant instant(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }

  /** Microseconds since the epoch, rounded down. */
  public static long micros(Instant instant) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
  }
}
