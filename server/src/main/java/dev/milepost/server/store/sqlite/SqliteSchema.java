package dev.milepost.server.store.sqlite;

import dev.milepost.server.disk.FreeSpace;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.sql.LaterTable;
import dev.milepost.server.store.sql.Statements;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * The tables and their migrations.
 *
 * <p>A report changes one row of {@code job}: the status, and the newest journal entries as the
 * tail. A short spec, which few changes touch, is in the same row: a commit writes whole pages, so
 * rewriting it costs nothing, and it need not be looked up. A long spec has a row of its own. Each
 * index serves at least one query.
 */
final class SqliteSchema {
  /** "Mile", which identifies our files. */
  static final int APPLICATION_ID = 0x4d696c65;

  /**
   * Migrations from an empty file to this version, each a list of statements. Never change one:
   * append another.
   */
  static final List<List<String>> STEPS =
      List.of(
          List.of(
              """
              CREATE TABLE job (
                job_no INTEGER PRIMARY KEY,  -- in order of creation, never used again
                tenant_id TEXT NOT NULL,
                id TEXT NOT NULL,
                user_id TEXT NOT NULL,
                type TEXT NOT NULL,
                scope INTEGER NOT NULL,
                parent_id TEXT,              -- null: none
                state INTEGER NOT NULL,
                priority INTEGER NOT NULL,
                ready INTEGER,               -- 1: waits and may be claimed; else null
                wake_micros INTEGER,         -- null: never
                status BLOB NOT NULL,        -- JobRecord without its spec
                tail BLOB NOT NULL           -- JournalChunk: what is not sealed yet
              )
              """,
              "CREATE UNIQUE INDEX job_by_id ON job (tenant_id, id)",
              """
              CREATE INDEX job_to_claim ON job (tenant_id, type, scope, priority DESC, job_no)
                WHERE ready = 1
              """,
              """
              CREATE INDEX job_to_wake ON job (wake_micros, job_no) WHERE wake_micros IS NOT NULL
              """,
              "CREATE INDEX job_by_user ON job (tenant_id, user_id, job_no)",
              "CREATE INDEX job_by_state ON job (tenant_id, state, job_no)",
              "CREATE INDEX job_by_type ON job (tenant_id, type, job_no)",
              """
              CREATE INDEX job_by_parent ON job (tenant_id, parent_id, job_no)
                WHERE parent_id IS NOT NULL
              """,
              "CREATE TABLE spec (job_no INTEGER PRIMARY KEY, spec BLOB NOT NULL)",
              """
              CREATE TABLE journal (
                run_no INTEGER PRIMARY KEY,  -- in order of writing, so that a commit appends
                job_no INTEGER NOT NULL,
                last_seq INTEGER NOT NULL,   -- sequence of the last entry in the run
                run BLOB NOT NULL            -- JournalChunk
              )
              """,
              "CREATE UNIQUE INDEX journal_by_job ON journal (job_no, last_seq)",
              """
              CREATE TABLE item (
                job_no INTEGER NOT NULL,
                id TEXT NOT NULL,
                state INTEGER NOT NULL,
                project_id TEXT NOT NULL,
                item BLOB NOT NULL,
                PRIMARY KEY (job_no, id)
              ) WITHOUT ROWID
              """,
              """
              CREATE TABLE request (
                request_no INTEGER PRIMARY KEY,  -- in order of arrival, hence of expiry
                digest BLOB NOT NULL UNIQUE,     -- of the request's key: short, as it comes at random
                expire_micros INTEGER NOT NULL,
                request BLOB NOT NULL            -- RequestRecord
              )
              """,
              """
              CREATE TABLE count (
                tenant_id TEXT NOT NULL,
                user_id TEXT NOT NULL,
                project_id TEXT NOT NULL,
                type TEXT NOT NULL,
                scope INTEGER NOT NULL,
                state INTEGER NOT NULL,
                jobs INTEGER NOT NULL,
                PRIMARY KEY (tenant_id, user_id, project_id, type, scope, state)
              ) WITHOUT ROWID
              """,
              """
              CREATE TABLE total (           -- the same without users and projects: they can be many
                tenant_id TEXT NOT NULL,
                type TEXT NOT NULL,
                scope INTEGER NOT NULL,
                state INTEGER NOT NULL,
                jobs INTEGER NOT NULL,
                PRIMARY KEY (tenant_id, type, scope, state)
              ) WITHOUT ROWID
              """,
              "CREATE TABLE job_no (reserved INTEGER NOT NULL)",
              "INSERT INTO job_no VALUES (0)"),
          // A short spec is in the job's row; if the column is null, it is in the table spec.
          List.of("ALTER TABLE job ADD COLUMN spec BLOB"),
          // Jobs of an earlier version count when they change: see StoredBytes.
          List.of(
              "ALTER TABLE count ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0",
              "ALTER TABLE total ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0"),
          // Each stored message gets a checksum: see CheckedCell.
          List.of(
              "ALTER TABLE job RENAME COLUMN status TO record",
              """
              UPDATE job SET record = checked('record', tenant_id, id, record),
                tail = checked('tail', tenant_id, id, tail),
                spec = checked('spec', tenant_id, id, spec)
              """,
              """
              UPDATE spec SET spec =
                (SELECT checked('spec', tenant_id, id, spec.spec) FROM job
                  WHERE job.job_no = spec.job_no)
                WHERE job_no IN (SELECT job_no FROM job WHERE spec IS NULL)
              """,
              // What is left of specs that became short is never read.
              "DELETE FROM spec WHERE job_no NOT IN (SELECT job_no FROM job WHERE spec IS NULL)",
              "UPDATE journal SET run = checked('run', job_no, last_seq, run)",
              "UPDATE item SET item = checked('item', job_no, id, item)",
              "UPDATE request SET request = checked('request', digest, expire_micros, request)"),
          // What servers keep beside the jobs: see ServerRecords.
          List.of(
              """
              CREATE TABLE server_record (
                kind TEXT NOT NULL,
                key TEXT NOT NULL,
                expire_micros INTEGER NOT NULL,
                value BLOB NOT NULL,
                PRIMARY KEY (kind, key)
              ) WITHOUT ROWID
              """),
          // Jobs by label, display name and end: see IndexTerms. Jobs that cannot be read have
          // none.
          List.of(
              """
              CREATE TABLE term (
                tenant_id TEXT NOT NULL,
                term TEXT NOT NULL,
                job_no INTEGER NOT NULL,
                PRIMARY KEY (tenant_id, term, job_no)
              ) WITHOUT ROWID
              """,
              """
              INSERT INTO term SELECT DISTINCT job.tenant_id, found.value, job.job_no
              FROM job, json_each(terms(job.tenant_id, job.id, job.record,
                COALESCE(job.spec, (SELECT long.spec FROM spec AS long
                  WHERE long.job_no = job.job_no)))) AS found
              """),
          // The texts in which filters search: see SearchText. Narrow rows, since a search reads
          // very many.
          List.of(
              """
              CREATE TABLE search_text (
                job_no INTEGER PRIMARY KEY,
                tenant_id TEXT NOT NULL,
                text TEXT                    -- null: not known, as the job cannot be read
              )
              """,
              """
              INSERT INTO search_text SELECT job_no, tenant_id,
                search_text(tenant_id, id, record, COALESCE(spec, (SELECT long.spec FROM spec AS long
                  WHERE long.job_no = job.job_no)))
              FROM job NOT INDEXED ORDER BY job_no
              """));

  /** The first version with checksums. */
  static final int CHECKSUMS_VERSION = 4;

  /** The first version with what servers keep beside the jobs. */
  private static final int RECORDS_VERSION = 5;

  /** The first version with the texts in which filters search. */
  private static final int TEXTS_VERSION = 7;

  /** The version that this server writes. */
  static final int VERSION = STEPS.size();

  private SqliteSchema() {}

  /**
   * Upgrades a file from any version to this one, and creates the tables in an empty file. All of
   * it is one transaction, so a server that is killed meanwhile leaves the file as it was. Before
   * an upgrade, a copy of the file is kept: see {@link SqliteUpgradeCopy}.
   *
   * @param sql the only connection to the database
   * @param file the database
   * @throws StoreException if the file is of a newer version, or there is no room for the copy; the
   *     database is unchanged then
   */
  static void prepare(Statements sql, Path file) throws SQLException {
    prepare(sql, file, STEPS);
  }

  /** Upgrades a file by these steps. */
  static void prepare(Statements sql, Path file, List<List<String>> steps) throws SQLException {
    int version = version(sql);
    if (version > steps.size()) {
      throw newer(file, version);
    }
    if (version == steps.size()) {
      return;
    }
    if (version > 0) {
      SqliteUpgradeCopy.keep(sql, file, version, steps.size(), FreeSpace.of(file));
    }
    SqliteChecksumFunction.create(sql.connection());
    SqliteTermsFunction.create(sql.connection());
    SqliteTextFunction.create(sql.connection());
    sql.run("BEGIN IMMEDIATE");
    try {
      for (List<String> step : steps.subList(version, steps.size())) {
        for (String statement : step) {
          sql.run(statement);
        }
      }
      sql.run("PRAGMA application_id = " + APPLICATION_ID);
      sql.run("PRAGMA user_version = " + steps.size());
      sql.run("COMMIT");
    } catch (SQLException e) {
      sql.run("ROLLBACK");
      throw e;
    }
  }

  /** What a server says of a file that a newer one has written. */
  static StoreException newer(Path file, int version) {
    return new StoreException(
        StoreException.Outcome.NOT_APPLIED,
        file
            + " was written by a newer version of Milepost: its schema is "
            + version
            + ", and this server supports up to "
            + VERSION
            + ". Upgrade this server, or restore a backup that it supports (docs/BACKUP.md).");
  }

  /** Returns the tables of a version that the first one with checksums does not have. */
  static Set<LaterTable> laterTables(int version) {
    Set<LaterTable> tables = EnumSet.noneOf(LaterTable.class);
    if (version >= RECORDS_VERSION) {
      tables.add(LaterTable.SERVER_RECORD);
    }
    if (version >= TEXTS_VERSION) {
      tables.add(LaterTable.SEARCH_TEXT);
    }
    return tables;
  }

  /** Reads the version of a file; 0 if it is empty. */
  static int version(Statements sql) throws SQLException {
    try (ResultSet row = sql.of("PRAGMA user_version").executeQuery()) {
      row.next();
      return row.getInt(1);
    }
  }
}
