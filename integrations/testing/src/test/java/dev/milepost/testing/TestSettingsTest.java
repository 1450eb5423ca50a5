package dev.milepost.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milepost.server.settings.SettingsException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Nothing leads a test server out of its test. */
class TestSettingsTest {
  @ParameterizedTest
  @CsvSource({
    "milepost.store, postgresql://user:secret@db.example/production",
    "milepost.store, redis://:secret@cache.example",
    "milepost.store, sqlite:/var/lib/milepost/jobs.db",
    "milepost.import-from, milepost://user:secret@jobs.example",
    "milepost.listen, 0.0.0.0:7300",
    "milepost.http.listen, localhost:7301"
  })
  void aSettingThatLeadsOutOfTheTestIsRefused(String path, String value) {
    assertThatThrownBy(() -> TestSettings.with(Map.of(path, value)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(path)
        .hasMessageNotContaining("secret");
  }

  @Test
  void thePropertiesOfTheMachineAreNotRead() {
    String before = System.setProperty("milepost.import-from", "milepost://jobs.example");
    String lease = System.setProperty("milepost.jobs.lease", "17s");
    try {
      var settings = TestSettings.with(Map.of());
      assertThat(settings.importFrom()).isEmpty();
      assertThat(settings.store()).isEqualTo("memory:");
      assertThat(settings.jobs().lease()).hasSeconds(30);
    } finally {
      restore("milepost.import-from", before);
      restore("milepost.jobs.lease", lease);
    }
  }

  private static void restore(String name, String value) {
    if (value == null) {
      System.clearProperty(name);
    } else {
      System.setProperty(name, value);
    }
  }

  @Test
  void otherSettingsAreTaken() {
    assertThat(TestSettings.with(Map.of("milepost.jobs.lease", "5s")).jobs().lease()).hasSeconds(5);
    assertThatThrownBy(() -> TestSettings.with(Map.of("milepost.jobs.leese", "5s")))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("milepost.jobs.leese");
  }

  @Test
  void aLineIsAPathAndAValue() {
    assertThat(TestSettings.parse("a.b = c = d", "e=")).isEqualTo(Map.of("a.b", "c = d", "e", ""));
    assertThatThrownBy(() -> TestSettings.parse("a.b"))
        .hasMessage("A setting of @MilepostTest must be \"path = value\". This one is not: a.b");
    assertThatThrownBy(() -> TestSettings.parse("a=1", "a = 2"))
        .hasMessage("@MilepostTest has the setting a twice.");
  }
}
