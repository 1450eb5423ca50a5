package dev.milepost.server.store.sql;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import dev.milepost.server.job.Times;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreException.Outcome;
import dev.milepost.storage.v1.JobRecord;
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
   * Reads a message.
   *
   * @param what the kind of message, for people
   * @throws StoreException if the column does not hold a valid message
   */
  public static <M extends MessageLite> M message(
      ResultSet row, int column, Parser<M> parser, String what) throws SQLException {
    try {
      return parser.parseFrom(row.getBytes(column));
    } catch (InvalidProtocolBufferException e) {
      throw damaged(what, e);
    }
  }

  /** Reads a message that may be null. */
  public static <M extends MessageLite> @Nullable M message(
      byte @Nullable [] bytes, Parser<M> parser, String what) {
    try {
      return bytes == null ? null : parser.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw damaged(what, e);
    }
  }

  /** A stored value cannot be parsed. */
  static StoreException damaged(String what, Exception e) {
    return new StoreException(
        Outcome.NOT_APPLIED,
        "The database contains " + what + " that cannot be read. Restore it from a backup.",
        e);
  }

  /** Reads a job whose status and spec are in two adjacent columns. */
  public static JobRecord job(ResultSet row, int column) throws SQLException {
    JobSpec spec = message(row, column + 1, JobSpec.parser(), "a spec");
    return withSpec(message(row, column, JobRecord.parser(), "a job"), spec);
  }

  private static JobRecord withSpec(JobRecord record, JobSpec spec) {
    JobRecord.Builder whole = record.toBuilder();
    whole.getJobBuilder().setSpec(spec);
    return whole.build();
  }

  /** Encodes a job without its spec, which few changes touch. */
  public static byte[] status(JobRecord record) {
    JobRecord.Builder status = record.toBuilder();
    status.getJobBuilder().clearSpec();
    return status.build().toByteArray();
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
