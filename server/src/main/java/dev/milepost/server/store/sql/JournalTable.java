package dev.milepost.server.store.sql;

import dev.milepost.server.job.JournalCap;
import dev.milepost.server.store.JournalRuns;
import dev.milepost.server.store.engine.CheckedCell;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.storage.v1.JournalChunk;
import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.LogCounts;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** The sealed runs of journals, as the writer uses them. */
final class JournalTable {
  /** Maximum size in bytes of the entries in the job's own row. */
  private static final int TAIL_BYTES = 1_536;

  /** Approximate maximum size in bytes of a sealed run, unless it is a single entry. */
  private static final int RUN_BYTES = 32_768;

  private static final String INSERT =
      "INSERT INTO journal (job_no, last_seq, run) VALUES (?, ?, ?)";
  private static final String RUNS_FROM =
      "SELECT run_no, last_seq, run FROM journal WHERE job_no = ? AND last_seq >= ? ORDER BY"
          + " last_seq LIMIT 3";
  private static final String DELETE = "DELETE FROM journal WHERE run_no = ?";

  private final Statements sql;
  private final int cap;
  private final SplittableRandom random = new SplittableRandom(1);

  /**
   * A table on this connection.
   *
   * @param cap entries kept of each kind
   */
  JournalTable(Statements sql, int cap) {
    this.sql = sql;
    this.cap = cap;
  }

  /**
   * Seals the tail of a journal if it has grown too long, and returns the new tail. If the tail is
   * damaged, only the new entries of it are kept.
   *
   * @param added the new entries, which the tail ends with
   */
  JournalTail sealIfLong(long number, JobRecord record, JournalTail tail, List<JournalEntry> added)
      throws SQLException {
    if (tail.size() <= TAIL_BYTES) {
      return tail;
    }
    LogCounts counts = record.getJob().getStatus().getLogCounts();
    JournalChunk chunk = tail.chunk().orElseGet(() -> JournalRuns.endingAt(counts, added));
    for (JournalChunk run : JournalRuns.split(chunk, RUN_BYTES)) {
      seal(number, run);
    }
    if (counts.getDropped() > 0) {
      reclaim(number, record.getJob().getStatus().getJournalSequence(), counts);
    }
    return JournalTail.of(JournalChunk.newBuilder().setBefore(counts).build());
  }

  private void seal(long number, JournalChunk run) throws SQLException {
    PreparedStatement insert = sql.of(INSERT);
    insert.setLong(1, number);
    long lastSequence = run.getEntries(run.getEntriesCount() - 1).getSequence();
    insert.setLong(2, lastSequence);
    insert.setBytes(3, CheckedCell.run(number, lastSequence).encode(run));
    sql.write(insert);
  }

  /**
   * Checks a few runs and frees those of which nothing is kept. The position is random: freed runs
   * leave a gap before the oldest of the runs that expire next, and the wider the gap, the more
   * likely it is hit.
   */
  private void reclaim(long number, long sequence, LogCounts counts) throws SQLException {
    List<Long> dropped = new ArrayList<>();
    PreparedStatement runs = sql.of(RUNS_FROM);
    runs.setLong(1, number);
    runs.setLong(2, random.nextLong(sequence) + 1);
    try (ResultSet row = runs.executeQuery()) {
      while (row.next()) {
        JournalChunk run =
            CheckedCell.run(number, row.getLong(2)).parse(row.getBytes(3), JournalChunk.parser());
        if (run != null && JournalCap.kept(run, counts, cap).isEmpty()) {
          dropped.add(row.getLong(1));
        }
      }
    }
    for (long run : dropped) {
      PreparedStatement delete = sql.of(DELETE);
      delete.setLong(1, run);
      sql.write(delete);
    }
  }
}
