package dev.milepost.server.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.google.rpc.Status;
import dev.milepost.v1.JobState;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Refusals as their callers receive them. */
public class RefusalTest {
  /** One refusal of each kind. */
  public static List<Refusal> refusals() {
    return List.of(
        new Refusal.JobNotFound("job-1"),
        new Refusal.CreatedJobDeleted("job-1"),
        new Refusal.JobUnreadable("job-1"),
        new Refusal.RequestUnreadable(),
        new Refusal.JobAlreadyExists("job-1"),
        new Refusal.RequestIdReused(List.of("spec", "user_id")),
        new Refusal.InvalidArgument("spec.type", "is required"),
        new Refusal.InvalidStateTransition(
            "job-1", JobState.JOB_STATE_RUNNING, CommandKind.DELETE, List.of(CommandKind.CANCEL)),
        new Refusal.JobNotFinished("job-1", JobState.JOB_STATE_RUNNING),
        new Refusal.TooManyMatchingJobs("sort by priority", 10_000),
        new Refusal.NoFailedItems("job-1"),
        new Refusal.ParentHasNoItems("job-1"),
        new Refusal.ChildJob("job-1", "batch-1"),
        new Refusal.TooManyShares("job-1", 20),
        new Refusal.ReportSequenceGap("job-1", 2, 4),
        new Refusal.LeaseLost("job-1"),
        new Refusal.EtagMismatch("job-1"),
        new Refusal.BatchClosed("job-1"),
        new Refusal.BatchBeingRemoved("job-1"),
        new Refusal.UserHasRunningJobs("ann", 2));
  }

  @Test
  void coversEveryKind() {
    assertThat(refusals())
        .extracting(refusal -> (Object) refusal.getClass())
        .containsExactlyInAnyOrder((Object[]) Refusal.class.getPermittedSubclasses());
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void isNamedAfterItsReasonWhichGivesTheCode(Refusal refusal)
      throws InvalidProtocolBufferException {
    Status status = refusal.status();
    ErrorInfo info = status.getDetails(0).unpack(ErrorInfo.class);
    String kind = refusal.getClass().getSimpleName();
    assertThat(info.getReason())
        .isEqualTo(kind.replaceAll("(?<=[a-z])([A-Z])", "_$1").toUpperCase(Locale.ROOT));
    assertThat(info.getDomain()).isEqualTo("milepost.dev");
    assertThat(Code.forNumber(status.getCode())).isNotIn(Code.OK, Code.UNKNOWN, Code.INTERNAL);
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void saysASentenceAndHasNoStackTrace(Refusal refusal) {
    assertThat(refusal.getMessage()).endsWith(".").isEqualTo(refusal.status().getMessage());
    assertThat(refusal.getStackTrace()).isEmpty();
  }
}
