package dev.milepost.server.http.transcode;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.api.AnnotationsProto;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import dev.milepost.server.http.transcode.Routes.Found;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The routes of the contract, and their description. */
class RoutesTest {
  private static Found find(String verb, String path) {
    return TestRoutes.ALL.find(verb, path);
  }

  @Test
  void everyRuleIsARoute() {
    Map<String, Integer> rules = new HashMap<>();
    TestRoutes.services().stream()
        .flatMap(service -> service.getMethods().stream())
        .map(Rpc::of)
        .filter(rpc -> rpc.schema().getOptions().hasExtension(AnnotationsProto.http))
        .forEach(
            rpc ->
                rules.put(
                    rpc.method().getFullMethodName(),
                    1
                        + rpc.schema()
                            .getOptions()
                            .getExtension(AnnotationsProto.http)
                            .getAdditionalBindingsCount()));
    Map<String, Integer> routes = new HashMap<>();
    TestRoutes.ALL.all().stream()
        .filter(route -> route.title().isEmpty())
        .forEach(route -> routes.merge(route.rpc().method().getFullMethodName(), 1, Integer::sum));
    // Google's WaitOperation has an empty rule.
    rules.remove("google.longrunning.Operations/WaitOperation");
    assertThat(routes).isEqualTo(rules).hasSizeGreaterThan(45);
  }

  @Test
  void eachRouteIsFoundByItsPath() {
    Set<String> seen = new HashSet<>();
    TestRoutes.calls()
        .forEach(
            call -> {
              assertThat(seen.add(call.verb() + call.path())).as(call.path()).isTrue();
              assertThat(find(call.verb(), call.path()))
                  .as(call.toString())
                  .isInstanceOfSatisfying(
                      Found.Match.class,
                      match ->
                          assertThat(match.route().rpc().method().getFullMethodName())
                              .isEqualTo(call.rpc()));
            });
  }

  @Test
  void otherMethodsAreNamed() {
    assertThat(find("PUT", "/v1/jobs/a"))
        .isEqualTo(new Found.OtherMethods(List.of("DELETE", "GET", "PATCH")));
    assertThat(find("GET", "/v1/jobs/a:cancel")).isEqualTo(new Found.OtherMethods(List.of("POST")));
  }

  @Test
  void aColonMayBePartOfAnId() {
    assertThat(find("GET", "/v1/jobs/a:b"))
        .isInstanceOfSatisfying(
            Found.Match.class,
            match -> assertThat(match.values()).isEqualTo(Map.of("job_id", "a:b")));
  }

  @Test
  void otherPathsAreNone() {
    for (String path : List.of("/", "/v1", "/v1/", "/v2/jobs", "/v1/jobs/a/b", "//v1/jobs")) {
      assertThat(find("GET", path)).as(path).isEqualTo(new Found.Nothing());
    }
  }

  @Test
  void theDescriptionHasEveryRouteWithItsParameters() throws IOException {
    String json = OpenApi.describe(TestRoutes.ALL, "/base", "1.2.3");
    Struct.Builder all = Struct.newBuilder();
    JsonFormat.parser().merge(json, all);
    assertThat(all.getFieldsOrThrow("openapi").getStringValue()).isEqualTo("3.1.0");
    Map<String, Value> paths = all.getFieldsOrThrow("paths").getStructValue().getFieldsMap();
    Set<String> described = new HashSet<>();
    paths.forEach(
        (path, methods) ->
            methods
                .getStructValue()
                .getFieldsMap()
                .keySet()
                .forEach(method -> described.add(method + " " + path)));
    Set<String> routes = new HashSet<>();
    TestRoutes.ALL
        .all()
        .forEach(
            route ->
                routes.add(
                    route.verb().toLowerCase(Locale.ROOT)
                        + " "
                        + route.path().withPlainVariables()));
    assertThat(described).isEqualTo(routes);
    assertThat(json)
        .contains("Returns a job.")
        .contains("\"name\": \"filter.types\"")
        .contains("\"$ref\": \"#/components/schemas/milepost.v1.GetJobResponse\"");
    Set<String> schemas =
        all.getFieldsOrThrow("components")
            .getStructValue()
            .getFieldsOrThrow("schemas")
            .getStructValue()
            .getFieldsMap()
            .keySet();
    java.util.regex.Pattern.compile("#/components/schemas/([^\"]+)")
        .matcher(json)
        .results()
        .forEach(reference -> assertThat(schemas).contains(reference.group(1)));
  }
}
