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

/** A PostgreSQL of its own, durable as by default. */
final class PostgresEngine implements Engine {
  private static final String CUT =
      "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
          + " WHERE application_name = 'milepost'";
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

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
  public int cutFeeds() throws IOException {
    // What such a connection has asked last is what it always asks.
    return cut(" AND query ~ 'LISTEN|NOTIFY|pg_current_snapshot|FROM change'");
  }

  @Override
  public int cutAll() throws IOException {
    return cut("");
  }

  private synchronized int cut(String which) throws IOException {
    try (Connection connection = postgres.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(CUT + which)) {
      row.next();
      return row.getInt(1);
    } catch (SQLException e) {
      throw new IOException(e);
    }
  }

  /** The postmaster is killed; its children notice, and end. */
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
    // Another process may have got its number meanwhile, and would be taken for it.
    Files.deleteIfExists(file);
    postgres.close();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (true) {
      try {
        postgres = start(port);
        return;
      } catch (IOException | IllegalStateException e) {
        // The port or the memory of the one before may be held for another moment.
        if (System.nanoTime() > deadline) {
          throw e;
        }
        LockSupport.parkNanos(LOOK_NANOS);
      }
    }
  }

  @Override
  public synchronized void close() throws IOException {
    postgres.close();
    Directories.remove(directory);
  }
}
