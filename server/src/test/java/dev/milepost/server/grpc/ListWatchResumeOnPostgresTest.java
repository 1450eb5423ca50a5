package dev.milepost.server.grpc;

import dev.milepost.server.store.Postgres;
import java.sql.Connection;
import java.sql.Statement;
import org.postgresql.ds.PGSimpleDataSource;

class ListWatchResumeOnPostgresTest extends ListWatchResumeContract {
  private final String url = Postgres.emptyStore();

  @Override
  protected String url() {
    return url;
  }

  @Override
  protected void forgetChanges() throws Exception {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setURL("jdbc:" + url.replaceFirst("//postgres@", "//"));
    source.setUser("postgres");
    try (Connection connection = source.getConnection();
        Statement forget = connection.createStatement()) {
      forget.execute("DELETE FROM change");
    }
  }
}
