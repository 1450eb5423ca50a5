package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.RetryInfo;
import dev.milepost.server.access.AccessException;
import dev.milepost.server.app.LimitException;
import dev.milepost.server.job.Refusal;
import dev.milepost.server.job.RefusalTest;
import dev.milepost.server.store.BackupException;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.watch.WatchException;
import dev.milepost.server.wire.RequestException;
import dev.milepost.v1.ErrorReason;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ErrorMapTest {
  @Test
  void everyReasonOfTheContractIsSentAndNoOther() {
    Stream<Throwable> others =
        Stream.of(
            new AccessException.Unauthenticated("Who?"),
            new AccessException.PermissionDenied("No."),
            new LimitException("jobs", "user:ann", "Too many.", Duration.ofSeconds(1)),
            new WatchException.OutOfRange(7, 5),
            new WatchException.TooOld(),
            new WatchException.Draining(),
            new RequestException.MalformedRequest("What?"),
            new RequestException.MessageTooLarge("Too large."),
            new RequestException.UnknownMethod("a/b"),
            new RequestException.UnknownEncoding("gzip"),
            new StoreException(StoreException.Outcome.NOT_APPLIED, "Gone."),
            new StoreException(StoreException.Outcome.UNKNOWN, "Gone."),
            new StoreException(
                StoreException.Outcome.NOT_APPLIED, StoreException.Kind.FULL, "Full.", null),
            BackupException.unsupported("memory", "Copy it."),
            BackupException.inProgress(),
            BackupException.exists("a.db"),
            new IllegalStateException("a bug, planted by the test"));
    List<String> sent =
        Stream.concat(RefusalTest.refusals().stream(), others)
            .map(failure -> Failure.of(ErrorMap.toException(failure)).reason())
            .distinct()
            .toList();
    assertThat(sent)
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(ErrorReason.values())
                .filter(
                    reason ->
                        reason != ErrorReason.ERROR_REASON_UNSPECIFIED
                            && reason != ErrorReason.UNRECOGNIZED)
                .map(ErrorReason::name)
                .toList());
  }

  @Test
  void findsTheFailureInsideACompletionException() {
    Failure failure =
        Failure.of(
            ErrorMap.toException(
                new CompletionException(new CompletionException(new Refusal.LeaseLost("job-1")))));
    assertThat(failure.code()).isEqualTo(Status.Code.ABORTED);
    assertThat(failure.reason()).isEqualTo("LEASE_LOST");
  }

  @Test
  void anUnavailableStoreAsksForARetry() {
    Failure failure =
        Failure.of(
            ErrorMap.toException(new StoreException(StoreException.Outcome.NOT_APPLIED, "Gone.")));
    assertThat(failure.detail(RetryInfo.class).orElseThrow().getRetryDelay().getSeconds())
        .isEqualTo(1);
  }

  @Test
  void detailsOfAnUnexpectedFailureAreOnlyLogged() {
    Failure failure = Failure.of(ErrorMap.toException(new IllegalStateException("planted secret")));
    assertThat(failure.code()).isEqualTo(Status.Code.INTERNAL);
    assertThat(failure.details().toString()).doesNotContain("planted secret");
  }

  @Test
  void anErrorOfGrpcHasItsCodeAsReason() {
    Metadata trailers =
        ErrorMap.withDetails(
            Status.UNIMPLEMENTED.withDescription("Method not found"), new Metadata());
    Failure failure = Failure.of(new StatusRuntimeException(Status.UNIMPLEMENTED, trailers));
    assertThat(failure.reason()).isEqualTo("UNIMPLEMENTED");
    assertThat(failure.message()).isEqualTo("Method not found");
  }

  @Test
  void aWatchWithAnExpiredCredentialEndsWithAResumePosition() {
    Failure failure =
        Failure.of(
            ErrorMap.unauthenticatedAt(
                new AccessException.Unauthenticated("Expired."), "sequence", "17"));
    assertThat(failure.reason()).isEqualTo("UNAUTHENTICATED");
    assertThat(failure.info().getMetadataMap()).isEqualTo(Map.of("sequence", "17"));
  }
}
