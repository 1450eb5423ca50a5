package dev.milepost.server.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.ListJournalRequest;
import dev.milepost.v1.LogLevel;
import dev.milepost.v1.Stage;
import dev.milepost.v1.StageChange;
import dev.milepost.v1.StateChange;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JournalFilterTest {
  private static final JournalEntry STATE =
      JournalEntry.newBuilder()
          .setTime(Times.timestamp(JobLife.START))
          .setStateChange(
              StateChange.newBuilder()
                  .setToState(JobState.JOB_STATE_FAILED)
                  .setCause("worker-1")
                  .setReason("retry 1 of 3")
                  .setError(JobLife.FLAKY))
          .build();
  private static final JournalEntry STAGE =
      JournalEntry.newBuilder()
          .setTime(Times.timestamp(JobLife.START))
          .setStageChange(
              StageChange.newBuilder()
                  .setStage(Stage.newBuilder().setName("Hashing").setDetail("a.jpg")))
          .build();

  @ParameterizedTest
  @CsvSource({
    "LOG_LEVEL_UNSPECIFIED, 5",
    "LOG_LEVEL_DEBUG, 5",
    "LOG_LEVEL_INFO, 4",
    "LOG_LEVEL_MILESTONE, 3",
    "LOG_LEVEL_WARNING, 2",
    "LOG_LEVEL_ERROR, 1"
  })
  void aLevelSelectsItselfAndHigherLevels(LogLevel least, int lines) {
    JournalFilter filter = filter(ListJournalRequest.newBuilder().setMinLevel(least));
    int taken = 0;
    for (int level = 1; level <= 5; level++) {
      taken += filter.matches(line(LogLevel.forNumber(level), "x")) ? 1 : 0;
    }
    assertThat(taken).isEqualTo(lines);
    assertThat(filter.matches(STATE)).isTrue();
    assertThat(filter.matches(STAGE)).isTrue();
  }

  @Test
  void minTimeSelectsEntriesAtThatTimeOrLater() {
    assertThat(since(0).matches(STATE)).isTrue();
    assertThat(since(1).matches(STATE)).isFalse();
    assertThat(since(-1).matches(STATE)).isTrue();
    assertThat(filter(ListJournalRequest.newBuilder()).matches(STATE)).as("unset").isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "uploaded, true, false, false",
    "UPLOADED, true, false, false",
    "hashing, false, true, false",
    "A.JPG, false, true, false",
    "failed, false, false, true",
    "Worker-1, false, false, true",
    "retry 1, false, false, true",
    "flaky, false, false, true",
    "went wrong, false, false, true",
    "nowhere, false, false, false"
  })
  void aSearchCoversAllTextsIgnoringCase(String search, boolean log, boolean stage, boolean state) {
    JournalFilter filter = filter(ListJournalRequest.newBuilder().setSearch(search));

    assertThat(filter.matches(line(LogLevel.LOG_LEVEL_INFO, "Uploaded 3 files"))).isEqualTo(log);
    assertThat(filter.matches(STAGE)).isEqualTo(stage);
    assertThat(filter.matches(STATE)).isEqualTo(state);
  }

  private static JournalFilter since(long seconds) {
    return filter(
        ListJournalRequest.newBuilder()
            .setMinTime(Times.timestamp(JobLife.START.plusSeconds(seconds))));
  }

  private static JournalFilter filter(ListJournalRequest.Builder request) {
    return JournalFilter.of(request.build());
  }

  @ParameterizedTest
  @CsvSource({
    "errno, true",
    "PATH, true",
    "/data/x, true",
    "13, true",
    "13.0, false",
    "0.5, true",
    "deep, true",
    "true, true",
    "null, false"
  })
  void aSearchCoversTheContextOfALine(String search, boolean matches) {
    Struct.Builder inner =
        Struct.newBuilder()
            .putFields("flag", Value.newBuilder().setBoolValue(true).build())
            .putFields("none", Value.newBuilder().setNullValueValue(0).build())
            .putFields("parts", list(string("deep"), number(0.5)));
    Struct context =
        Struct.newBuilder()
            .putFields("errno", number(13))
            .putFields("path", string("/data/x"))
            .putFields("inner", Value.newBuilder().setStructValue(inner).build())
            .build();
    JournalEntry.Builder entry = line(LogLevel.LOG_LEVEL_INFO, "unreadable").toBuilder();
    entry.getLogBuilder().setContext(context);

    assertThat(filter(ListJournalRequest.newBuilder().setSearch(search)).matches(entry.build()))
        .isEqualTo(matches);
  }

  private static Value string(String text) {
    return Value.newBuilder().setStringValue(text).build();
  }

  private static Value number(double number) {
    return Value.newBuilder().setNumberValue(number).build();
  }

  private static Value list(Value... values) {
    return Value.newBuilder()
        .setListValue(ListValue.newBuilder().addAllValues(List.of(values)))
        .build();
  }

  private static JournalEntry line(LogLevel level, String message) {
    return JournalEntry.newBuilder()
        .setTime(Times.timestamp(JobLife.START))
        .setLog(JobLife.line(level, message))
        .build();
  }
}
