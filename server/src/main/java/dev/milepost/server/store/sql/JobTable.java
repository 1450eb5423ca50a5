package dev.milepost.server.store.sql;

import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.JobRecords;
import dev.milepost.server.store.engine.CheckedCell;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobState;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Jobs and their specs, as the writer uses them. */
final class JobTable {
  private static final String FIND =
      "SELECT job_no, tail, record, " + Rows.SPEC + " FROM job WHERE tenant_id = ? AND id = ?";
  private static final String INSERT =
      """
      INSERT INTO job (job_no, record, tail, state, priority, ready, wake_micros,
        tenant_id, id, user_id, type, scope, parent_id, spec)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """;
  private static final String UPDATE_UNINDEXED =
      "UPDATE job SET record = ?, tail = ? WHERE job_no = ?";
  private static final String UPDATE =
      """
      UPDATE job SET record = ?, tail = ?, state = ?, priority = ?, ready = ?, wake_micros = ?
      WHERE job_no = ?
      """;
  private static final String POSTPONE = "UPDATE job SET wake_micros = ? WHERE job_no = ?";
  private static final String MARK_FAILED =
      "UPDATE job SET state = "
          + JobState.JOB_STATE_FAILED_VALUE
          + ", ready = NULL, wake_micros = NULL WHERE job_no = ?";
  private static final String WITHHOLD = "UPDATE job SET ready = NULL WHERE job_no = ?";
  private static final String SET_SPEC = "UPDATE job SET spec = ? WHERE job_no = ?";
  private static final String DELETE_LONG_SPEC = "DELETE FROM spec WHERE job_no = ?";
  private static final String PUT_LONG_SPEC =
      """
      INSERT INTO spec (job_no, spec) VALUES (?, ?)
      ON CONFLICT (job_no) DO UPDATE SET spec = excluded.spec
      """;

  /** Maximum size in bytes of a spec in the job's own row, which every report rewrites. */
  private static final int SHORT_SPEC = 1_024;

  private final Statements sql;

  /** A table on this connection. */
  JobTable(Statements sql) {
    this.sql = sql;
  }

  /**
   * Finds a job, and locks it if the engine has other writers; returns null if there is none. If it
   * cannot be read, returns what its columns say of it.
   */
  @Nullable StoredJob find(JobKey key) throws SQLException {
    PreparedStatement find = sql.of(FIND + sql.dialect().rowLock());
    find.setString(1, key.tenantId());
    find.setString(2, key.jobId());
    try (ResultSet row = find.executeQuery()) {
      if (!row.next()) {
        return null;
      }
      JobRecord record = Rows.job(row, 3, key);
      if (record != null) {
        return new StoredJob(row.getLong(1), record, JournalTail.stored(key, row.getBytes(2)));
      }
    }
    return new UnreadableRows(sql).stored(key);
  }

  /** Sets when a job is due, until its state or the wake time of its record changes. */
  void postpone(long number, Instant wakeTime) throws SQLException {
    PreparedStatement postpone = sql.of(POSTPONE);
    postpone.setLong(1, Rows.micros(wakeTime));
    postpone.setLong(2, number);
    sql.write(postpone);
  }

  /** Makes a job that cannot be read count as failed, without any timer. */
  void markFailed(long number) throws SQLException {
    PreparedStatement mark = sql.of(MARK_FAILED);
    mark.setLong(1, number);
    sql.write(mark);
  }

  /** Takes a job that cannot be read out of the index of claimable jobs. */
  void withholdFromClaims(long number) throws SQLException {
    PreparedStatement withhold = sql.of(WITHHOLD);
    withhold.setLong(1, number);
    withhold.executeUpdate();
  }

  /** Inserts a job. */
  void insert(StoredJob stored) throws SQLException {
    JobRecord record = stored.record();
    Job job = record.getJob();
    PreparedStatement insert = sql.of(INSERT);
    insert.setLong(1, stored.number());
    insert.setBytes(2, Rows.record(record));
    insert.setBytes(3, stored.tail().value(JobKey.of(record)));
    setIndexed(insert, 4, record);
    insert.setString(8, job.getTenantId());
    insert.setString(9, job.getId());
    insert.setString(10, job.getUserId());
    insert.setString(11, job.getSpec().getType());
    insert.setInt(12, job.getSpec().getScopeValue());
    if (job.getParentId().isEmpty()) {
      insert.setNull(13, Types.VARCHAR);
    } else {
      insert.setString(13, job.getParentId());
    }
    byte[] spec = CheckedCell.spec(JobKey.of(record)).encode(job.getSpec());
    insert.setBytes(14, isLong(spec) ? null : spec);
    sql.write(insert);
    if (isLong(spec)) {
      putLongSpec(stored.number(), spec);
    }
  }

  /** Writes what differs, and touches indexes only if one of their columns changed. */
  void update(StoredJob before, StoredJob after) throws SQLException {
    PreparedStatement update;
    if (Indexed.of(before.record()).equals(Indexed.of(after.record()))) {
      update = sql.of(UPDATE_UNINDEXED);
      update.setLong(3, after.number());
    } else {
      update = sql.of(UPDATE);
      setIndexed(update, 3, after.record());
      update.setLong(7, after.number());
    }
    JobKey key = JobKey.of(after.record());
    update.setBytes(1, Rows.record(after.record()));
    update.setBytes(2, after.tail().value(key));
    sql.write(update);
    JobSpec spec = after.record().getJob().getSpec();
    if (!spec.equals(before.record().getJob().getSpec())) {
      changeSpec(after.number(), CheckedCell.spec(key).encode(spec));
    }
  }

  /**
   * Writes a new spec. If a long spec becomes short, its old row is deleted: if damage made the
   * short one vanish, the old one would be read in its place.
   */
  private void changeSpec(long number, byte[] spec) throws SQLException {
    PreparedStatement set = sql.of(SET_SPEC);
    set.setBytes(1, isLong(spec) ? null : spec);
    set.setLong(2, number);
    sql.write(set);
    if (isLong(spec)) {
      putLongSpec(number, spec);
    } else {
      PreparedStatement delete = sql.of(DELETE_LONG_SPEC);
      delete.setLong(1, number);
      sql.write(delete);
    }
  }

  private static boolean isLong(byte[] spec) {
    return spec.length - CheckedCell.CHECKSUM_BYTES > SHORT_SPEC;
  }

  /** Deletes a job with its journal and items. */
  void delete(long number) throws SQLException {
    for (String table : new String[] {"job", "spec", "journal", "item"}) {
      PreparedStatement delete = sql.of("DELETE FROM " + table + " WHERE job_no = ?");
      delete.setLong(1, number);
      sql.write(delete);
    }
  }

  private void putLongSpec(long number, byte[] spec) throws SQLException {
    PreparedStatement put = sql.of(PUT_LONG_SPEC);
    put.setLong(1, number);
    put.setBytes(2, spec);
    sql.write(put);
  }

  private static void setIndexed(PreparedStatement statement, int column, JobRecord record)
      throws SQLException {
    Indexed indexed = Indexed.of(record);
    statement.setInt(column, indexed.state());
    statement.setInt(column + 1, indexed.priority());
    if (indexed.ready()) {
      statement.setInt(column + 2, 1);
    } else {
      statement.setNull(column + 2, Types.INTEGER);
    }
    if (record.hasWakeTime()) {
      statement.setLong(column + 3, indexed.wakeMicros());
    } else {
      statement.setNull(column + 3, Types.BIGINT);
    }
  }

  /** The indexed columns that may change; a wake time of 0 means none. */
  private record Indexed(int state, int priority, boolean ready, long wakeMicros) {
    private static Indexed of(JobRecord record) {
      return new Indexed(
          record.getJob().getStatus().getStateValue(),
          record.getJob().getSpec().getPriority(),
          JobRecords.isClaimable(record),
          Rows.wakeMicros(record));
    }
  }
}
