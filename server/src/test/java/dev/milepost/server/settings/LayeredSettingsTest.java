package dev.milepost.server.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Options over properties over environment variables over a file over the defaults. */
class LayeredSettingsTest {
  @TempDir Path directory;

  private final Properties properties = new Properties();

  private Path file(String content) throws IOException {
    return Files.writeString(directory.resolve("milepost.conf"), content);
  }

  private LayeredSettings read(String content, Map<String, String> environment, String... options)
      throws IOException {
    List<LayeredSettings.Option> given =
        options.length == 0
            ? List.of()
            : List.of(new LayeredSettings.Option(options[0], options[1], options[2]));
    return LayeredSettings.read(given, file(content), environment, properties);
  }

  private void refuses(String message, String content, Map<String, String> environment) {
    assertThatThrownBy(() -> read(content, environment).settings())
        .isInstanceOf(SettingsException.class)
        .hasMessage(message.replace("CONF", directory.resolve("milepost.conf").toString()));
  }

  private void refuses(String message, String content) {
    refuses(message, content, Map.of());
  }

  private void refusesVariable(String message, String variable, String value) {
    refuses(message, "", Map.of(variable, value));
  }

  @Test
  void eachLayerOverridesTheNext() throws IOException {
    String file = "milepost.listen = \"localhost:8110\"";
    Map<String, String> environment = Map.of("MILEPOST_LISTEN", "localhost:8111");
    assertThat(read("", Map.of()).settings().listen().port()).isEqualTo(7300);
    assertThat(read(file, Map.of()).settings().listen().port()).isEqualTo(8110);
    assertThat(read(file, environment).settings().listen().port()).isEqualTo(8111);
    properties.setProperty("milepost.listen", "localhost:8112");
    assertThat(read(file, environment).settings().listen().port()).isEqualTo(8112);
    assertThat(
            read(file, environment, "--listen", "milepost.listen", "localhost:8113")
                .settings()
                .listen()
                .port())
        .isEqualTo(8113);
  }

  @Test
  void everySettingHasAVariable() throws IOException {
    for (Setting setting : Setting.all().values()) {
      String value =
          switch (setting.value().valueType()) {
            case LIST -> "USER,ADMIN";
            case OBJECT -> "{ \"platform.admins\" = ADMIN }";
            default -> "7";
          };
      assertThat(read("", Map.of(setting.variable(), value)).print())
          .contains("  # " + setting.variable() + "\n");
    }
    assertThat(Setting.all()).hasSizeGreaterThan(60).containsKey("milepost.auth.jwt.role-map");
  }

  @Test
  void listsAndMapsAreReadFromVariables() throws IOException {
    Map<String, String> environment =
        Map.of(
            "MILEPOST_AUTH_JWT_ISSUER", "i",
            "MILEPOST_AUTH_JWT_AUDIENCE", "a",
            "MILEPOST_AUTH_JWT_JWKS_FILE", "keys.json",
            "MILEPOST_AUTH_JWT_TYPES", "at+jwt, jwt",
            "MILEPOST_AUTH_JWT_ROLE_MAP", "{ \"platform.admins\" = ADMIN }",
            "MILEPOST_LIMITS_USER_STREAMS", "12",
            "MILEPOST_KEEP_FAILED", "5d");
    Settings settings = read("", environment).settings();
    JwtSettings jwt = settings.auth().jwt().orElseThrow();
    assertThat(jwt.types()).containsExactly("at+jwt", "jwt");
    assertThat(jwt.roleMap()).containsExactly(Map.entry("platform.admins", "ADMIN"));
    assertThat(settings.callers().userStreams()).isEqualTo(12);
    assertThat(settings.jobs().keepFailed()).hasDays(5);
    refusesVariable(
        "The environment variable MILEPOST_AUTH_JWT_TYPES cannot be parsed. Write it as its"
            + " setting milepost.auth.jwt.types in a file.",
        "MILEPOST_AUTH_JWT_TYPES",
        "[a");
  }

  @Test
  void anEmptyVariableCountsAsNotSet() throws IOException {
    String file = "milepost.auth.tokens.file = t.json";
    assertThat(read(file, Map.of("MILEPOST_AUTH_TOKENS_FILE", "")).settings().auth().tokens())
        .contains(Path.of("t.json"));
  }

  @Test
  void oneSettingInTwoVariablesIsRefused() {
    refuses(
        "The environment variables MILEPOST_JOBS_RETENTION_FAILED and MILEPOST_KEEP_FAILED set the"
            + " same: remove one of them.",
        "",
        Map.of("MILEPOST_KEEP_FAILED", "5d", "MILEPOST_JOBS_RETENTION_FAILED", "6d"));
  }

  @Test
  void aSettingThatDoesNotExistIsRefusedWithTheNearestName() {
    refuses(
        "There is no setting milepost.auth.token.file. Did you mean milepost.auth.tokens.file?"
            + " It is set in CONF:2.",
        "milepost {\n  auth { token.file = t.json }\n}");
    refuses(
        "There is no setting milepost.user-streams. Did you mean milepost.limits.user-streams?"
            + " It is set in CONF:1.",
        "milepost.user-streams = 3");
    refuses(
        "There is no setting milepost.colour. It is set in CONF:1.", "milepost { colour = red }");
    refuses(
        "There is no setting listen. Did you mean milepost.listen? It is set in CONF:1.",
        "listen = \"localhost:1\"");
    refuses(
        "There is no setting milepots. Did you mean milepost? It is set in CONF:1.",
        "milepots.listen = \"localhost:1\"");
    refuses(
        "The setting milepost.auth is a group of settings and has no value of its own."
            + " It is set in CONF:1.",
        "milepost.auth = on");
  }

  @Test
  void aFileMayDefineOtherNamesForSubstitution() throws IOException {
    properties.setProperty("milepost.test.boundaries", "all");
    assertThat(
            read("database { user = ann }\nmilepost.store = \"sqlite:\"${database.user}", Map.of())
                .settings()
                .store())
        .isEqualTo("sqlite:ann");
    assertThat(read("milepost.store = \"sqlite:\"${user.home}", Map.of()).settings().store())
        .isEqualTo("sqlite:" + System.getProperty("user.home"));
  }

  @Test
  void aSystemPropertyThatDoesNotExistIsRefused() {
    properties.setProperty("milepost.limit.connections", "3");
    refuses(
        "There is no setting milepost.limit.connections. Did you mean"
            + " milepost.limits.connections? It is set by -Dmilepost.limit.connections.",
        "");
  }

  @Test
  void aVariableThatIsNearlyKnownIsRefused() {
    refusesVariable(
        "There is no environment variable MILEPOST_AUTH_TOKEN_FILE. Did you mean"
            + " MILEPOST_AUTH_TOKENS_FILE? Correct it, or unset it.",
        "MILEPOST_AUTH_TOKEN_FILE",
        "t");
    for (String name :
        List.of(
            "MILEPOST_LISTN", "MILEPOST_TOKENS_FILE", "MILEPOST_TLS_CERT", "MILEPOST_LOGLEVEL")) {
      assertThatThrownBy(() -> read("", Map.of(name, "x")))
          .isInstanceOf(SettingsException.class)
          .hasMessageContaining("There is no environment variable " + name)
          .hasMessageContaining("Did you mean MILEPOST_");
    }
  }

  @Test
  void otherUnknownVariablesAreWarnedOf() throws IOException {
    assertThat(read("", Map.of("MILEPOST_HOME", "/opt", "MILEPOST_PORT", "7300")).warnings())
        .containsExactly(
            "The environment variable MILEPOST_HOME is none of Milepost's and is ignored.",
            "The environment variable MILEPOST_PORT is none of Milepost's and is ignored.");
  }

  @Test
  void variablesOfKubernetesAndOfToolsAreKnown() throws IOException {
    for (String service : List.of("MILEPOST", "MILEPOST_SERVERS")) {
      Map<String, String> injected =
          Map.of(
              service + "_SERVICE_HOST", "10.0.0.1",
              service + "_SERVICE_PORT", "7300",
              service + "_SERVICE_PORT_GRPC", "7300",
              service + "_PORT", "tcp://10.0.0.1:7300",
              service + "_PORT_7300_TCP", "tcp://10.0.0.1:7300",
              service + "_PORT_7300_TCP_PROTO", "tcp",
              service + "_PORT_7300_TCP_PORT", "7300",
              service + "_PORT_7300_TCP_ADDR", "10.0.0.1");
      assertThat(read("", injected).warnings()).isEmpty();
    }
    Map<String, String> tools =
        Map.of(
            "MILEPOST_ADDRESS", "localhost:7300",
            "MILEPOST_BENCH_SERVER", "a.jar",
            "MILEPOST_TEST_REDIS_PROGRAM", "redis",
            "MILEPOST_LOG_LEVEL", "debug");
    assertThat(read("", tools).warnings()).isEmpty();
  }

  @Test
  void anUnknownLogLevelIsRefused() {
    refusesVariable(
        "MILEPOST_LOG_LEVEL must be a log level: TRACE, DEBUG, INFO, WARN, ERROR or OFF.",
        "MILEPOST_LOG_LEVEL",
        "verbose");
    properties.setProperty("MILEPOST_AUDIT_LEVEL", "loud");
    refuses(
        "-DMILEPOST_AUDIT_LEVEL must be a log level: TRACE, DEBUG, INFO, WARN, ERROR or OFF.", "");
  }

  @Test
  void aConnectionMayHaveMoreCallsThanAUserStreams() throws IOException {
    refuses(
        "The setting milepost.limits.calls-per-connection must be above"
            + " milepost.limits.user-streams (50), unless that is 0. It is set in CONF:2.",
        "milepost.limits.user-streams = 50\nmilepost.limits.calls-per-connection = 50");
    assertThat(
            read(
                    "milepost.limits.user-streams = 0\nmilepost.limits.calls-per-connection = 50",
                    Map.of())
                .settings()
                .connections()
                .calls())
        .isEqualTo(50);
    Settings standard = read("", Map.of()).settings();
    assertThat(standard.connections().calls()).isGreaterThan(standard.callers().userStreams());
  }

  @Test
  void aRefusedValueNamesItsOrigin() throws IOException {
    refuses(
        "The setting milepost.jobs.priority must be 0 to 100. It is set in CONF:3.",
        "\n\nmilepost.jobs.priority = 101");
    refusesVariable(
        "The setting milepost.jobs.priority must be 0 to 100. It is set by MILEPOST_JOBS_PRIORITY.",
        "MILEPOST_JOBS_PRIORITY",
        "101");
    LayeredSettings option = read("", Map.of(), "--listen", "milepost.listen", "nonsense");
    assertThatThrownBy(option::settings)
        .hasMessage(
            "The address \"nonsense\" must be HOST:PORT, such as localhost:7300. It is set by"
                + " --listen.");
  }

  @Test
  void everySettingIsPrintedWithItsOriginAndWithoutSecrets() throws IOException {
    String printed =
        read(
                "milepost.limits.user-streams = 3\n"
                    + "milepost.auth.client-certificates.roles = [USER]",
                Map.of("MILEPOST_STORE", "postgresql://ann:hunter2@db:5432/jobs?password=hunter2"),
                "--listen",
                "milepost.listen",
                "localhost:0")
            .print();
    Path file = directory.resolve("milepost.conf");
    assertThat(printed)
        .contains("milepost.store = \"postgresql://***@db:5432/...\"  # MILEPOST_STORE\n")
        .contains("milepost.listen = \"localhost:0\"  # --listen\n")
        .contains("milepost.limits.user-streams = 3  # " + file + ":1\n")
        .contains("milepost.auth.client-certificates.roles = [\"USER\"]  # " + file + ":2\n")
        .contains("milepost.jobs.lease = \"30s\"  # default\n")
        .doesNotContain("hunter2");
    assertThat(printed.lines()).hasSize(Setting.all().size());
  }
}
