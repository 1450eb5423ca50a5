package dev.milepost.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import dev.milepost.server.grpc.HeldJob;
import dev.milepost.server.grpc.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The dashboard and the alerts use meters that a server has, with labels that they have. */
class DeployFilesTest {
  private static final Path DEPLOY = Path.of("..", "deploy");
  private static final Pattern METER =
      Pattern.compile("\\b((?:milepost|grpc|jvm|process)_[a-z_]+)\\b(\\{[^}]*})?");
  private static final Pattern MATCHER = Pattern.compile("(\\w+)\\s*(?:=~|!~|!=|=)");

  /** Labels that Prometheus adds. */
  private static final Set<String> ADDED = Set.of("instance", "job");

  @Test
  void alertsUseMetersOfTheServer() throws IOException {
    Map<?, ?> file =
        (Map<?, ?>)
            new Load(LoadSettings.builder().build())
                .loadFromString(Files.readString(DEPLOY.resolve("prometheus/rules.yml")));
    List<String> expressions = new ArrayList<>();
    for (Object group : (List<?>) file.get("groups")) {
      for (Object rule : (List<?>) ((Map<?, ?>) group).get("rules")) {
        Map<?, ?> alert = (Map<?, ?>) rule;
        assertThat(alert.get("alert")).asString().startsWith("Milepost");
        assertThat((Map<?, ?>) alert.get("annotations")).isNotEmpty();
        expressions.add(String.valueOf(alert.get("expr")));
      }
    }
    assertThat(expressions).hasSizeGreaterThan(10);
    check(expressions);
  }

  @Test
  void panelsUseMetersOfTheServer() throws IOException {
    Struct.Builder dashboard = Struct.newBuilder();
    JsonFormat.parser().merge(Files.readString(DEPLOY.resolve("grafana/milepost.json")), dashboard);
    List<String> expressions = new ArrayList<>();
    collect(Value.newBuilder().setStructValue(dashboard).build(), expressions);
    assertThat(expressions).hasSizeGreaterThan(20);
    check(expressions);
  }

  private static void collect(Value value, List<String> expressions) {
    ListValue all = value.getListValue();
    all.getValuesList().forEach(one -> collect(one, expressions));
    value
        .getStructValue()
        .getFieldsMap()
        .forEach(
            (name, field) -> {
              if (name.equals("expr")) {
                expressions.add(field.getStringValue());
              }
              collect(field, expressions);
            });
  }

  private static void check(List<String> expressions) {
    Map<String, MetricsPage.Family> families;
    try (TestServer server = TestServer.start(Map.of("milepost.http.listen", "localhost:0"))) {
      server.client().create("a");
      HeldJob work = server.client().claim();
      work.complete();
      families = MetricsPage.read(server.server().http() + "/metrics").families();
    }
    Set<String> used = new TreeSet<>();
    for (String expression : expressions) {
      METER
          .matcher(expression)
          .results()
          .forEach(
              use -> {
                MetricsPage.Family family = family(use.group(1), families);
                assertThat(family).as("%s in %s", use.group(1), expression).isNotNull();
                if (use.group(2) != null) {
                  MATCHER
                      .matcher(use.group(2).replaceAll("\"[^\"]*\"", ""))
                      .results()
                      .map(label -> label.group(1))
                      .filter(label -> !ADDED.contains(label))
                      .forEach(label -> assertThat(family.labels()).as(expression).contains(label));
                }
                used.add(use.group(1));
              });
    }
    assertThat(used).contains("milepost_store_up", "milepost_jobs_ended_total");
  }

  private static MetricsPage.Family family(String name, Map<String, MetricsPage.Family> families) {
    MetricsPage.Family own = families.get(name);
    if (own != null) {
      return own;
    }
    MetricsPage.Family histogram = families.get(name.replaceAll("_(bucket|count|sum)$", ""));
    boolean hasParts =
        histogram != null && Set.of("histogram", "summary").contains(histogram.type());
    return hasParts ? histogram : null;
  }
}
