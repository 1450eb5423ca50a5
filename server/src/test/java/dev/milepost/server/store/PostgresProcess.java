package dev.milepost.server.store;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** A PostgreSQL of a single test, whose processes can be stopped for a while. */
public final class PostgresProcess implements AutoCloseable {
  private final AtomicInteger schemas = new AtomicInteger();
  private final EmbeddedPostgres postgres;
  private final ProcessHandle postmaster;

  private PostgresProcess(EmbeddedPostgres postgres) throws IOException, SQLException {
    this.postgres = postgres;
    try (Connection connection = postgres.getPostgresDatabase().getConnection();
        Statement sql = connection.createStatement();
        ResultSet row = sql.executeQuery("SHOW data_directory")) {
      row.next();
      List<String> lines = Files.readAllLines(Path.of(row.getString(1), "postmaster.pid"));
      postmaster = ProcessHandle.of(Long.parseLong(lines.get(0).strip())).orElseThrow();
    }
  }

  /** Starts one. */
  public static PostgresProcess start() {
    try {
      return new PostgresProcess(EmbeddedPostgres.start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  /** The URL of an empty store. */
  public String emptyStore() {
    return "postgresql://postgres@localhost:%d/postgres?currentSchema=test_%d"
        .formatted(postgres.getPort(), schemas.incrementAndGet());
  }

  /**
   * Lets {@link #setClock} set its clock, as a superuser can replace a function of the system. To
   * be called before any connection has asked for the time.
   */
  public void makeClockSettable() {
    run(
        "CREATE TABLE public.clock (shift interval NOT NULL)",
        "INSERT INTO public.clock VALUES ('0 s')",
        // Not inlined, unlike the function that calls it.
        "CREATE FUNCTION public.shifted_time() RETURNS timestamptz LANGUAGE plpgsql AS $$ BEGIN"
            + " RETURN timeofday()::timestamptz + (SELECT shift FROM public.clock); END $$",
        "SET allow_system_table_mods = on",
        "CREATE OR REPLACE FUNCTION pg_catalog.clock_timestamp() RETURNS timestamptz"
            + " LANGUAGE sql VOLATILE AS 'SELECT public.shifted_time()'");
  }

  /** Sets its clock forward, or back. */
  public void setClock(Duration by) {
    run("UPDATE public.clock SET shift = '" + by.toSeconds() + " s'");
  }

  private void run(String... statements) {
    try (Connection connection = postgres.getPostgresDatabase().getConnection();
        Statement sql = connection.createStatement()) {
      for (String statement : statements) {
        sql.execute(statement);
      }
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  private Stream<ProcessHandle> processes() {
    return Stream.concat(Stream.of(postmaster), postmaster.descendants());
  }

  /** Stops all processes where they are. Connections stay open, and nothing responds. */
  public void freeze() {
    // The first process first: it starts the others.
    processes().forEach(process -> Signals.send("STOP", process.pid()));
  }

  /** Lets frozen processes go on. */
  public void thaw() {
    processes().forEach(process -> Signals.send("CONT", process.pid()));
  }

  @Override
  public void close() throws IOException {
    thaw();
    postgres.close();
  }
}
