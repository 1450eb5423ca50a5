package dev.milepost.server.http.transcode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Message;
import com.google.protobuf.util.Timestamps;
import dev.milepost.server.http.transcode.Routes.Found;
import dev.milepost.v1.CancelJobRequest;
import dev.milepost.v1.CreateJobRequest;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobState;
import dev.milepost.v1.ListJobsRequest;
import dev.milepost.v1.ListJournalRequest;
import dev.milepost.v1.LogLevel;
import java.text.ParseException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** How the parts of an HTTP request become the request of a call. */
class RequestBinderTest {
  private final RequestBinder binder = new RequestBinder(new Json(TestRoutes.ALL.all()));

  private Message bind(String verb, String path, Map<String, List<String>> query, String body) {
    Found.Match match = (Found.Match) TestRoutes.ALL.find(verb, path);
    return binder.bind(match.route(), match.values(), query, body);
  }

  private Message list(Object... query) {
    Map<String, List<String>> parameters = new LinkedHashMap<>();
    for (int i = 0; i < query.length; i += 2) {
      parameters.put((String) query[i], List.of(((String) query[i + 1]).split("\\|")));
    }
    return bind("GET", "/v1/jobs", parameters, "");
  }

  @Test
  void parametersAreFieldsByTheirNameInTheContractOrInJson() throws ParseException {
    ListJournalRequest expected =
        ListJournalRequest.newBuilder()
            .setJobId("a")
            .setPageSize(5)
            .setPageToken("\"x\\")
            .setNewestFirst(true)
            .addLevels(LogLevel.LOG_LEVEL_INFO)
            .addLevels(LogLevel.LOG_LEVEL_ERROR)
            .setMinTime(Timestamps.parse("2026-11-30T10:00:00.5Z"))
            .build();
    for (boolean isJson : new boolean[] {false, true}) {
      Map<String, List<String>> query =
          Map.of(
              isJson ? "pageSize" : "page_size",
              List.of("5"),
              isJson ? "pageToken" : "page_token",
              List.of("\"x\\"),
              isJson ? "newestFirst" : "newest_first",
              List.of("true"),
              "levels",
              List.of("LOG_LEVEL_INFO", "LOG_LEVEL_ERROR"),
              isJson ? "minTime" : "min_time",
              List.of("2026-11-30T10:00:00.5Z"));
      assertThat(bind("GET", "/v1/jobs/a/journal", query, "")).isEqualTo(expected);
    }
  }

  @Test
  void dotsLeadIntoMessages() {
    assertThat(
            list(
                "filter.types", "import|export",
                "filter.states", "JOB_STATE_RUNNING",
                "page_size", "3"))
        .isEqualTo(
            ListJobsRequest.newBuilder()
                .setFilter(
                    JobFilter.newBuilder()
                        .addTypes("import")
                        .addTypes("export")
                        .addStates(JobState.JOB_STATE_RUNNING))
                .setPageSize(3)
                .build());
  }

  @Test
  void invalidParametersAreNamed() {
    assertThatThrownBy(() -> list("nothing", "1"))
        .isInstanceOf(ApiException.class)
        .hasMessageContaining("parameter nothing is unknown")
        .hasMessageContaining("page_size");
    assertThatThrownBy(() -> list("filter.nothing", "1"))
        .hasMessageContaining("parameter filter.nothing is unknown");
    assertThatThrownBy(() -> list("page_size.x", "1"))
        .hasMessageContaining("parameter page_size.x is unknown");
    assertThatThrownBy(() -> list("page_size", "many"))
        .hasMessageContaining("parameter page_size is invalid");
    assertThatThrownBy(() -> list("page_size", "1|2"))
        .hasMessageContaining("page_size must be given once");
    assertThatThrownBy(() -> list("filter.states", "NO_STATE"))
        .hasMessageContaining("parameter filter.states is invalid");
    assertThatThrownBy(() -> list("filter", "x")).hasMessageContaining("filter is an object");
    assertThatThrownBy(() -> bind("GET", "/v1/jobs/a/journal", Map.of("job_id", List.of("b")), ""))
        .hasMessageContaining("job_id is not a parameter");
    assertThatThrownBy(() -> bind("POST", "/v1/jobs", Map.of("request_id", List.of("b")), "{}"))
        .hasMessageContaining("takes its fields in the body");
  }

  @Test
  void theBodyIsTheRequestWithoutTheFieldsOfThePath() {
    assertThat(bind("POST", "/v1/jobs", Map.of(), "{\"spec\":{\"type\":\"t\"}}"))
        .isInstanceOfSatisfying(
            CreateJobRequest.class,
            request -> assertThat(request.getSpec().getType()).isEqualTo("t"));
    CancelJobRequest cancel = CancelJobRequest.newBuilder().setJobId("a").build();
    for (String body : List.of("", "{}", "{\"jobId\":\"a\"}", "{\"job_id\":\"a\"}")) {
      assertThat(bind("POST", "/v1/jobs/a:cancel", Map.of(), body)).as(body).isEqualTo(cancel);
    }
    assertThatThrownBy(() -> bind("POST", "/v1/jobs/a:cancel", Map.of(), "{\"jobId\":\"b\"}"))
        .hasMessageContaining("job_id differs");
  }

  @Test
  void invalidBodiesAreRefused() {
    assertThatThrownBy(() -> bind("POST", "/v1/jobs", Map.of(), "{\"spec\":{\"no\":1}}"))
        .isInstanceOf(ApiException.class)
        .hasMessageContaining("Cannot find field: no");
    List<String> malformed =
        List.of(
            "{",
            "[]",
            "null",
            "1",
            "\"a\"",
            "{} {}",
            "{}x",
            "{'spec':{}}",
            "{spec:{}}",
            "{\"spec\":{},}",
            "{\"spec\":1}",
            "{\"spec\":{},\"spec\":{}}",
            "[".repeat(10_000),
            "{\"a\":".repeat(10_000));
    for (String body : malformed) {
      assertThat(refusalOf(body)).as(body).doesNotStartWith("no refusal");
    }
  }

  private String refusalOf(String body) {
    try {
      return "no refusal, but " + bind("POST", "/v1/jobs", Map.of(), body);
    } catch (ApiException e) {
      assertThat(e.httpStatus()).isEqualTo(400);
      return String.valueOf(e.getMessage());
    }
  }

  @Test
  void numbersThatWouldChangeAreRefused() {
    String body = "{\"spec\":{\"type\":\"t\",\"params\":{\"n\":%s}}}";
    for (String exact : List.of("9007199254740992", "-9007199254740992", "0.1", "1e300")) {
      assertThat(refusalOf(body.formatted(exact))).as(exact).startsWith("no refusal");
    }
    assertThat(refusalOf(body.formatted("9007199254740993")))
        .contains("9007199254740993", "as a string");
    assertThat(refusalOf(body.formatted("1" + "0".repeat(300)))).contains("$.spec.params.n");
  }
}
