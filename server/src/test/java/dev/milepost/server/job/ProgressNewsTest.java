package dev.milepost.server.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.FieldDescriptor;
import dev.milepost.v1.Progress;
import dev.milepost.v1.SubOperation;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Progress is compared field by field, and no field may be forgotten. */
class ProgressNewsTest {
  private static final Set<String> TIMES =
      Set.of("rate", "estimated_end_time", "last_progress_time");

  static Stream<FieldDescriptor> fields() {
    return Progress.getDescriptor().getFields().stream();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("fields")
  void everyFieldButTheTimesIsNews(FieldDescriptor field) {
    Progress before = Progress.newBuilder().setCurrent(1).setTotal(9).build();
    Progress after = before.toBuilder().setField(field, other(field)).build();

    assertThat(ProgressRule.isSameProgress(after, before))
        .isEqualTo(TIMES.contains(field.getName()));
    assertThat(ProgressRule.isSameProgress(after, after.toBuilder())).isTrue();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("fields")
  void thePresenceOfAFieldIsNews(FieldDescriptor field) {
    if (field.hasPresence() && !TIMES.contains(field.getName())) {
      Progress zero = Progress.newBuilder().setField(field, field.getDefaultValue()).build();

      assertThat(ProgressRule.isSameProgress(zero, Progress.getDefaultInstance())).isFalse();
    }
  }

  private static Object other(FieldDescriptor field) {
    return switch (field.getJavaType()) {
      case LONG -> 7L;
      case INT -> 7;
      case DOUBLE -> 0.7;
      case STRING -> "seven";
      case MESSAGE ->
          field.isRepeated()
              ? List.of(SubOperation.newBuilder().setId("seven").build())
              : Times.timestamp(JobLife.START);
      case FLOAT, BOOLEAN, BYTE_STRING, ENUM -> throw new IllegalArgumentException(field.getName());
    };
  }
}
