package dev.milepost.server.grpc.operations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.milepost.server.job.FieldChecks;
import dev.milepost.server.job.Refusal;
import dev.milepost.v1.JobState;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which states a filter of operations selects, and which filters are unsupported. */
class OperationFilterTest {
  private static Set<JobState> states(String filter) {
    FieldChecks violations = new FieldChecks();
    Set<JobState> states = OperationFilter.states(violations, filter);
    violations.orThrow();
    return states;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | CANCELLED CANCELLING FAILED QUEUED RUNNING SUCCEEDED",
        "'  ' | CANCELLED CANCELLING FAILED QUEUED RUNNING SUCCEEDED",
        "done = true | CANCELLED FAILED SUCCEEDED",
        "done=true | CANCELLED FAILED SUCCEEDED",
        "done != true | CANCELLING QUEUED RUNNING",
        "done = \"false\" | CANCELLING QUEUED RUNNING",
        "metadata.state = JOB_STATE_FAILED | FAILED",
        "metadata.state = \"JOB_STATE_FAILED\" | FAILED",
        "done = false AND metadata.state != JOB_STATE_QUEUED | CANCELLING RUNNING",
        "' done = true  AND  metadata.state!=JOB_STATE_FAILED ' | CANCELLED SUCCEEDED",
        "done = true AND metadata.state = JOB_STATE_RUNNING | ''"
      })
  void comparisonsOfTheStateAreSupported(String filter, String expected) {
    assertThat(
            states(filter).stream()
                .map(state -> state.name().replace("JOB_STATE_", ""))
                .sorted()
                .collect(Collectors.joining(" ")))
        .isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "done",
        "NOT done",
        "done = maybe",
        "done = true OR done = false",
        "done = true AND",
        "AND done = true",
        "(done = true)",
        "done : true",
        "done > false",
        "done = \"true",
        "metadata.state = RUNNING",
        "metadata.state = JOB_STATE_UNSPECIFIED",
        "metadata.state = UNRECOGNIZED",
        "metadata.stage.name = Hashing",
        "name = operations/a"
      })
  void unsupportedFiltersAreRefused(String filter) {
    assertThatExceptionOfType(Refusal.InvalidArgument.class)
        .isThrownBy(() -> states(filter))
        .withMessageContaining("done = true|false")
        .satisfies(refusal -> assertThat(refusal.violations().get(0).field()).isEqualTo("filter"));
  }

  @Test
  void anOverlongFilterIsRefusedWithoutParsing() {
    assertThatExceptionOfType(Refusal.InvalidArgument.class)
        .isThrownBy(() -> states("done = true" + " ".repeat(1_000_000) + "x"))
        .withMessageContaining("at most 1024 characters");
  }
}
