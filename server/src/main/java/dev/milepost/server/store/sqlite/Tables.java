package dev.milepost.server.store.sqlite;

import java.sql.SQLException;

/** The writer's connection and what it writes to. Used by the writer alone. */
final class Tables implements AutoCloseable {
  private final Statements sql;
  private final JobTable jobs;
  private final JobNumbers numbers;
  private final JournalTable journal;
  private final ItemTable items;
  private final RequestTable requests;
  private final CountTable counts;
  private final ClaimIndex claims;

  Tables(Statements sql, int journalCap) throws SQLException {
    this.sql = sql;
    this.jobs = new JobTable(sql);
    this.numbers = new JobNumbers(sql);
    this.journal = new JournalTable(sql, journalCap);
    this.items = new ItemTable(sql);
    this.requests = new RequestTable(sql);
    this.counts = new CountTable(sql);
    this.claims = new ClaimIndex(sql);
  }

  JobTable jobs() {
    return jobs;
  }

  JobNumbers numbers() {
    return numbers;
  }

  JournalTable journal() {
    return journal;
  }

  ItemTable items() {
    return items;
  }

  RequestTable requests() {
    return requests;
  }

  CountTable counts() {
    return counts;
  }

  ClaimIndex claims() {
    return claims;
  }

  void begin() throws SQLException {
    sql.of("BEGIN IMMEDIATE").executeUpdate();
  }

  void commit() throws SQLException {
    sql.of("COMMIT").executeUpdate();
  }

  /** Makes ready to go on after a failure that no rollback follows. */
  void recover() {
    sql.renew();
  }

  /** Undoes what was begun. */
  void rollback() throws SQLException {
    counts.clear();
    sql.renew();
    try {
      sql.run("ROLLBACK");
    } finally {
      numbers.reload();
    }
  }

  /**
   * Moves what stands in the log into the database, as far as readers allow.
   *
   * @return whether all of it was moved
   */
  boolean checkpoint() throws SQLException {
    return Checkpointer.moveLog(sql);
  }

  @Override
  public void close() throws SQLException {
    sql.close();
  }
}
