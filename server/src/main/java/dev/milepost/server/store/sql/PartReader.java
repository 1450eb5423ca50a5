package dev.milepost.server.store.sql;

import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.Refusal;
import dev.milepost.server.store.ItemPage;
import dev.milepost.server.store.ItemPageBuilder;
import dev.milepost.server.store.ItemQuery;
import dev.milepost.server.store.JournalPage;
import dev.milepost.server.store.JournalPageBuilder;
import dev.milepost.server.store.JournalQuery;
import dev.milepost.server.store.engine.CheckedCell;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.storage.v1.JournalChunk;
import dev.milepost.v1.Item;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads journals and items. */
final class PartReader {
  /** Runs that one page of a journal scans. */
  private static final int SCAN_RUNS = 256;

  private static final int PAGE_IS_FULL = -1;

  /** Rows fetched at a time by a query that may stop before its last row. */
  private static final int FETCH = 100;

  private static final String JOB =
      "SELECT job_no, record, tail FROM job WHERE tenant_id = ? AND id = ?";

  private static final String RUNS =
      "SELECT run, last_seq FROM journal WHERE job_no = ? AND last_seq > ? ORDER BY last_seq LIMIT"
          + " ?";
  private static final String RUNS_BACKWARD =
      "SELECT run, last_seq FROM journal WHERE job_no = ? AND last_seq <= ? ORDER BY last_seq DESC"
          + " LIMIT ?";

  /** The run that holds an entry, unless it is in the tail. */
  private static final String RUN_OF =
      "SELECT min(last_seq) FROM journal WHERE job_no = ? AND last_seq >= ?";

  private static final String ITEMS =
      "SELECT id, item FROM item WHERE job_no = ? AND id > ? ORDER BY id";

  private final Statements sql;
  private final int journalCap;

  /**
   * A reader on this connection.
   *
   * @param journalCap journal entries kept of each kind
   */
  PartReader(Statements sql, int journalCap) {
    this.sql = sql;
    this.journalCap = journalCap;
  }

  /** Reads a page of a journal. */
  JournalPage journal(JournalQuery query) throws SQLException {
    long number;
    @Nullable JobRecord record;
    @Nullable JournalChunk tail;
    try (ResultSet row = job(query.key())) {
      if (!row.next()) {
        return JournalPageBuilder.missing();
      }
      number = row.getLong(1);
      record = CheckedCell.record(query.key()).parse(row.getBytes(2), JobRecord.parser());
      tail = CheckedCell.tail(query.key()).parse(row.getBytes(3), JournalChunk.parser());
    }
    if (record == null) {
      throw new Refusal.JobUnreadable(query.key().jobId());
    }
    JournalPageBuilder page =
        new JournalPageBuilder(query, record.getJob().getStatus(), journalCap);
    return query.newestFirst()
        ? backward(query, number, tail, page)
        : forward(query, number, tail, page);
  }

  private JournalPage forward(
      JournalQuery query, long number, @Nullable JournalChunk tail, JournalPageBuilder page)
      throws SQLException {
    int scanned = add(RUNS, number, query.position(), page);
    if (scanned == PAGE_IS_FULL) {
      return page.page();
    }
    if (tail == null) {
      page.passTail();
    }
    return scanned < SCAN_RUNS && (tail == null || page.add(tail)) ? page.lastPage() : page.page();
  }

  private JournalPage backward(
      JournalQuery query, long number, @Nullable JournalChunk tail, JournalPageBuilder page)
      throws SQLException {
    long from = Long.MAX_VALUE;
    try (ResultSet row = sql.of(RUN_OF, number, query.position()).executeQuery()) {
      if (row.next() && row.getLong(1) > 0) {
        from = row.getLong(1);
      } else if (tail == null) {
        page.passTail();
      } else if (!page.add(tail)) {
        return page.page();
      }
    }
    int scanned = add(RUNS_BACKWARD, number, from, page);
    return scanned != PAGE_IS_FULL && scanned < SCAN_RUNS ? page.lastPage() : page.page();
  }

  /** Adds runs; returns how many there were, or {@link #PAGE_IS_FULL}. */
  private int add(String runs, long number, long position, JournalPageBuilder page)
      throws SQLException {
    int scanned = 0;
    try (ResultSet row = sql.of(runs, number, position, SCAN_RUNS).executeQuery()) {
      while (row.next()) {
        scanned++;
        long lastSequence = row.getLong(2);
        JournalChunk run =
            CheckedCell.run(number, lastSequence).parse(row.getBytes(1), JournalChunk.parser());
        if (run == null) {
          page.pass(lastSequence);
        } else if (!page.add(run)) {
          return PAGE_IS_FULL;
        }
      }
    }
    return scanned;
  }

  /** Reads a page of items. */
  ItemPage items(ItemQuery query) throws SQLException {
    long number;
    try (ResultSet row = job(query.key())) {
      if (!row.next()) {
        return new ItemPage(List.of(), false);
      }
      number = row.getLong(1);
      if (!CheckedCell.record(query.key()).isSound(row.getBytes(2))) {
        // A damaged index may have led to another job, whose items these are not.
        throw new Refusal.JobUnreadable(query.key().jobId());
      }
    }
    ItemPageBuilder page = new ItemPageBuilder(query);
    PreparedStatement select = sql.of(ITEMS, number, query.afterId());
    select.setFetchSize(FETCH);
    try (ResultSet row = select.executeQuery()) {
      while (row.next()) {
        String id = row.getString(1);
        Item item = CheckedCell.item(number, id).parse(row.getBytes(2), Item.parser());
        if (!page.add(id, item)) {
          break;
        }
      }
    }
    return page.page();
  }

  private ResultSet job(JobKey key) throws SQLException {
    return sql.of(JOB, key.tenantId(), key.jobId()).executeQuery();
  }
}
