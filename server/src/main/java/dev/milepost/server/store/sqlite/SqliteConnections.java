package dev.milepost.server.store.sqlite;

import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.sql.Dialect;
import dev.milepost.server.store.sql.Statements;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;
import org.sqlite.SQLiteConfig;

/** Opens connections to the database, configured for their purpose. */
final class SqliteConnections {
  /** Statements run in this process, with one writer; the planner needs a hint for the index. */
  static final Dialect DIALECT = new Dialect("INDEXED BY %s", "NOT INDEXED", "", "instr", false);

  /**
   * Length of the log, in pages, at which SQLite itself would start a checkpoint; the writer does
   * so earlier.
   */
  private static final int LAST_RESORT_PAGES = 65_536;

  static {
    SqliteLibrary.place();
  }

  private SqliteConnections() {}

  /** Loads what every connection needs, by opening an empty in-memory database. */
  static void prepare() throws SQLException {
    DriverManager.getConnection("jdbc:sqlite::memory:", driverSettings()).close();
  }

  /** Opens the writer's connection. Migrates the schema. */
  static Statements writer(Path file, long pageLimit) throws SQLException {
    Statements sql = open(file);
    try {
      sql.run("PRAGMA page_size = 4096");
      // Of a new file only: it must be set before the first table is created.
      sql.run("PRAGMA auto_vacuum = INCREMENTAL");
      // Before WAL is enabled, so that the header of the file identifies it from the start.
      SqliteSchema.prepare(sql, file);
      sql.run("PRAGMA journal_mode = WAL");
      // The flusher flushes the log before anyone is notified of a commit. With FULL, each commit
      // would flush here and block the writer. SQLite flushes checkpoints itself.
      sql.run("PRAGMA synchronous = NORMAL");
      sql.run("PRAGMA journal_size_limit = 67108864");
      sql.run("PRAGMA wal_autocheckpoint = " + LAST_RESORT_PAGES);
      // What is deleted is overwritten with zeros: it would stay in the file for months.
      sql.run("PRAGMA secure_delete = ON");
      SqliteErasure.cleanUp(sql);
      sql.run("PRAGMA cache_size = -32768");
      if (pageLimit > 0) {
        sql.run("PRAGMA max_page_count = " + pageLimit);
      }
      return sql;
    } catch (SQLException | StoreException e) {
      sql.close();
      throw e;
    }
  }

  /** Opens a connection that only runs checkpoints. */
  static Statements checkpointer(Path file) throws SQLException {
    Statements sql = open(file);
    try {
      sql.run("PRAGMA synchronous = NORMAL");
      return sql;
    } catch (SQLException e) {
      sql.close();
      throw e;
    }
  }

  /** Opens a connection for reads. */
  static Statements reader(Path file) throws SQLException {
    Statements sql = open(file);
    try {
      sql.run("PRAGMA query_only = 1");
      sql.run("PRAGMA cache_size = -8192");
      return sql;
    } catch (SQLException e) {
      sql.close();
      throw e;
    }
  }

  /** Opens a connection that copies the database: unlike a reader, it may write to the copy. */
  static Statements snapshot(Path file) throws SQLException {
    Statements sql = open(file);
    try {
      sql.run("PRAGMA cache_size = -8192");
      return sql;
    } catch (SQLException e) {
      sql.close();
      throw e;
    }
  }

  /**
   * Opens a connection to a file that no process changes, such as a backup. Takes no locks, and
   * leaves nothing beside the file.
   */
  static Statements readOnly(Path file) throws SQLException {
    SQLiteConfig config = new SQLiteConfig();
    config.setReadOnly(true);
    String url = "jdbc:sqlite:file:" + file.toUri().getRawPath() + "?immutable=1";
    return new Statements(DriverManager.getConnection(url, config.toProperties()), DIALECT);
  }

  /**
   * Opens a connection that writes nothing to the database or its log.
   *
   * @param hasLog whether there is a log to read; without one, SQLite needs no file beside the
   *     database
   */
  static Statements readOnly(Path file, boolean hasLog) throws SQLException {
    SQLiteConfig config = new SQLiteConfig();
    config.setReadOnly(true);
    String url =
        "jdbc:sqlite:file:"
            + file.toUri().getRawPath()
            + (hasLog ? "?mode=ro" : "?immutable=1&mode=ro");
    return new Statements(DriverManager.getConnection(url, config.toProperties()), DIALECT);
  }

  /**
   * Without this setting, the driver reads the last row's number after each insert, which takes
   * about as long as the insert itself.
   */
  private static Properties driverSettings() {
    Properties settings = new Properties();
    settings.setProperty("jdbc.get_generated_keys", "false");
    return settings;
  }

  private static Statements open(Path file) throws SQLException {
    Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file, driverSettings());
    Statements sql = new Statements(connection, DIALECT);
    try {
      sql.run("PRAGMA busy_timeout = 5000");
      sql.run("PRAGMA mmap_size = 0");
      sql.run("PRAGMA temp_store = MEMORY");
      return sql;
    } catch (SQLException e) {
      sql.close();
      throw e;
    }
  }
}
