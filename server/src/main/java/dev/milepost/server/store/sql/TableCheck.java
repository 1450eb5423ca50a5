package dev.milepost.server.store.sql;

import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.JobRecords;
import dev.milepost.server.store.StoreCheck;
import dev.milepost.server.store.engine.CheckedCell;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.storage.v1.JournalChunk;
import dev.milepost.storage.v1.RequestRecord;
import dev.milepost.v1.Item;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads every row of the tables, in the order in which they are stored and without an index, and
 * verifies it: its checksum, its message, its columns against its record, that what belongs to a
 * job has one, and the counts. Used once, on a database that does not change meanwhile, or within
 * one snapshot of it.
 */
public final class TableCheck {
  private static final int STEP = 1_000;

  /** Rows that a driver which sends queries to a server reads at a time. */
  private static final int FETCH = 200;

  private final Statements sql;
  private final StoreCheck.Progress progress;
  private final Set<LaterTable> laterTables;
  private final CountCheck counts;

  /** Null if there are no search texts. */
  private final @Nullable TextCheck texts;

  private long jobs;
  private long runs;
  private long items;
  private long requests;
  private long findings;
  private long unreported;

  /**
   * A check on this connection.
   *
   * @param laterTables those of its version
   */
  public TableCheck(Statements sql, Set<LaterTable> laterTables, StoreCheck.Progress progress) {
    this.sql = sql;
    this.laterTables = laterTables;
    this.progress = progress;
    this.counts = new CountCheck(sql);
    this.texts =
        laterTables.contains(LaterTable.SEARCH_TEXT)
            ? new TextCheck(sql, sql.dialect().isRemote() ? FETCH : 0, this::found)
            : null;
  }

  /** Reads one row. */
  private interface RowCheck {
    void check(ResultSet row) throws SQLException;
  }

  /**
   * Verifies all tables.
   *
   * @param found what was found before, which the result includes
   */
  public StoreCheck run(long found) throws SQLException {
    findings = found;
    boolean isRead =
        each(
            "jobs",
            "job",
            "SELECT job_no, tenant_id, id, user_id, type, scope, parent_id, state, priority, ready,"
                + " wake_micros, tail, record, "
                + Rows.SPEC
                + " FROM job %s ORDER BY job_no",
            this::job);
    if (isRead && texts != null) {
      texts.end();
    }
    each(
        "journals",
        "journal",
        "SELECT job_no, last_seq, run, EXISTS (SELECT 1 FROM job WHERE job.job_no = journal.job_no)"
            + " FROM journal %s ORDER BY run_no",
        this::run);
    each(
        "items",
        "item",
        "SELECT job_no, id, item, EXISTS (SELECT 1 FROM job WHERE job.job_no = item.job_no)"
            + " FROM item %s",
        this::item);
    each(
        "requests",
        "request",
        "SELECT digest, expire_micros, request FROM request %s",
        this::request);
    if (laterTables.contains(LaterTable.SERVER_RECORD)) {
      each(
          "records of servers",
          "server_record",
          "SELECT kind, key, expire_micros, value FROM server_record",
          this::serverRecord);
    }
    try {
      counts.differences().forEach(this::found);
    } catch (SQLException e) {
      found("The counts of jobs cannot be read: " + e.getMessage() + ".");
    }
    return new StoreCheck(jobs, runs, items, requests, findings);
  }

  /**
   * Reads a table; what follows a part of it that cannot be read is not checked. Returns whether
   * all of it was read.
   */
  private boolean each(String what, String table, String query, RowCheck check)
      throws SQLException {
    long rows = 0;
    try (ResultSet row = inOrder("SELECT COUNT(*) FROM " + table + " %s").executeQuery()) {
      progress.begins(what, row.next() ? row.getLong(1) : 0);
    } catch (SQLException e) {
      recover();
      progress.begins(what, 0);
    }
    unreported = 0;
    boolean isRead = true;
    try (ResultSet row = inOrder(query).executeQuery()) {
      while (row.next()) {
        rows++;
        check.check(row);
        if (++unreported == STEP) {
          progress.done(unreported);
          unreported = 0;
        }
      }
    } catch (SQLException e) {
      recover();
      isRead = false;
      found(
          "The table of %s cannot be read behind row %d: %s."
              .formatted(what, rows, e.getMessage()));
    }
    progress.done(unreported);
    return isRead;
  }

  /** Returns a query that uses no index, if the engine lets a query say so. */
  private PreparedStatement inOrder(String query) throws SQLException {
    PreparedStatement rows = sql.of(query.formatted(sql.dialect().noIndexHint()));
    if (sql.dialect().isRemote()) {
      rows.setFetchSize(FETCH);
    }
    return rows;
  }

  /** Goes on after a failure, which has ended the transaction of a remote database. */
  private void recover() throws SQLException {
    sql.renew();
    if (sql.dialect().isRemote()) {
      sql.connection().rollback();
    }
  }

  private void found(String finding) {
    findings++;
    progress.found(finding);
  }

  private void job(ResultSet row) throws SQLException {
    jobs++;
    JobKey key = new JobKey(text(row, 2), text(row, 3));
    String name = "Job " + key.jobId() + " of tenant " + key.tenantId();
    if (CheckedCell.tail(key).parse(row.getBytes(12), JournalChunk.parser()) == null) {
      found(name + ": the end of its journal is damaged.");
    }
    JobRecord record = Rows.job(row, 13, key);
    if (texts != null) {
      texts.compare(row.getLong(1), key, record);
    }
    if (record == null) {
      found(name + ": its record is damaged.");
      counts.addUnreadable(row);
      return;
    }
    counts.add(record);
    String column = differing(row, record);
    if (!column.isEmpty()) {
      found(name + ": its row has another " + column + " than its record.");
    }
  }

  /** Returns the column that differs from the record; empty if none does. */
  private static String differing(ResultSet row, JobRecord record) throws SQLException {
    var job = record.getJob();
    if (!job.getUserId().equals(row.getString(4))) {
      return "user";
    }
    if (!job.getSpec().getType().equals(row.getString(5))) {
      return "type";
    }
    if (job.getSpec().getScopeValue() != row.getInt(6)) {
      return "scope";
    }
    if (!job.getParentId().equals(Objects.requireNonNullElse(row.getString(7), ""))) {
      return "parent";
    }
    if (job.getStatus().getStateValue() != row.getInt(8)) {
      return "state";
    }
    if (job.getSpec().getPriority() != row.getInt(9)) {
      return "priority";
    }
    if (JobRecords.isClaimable(record) != (row.getInt(10) == 1)) {
      return "readiness";
    }
    // It may be later: a job that could not be ticked is postponed.
    long wake = row.getLong(11);
    boolean isEarly = row.wasNull() ? record.hasWakeTime() : wake < Rows.wakeMicros(record);
    return isEarly ? "wake time" : "";
  }

  private void run(ResultSet row) throws SQLException {
    runs++;
    long job = row.getLong(1);
    long last = row.getLong(2);
    if (CheckedCell.run(job, last).parse(row.getBytes(3), JournalChunk.parser()) == null) {
      found("The journal entries up to %d of %s are damaged.".formatted(last, name(job)));
    } else if (!row.getBoolean(4)) {
      found("Journal entries belong to job number %d, which does not exist.".formatted(job));
    }
  }

  private void item(ResultSet row) throws SQLException {
    items++;
    long job = row.getLong(1);
    String id = text(row, 2);
    Item item = CheckedCell.item(job, id).parse(row.getBytes(3), Item.parser());
    if (item == null) {
      found("Item %s of %s is damaged.".formatted(id, name(job)));
    } else if (!row.getBoolean(4)) {
      found("Item %s belongs to job number %d, which does not exist.".formatted(id, job));
    }
  }

  private void request(ResultSet row) throws SQLException {
    requests++;
    byte[] digest = Objects.requireNonNullElse(row.getBytes(1), new byte[0]);
    long expireMicros = row.getLong(2);
    byte[] value = row.getBytes(3);
    if (CheckedCell.request(digest, expireMicros).parse(value, RequestRecord.parser()) == null) {
      found("A remembered request is damaged.");
    }
  }

  private void serverRecord(ResultSet row) throws SQLException {
    String kind = text(row, 1);
    String key = text(row, 2);
    if (!CheckedCell.serverRecord(kind, key, row.getLong(3)).isSound(row.getBytes(4))) {
      found("The record %s of the servers' %s is damaged.".formatted(key, kind));
    }
  }

  private String name(long job) throws SQLException {
    try (ResultSet row =
        sql.of("SELECT tenant_id, id FROM job WHERE job_no = ?", job).executeQuery()) {
      return row.next()
          ? "job " + row.getString(2) + " of tenant " + row.getString(1)
          : "job number " + job;
    }
  }

  private static String text(ResultSet row, int column) throws SQLException {
    return Objects.requireNonNullElse(row.getString(column), "");
  }
}
