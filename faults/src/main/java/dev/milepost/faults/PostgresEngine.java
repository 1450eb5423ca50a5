package dev.milepost.faults;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** An embedded PostgreSQL with default durability. */
final class PostgresEngine implements Engine {
  private static final String TERMINATE =
      "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
          + " WHERE application_name = 'milepost'";
  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final Path directory;
  private final int port;
  private EmbeddedPostgres postgres;
  private int stores;

  PostgresEngine() throws IOException {
    this.directory = Files.createTempDirectory("milepost-faults-postgres");
    this.postgres = start(0);
    this.port = postgres.getPort();
  }

  private EmbeddedPostgres start(int onPort) throws IOException {
    return EmbeddedPostgres.builder()
        .setPort(onPort)
        .setDataDirectory(directory.resolve("data"))
        .setCleanDataDirectory(false)
        .setServerConfig("max_connections", "200")
        .setServerConfig("fsync", "on")
        .setServerConfig("synchronous_commit", "on")
        .start();
  }

  @Override
  public String title() {
    return "PostgreSQL";
  }

  @Override
  public synchronized String emptyStore() {
    stores++;
    return "postgresql://postgres@localhost:" + port + "/postgres?currentSchema=faults_" + stores;
  }

  @Override
  public int disconnectFeeds() throws IOException {
    // The last query of such a connection is the one that it always sends.
    return disconnect(" AND query ~ 'LISTEN|NOTIFY|pg_current_snapshot|FROM change'");
  }

  @Override
  public int disconnectAll() throws IOException {
    return disconnect("");
  }

  private synchronized int disconnect(String which) throws IOException {
    try (Connection connection = postgres.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(TERMINATE + which)) {
      row.next();
      return row.getInt(1);
    } catch (SQLException e) {
      throw new IOException(e);
    }
  }

  /** Kills the postmaster and its children. */
  @Override
  public synchronized void crash() throws IOException {
    Path file = directory.resolve("data").resolve("postmaster.pid");
    long pid = Long.parseLong(Files.readAllLines(file).get(0).strip());
    ProcessHandle postmaster =
        ProcessHandle.of(pid).orElseThrow(() -> new IOException("no process " + pid));
    var children = postmaster.descendants().toList();
    postmaster.destroyForcibly();
    postmaster.onExit().join();
    for (ProcessHandle child : children) {
      child.destroyForcibly();
      child.onExit().join();
    }
    // Another process may have the same id by now, and would be mistaken for the postmaster.
    Files.deleteIfExists(file);
    postgres.close();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (true) {
      try {
        postgres = start(port);
        return;
      } catch (IOException | IllegalStateException e) {
        // The port or shared memory of the old one may not be free yet.
        if (System.nanoTime() > deadline) {
          throw e;
        }
        LockSupport.parkNanos(POLL_NANOS);
      }
    }
  }

  @Override
  public synchronized void close() throws IOException {
    postgres.close();
    Directories.remove(directory);
  }
}
