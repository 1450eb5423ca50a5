package dev.milepost.server.grpc;

import dev.milepost.server.store.Postgres;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.postgresql.ds.PGSimpleDataSource;

class SeveralServersOnPostgresTest extends SeveralServersContract {
  private final String name = "several-" + System.nanoTime();
  private final String url = Postgres.emptyStore() + "&ApplicationName=" + name;

  @Override
  protected String url() {
    return url;
  }

  @Override
  protected int cutConnections() throws SQLException {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setURL("jdbc:" + url.replaceFirst("//postgres@", "//").replaceFirst("\\?.*", ""));
    source.setUser("postgres");
    try (Connection connection = source.getConnection();
        PreparedStatement cut =
            connection.prepareStatement(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE"
                    + " application_name = ?")) {
      cut.setString(1, name);
      try (ResultSet row = cut.executeQuery()) {
        row.next();
        return row.getInt(1);
      }
    }
  }
}
