package dev.milepost.server.http.transcode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What paths a template matches, and what it takes from them. */
class PathTemplateTest {
  private static @Nullable Map<String, String> match(String template, String path, String verb) {
    return PathTemplate.parse(template).match(List.of(path.split("/", -1)), verb);
  }

  @Test
  void aVariableIsOneSegment() {
    assertThat(match("/v1/jobs/{job_id}", "v1/jobs/a", "")).isEqualTo(Map.of("job_id", "a"));
    assertThat(match("/v1/jobs/{job_id}", "v1/jobs/a/b", "")).isNull();
    assertThat(match("/v1/jobs/{job_id}", "v1/jobs", "")).isNull();
    assertThat(match("/v1/jobs/{job_id}", "v1/jobs/", "")).isNull();
    assertThat(match("/v1/jobs/{job_id}", "v2/jobs/a", "")).isNull();
    assertThat(match("/v1/jobs/{job_id}/items", "v1/jobs/a/items", ""))
        .isEqualTo(Map.of("job_id", "a"));
  }

  @Test
  void aPatternKeepsItsLiterals() {
    assertThat(match("/v1/{name=operations/**}", "v1/operations/a/b", ""))
        .isEqualTo(Map.of("name", "operations/a/b"));
    assertThat(match("/v1/{name=operations/**}", "v1/operations", "")).isNull();
    assertThat(match("/v1/{name=operations}", "v1/operations", ""))
        .isEqualTo(Map.of("name", "operations"));
    assertThat(match("/v1/{name=jobs/*}/items/{item}", "v1/jobs/a/items/b", ""))
        .isEqualTo(Map.of("name", "jobs/a", "item", "b"));
  }

  @Test
  void aVerbMustBeTheSame() {
    assertThat(match("/v1/jobs/{job_id}:cancel", "v1/jobs/a", "cancel"))
        .isEqualTo(Map.of("job_id", "a"));
    assertThat(match("/v1/jobs/{job_id}:cancel", "v1/jobs/a", "")).isNull();
    assertThat(match("/v1/jobs/{job_id}:cancel", "v1/jobs/a", "retry")).isNull();
    assertThat(match("/v1/jobs:cancel", "v1/jobs", "cancel")).isEmpty();
  }

  @Test
  void valuesAreDecoded() {
    assertThat(match("/v1/jobs/{job_id}", "v1/jobs/a%20b+c%C3%A4", ""))
        .isEqualTo(Map.of("job_id", "a b+c\u00e4"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "v1/jobs", "/v1/{job_id", "/v1/**/a", "/v1/jobs:", "/v1//jobs", "/v1/a b{c}d"})
  void malformedTemplatesAreRefused(String text) {
    assertThatThrownBy(() -> PathTemplate.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }
}
