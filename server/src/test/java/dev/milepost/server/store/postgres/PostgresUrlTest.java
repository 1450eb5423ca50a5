package dev.milepost.server.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milepost.server.store.StoreException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PostgresUrlTest {
  @Test
  void credentialsAreSeparatedFromTheAddress() {
    PostgresUrl url =
        PostgresUrl.of("postgresql://ann:p%40ss+word%3A@db.example:6432/jobs?sslmode=require");

    assertThat(url.jdbc()).isEqualTo("jdbc:postgresql://db.example:6432/jobs");
    assertThat(url.location()).isEqualTo("//db.example:6432/jobs");
    assertThat(url.schema()).isEqualTo("milepost");
    assertThat(url.properties())
        .containsEntry("user", "ann")
        .containsEntry("password", "p@ss+word:")
        .containsEntry("sslmode", "require")
        .containsEntry("currentSchema", "milepost");
  }

  @Test
  void defaultPortIsThatOfPostgres() {
    assertThat(PostgresUrl.of("postgresql://localhost/jobs?currentSchema=mine"))
        .satisfies(url -> assertThat(url.location()).isEqualTo("//localhost:5432/jobs"))
        .satisfies(url -> assertThat(url.schema()).isEqualTo("mine"));
  }

  @ParameterizedTest
  @CsvSource({
    "postgresql:jobs, names no host",
    "postgresql://ann:secret@localhost, names no database",
    "postgresql://ann:secret@localhost/, names no database",
    "postgresql://ann:se cret@localhost/jobs, has a space in its user or password: write it as %20",
    "postgresql://ann:secret@localhost/jobs?currentSchema=a;b, has a currentSchema",
  })
  void invalidUrlIsRefusedWithoutRepeatingThePassword(String url, String why) {
    assertThatThrownBy(() -> PostgresUrl.of(url))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining(why)
        .hasMessageContaining("Use postgresql://USER:PASSWORD@HOST:PORT/DATABASE")
        .hasMessageNotContaining("cret")
        .hasNoCause();
  }
}
