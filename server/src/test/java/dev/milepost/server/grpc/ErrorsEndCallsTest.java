package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.memory.MemoryJobStore;
import dev.milepost.v1.ListJobsRequest;
import dev.milepost.v1.WatchJobRequest;
import io.grpc.Status.Code;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** An error of the JVM ends the call that it happens in, and nothing else. */
class ErrorsEndCallsTest {
  static Stream<Error> errors() {
    return Stream.of(
        new OutOfMemoryError("planted"),
        new StackOverflowError("planted"),
        new AssertionError("planted"),
        new NoClassDefFoundError("planted"));
  }

  /** Throws a planted error from the next call that returns a stage, or within the stage. */
  private static final class Faults {
    private final AtomicReference<@Nullable Error> thrown = new AtomicReference<>();
    private final AtomicReference<@Nullable Error> failing = new AtomicReference<>();

    JobStore in(JobStore store) {
      return (JobStore)
          Proxy.newProxyInstance(
              JobStore.class.getClassLoader(),
              new Class<?>[] {JobStore.class},
              (proxy, method, arguments) -> {
                boolean isRead = method.getName().equals("get") || method.getName().equals("list");
                Error error = isRead ? thrown.getAndSet(null) : null;
                if (error != null) {
                  throw error;
                }
                Object result;
                try {
                  result = method.invoke(store, arguments);
                } catch (InvocationTargetException e) {
                  throw e.getCause();
                }
                Error late = isRead ? failing.getAndSet(null) : null;
                return late == null
                    ? result
                    : ((CompletionStage<?>) result)
                        .thenApply(
                            value -> {
                              throw late;
                            });
              });
    }
  }

  @ParameterizedTest
  @MethodSource("errors")
  void everyCallEnds(Error error) {
    Faults faults = new Faults();
    try (BareServer server =
        BareServer.start(
            BareServer.NO_LIMITS, clock -> faults.in(new MemoryJobStore(clock, 1_000)))) {
      TestClient ann = server.caller("acme ann USER");
      String id = ann.create("a").getId();
      for (AtomicReference<@Nullable Error> place : List.of(faults.thrown, faults.failing)) {
        place.set(error);
        assertThat(Failure.of(() -> ann.get(id)).code()).isEqualTo(Code.INTERNAL);
        place.set(error);
        assertThat(
                Failure.of(() -> ann.jobs().listJobs(ListJobsRequest.getDefaultInstance())).code())
            .isEqualTo(Code.INTERNAL);
        place.set(error);
        JobWatchRecorder watch = ann.watch(WatchJobRequest.newBuilder().setJobId(id));
        await().until(watch::isOver);
        assertThat(ann.get(id).getId()).isEqualTo(id);
      }
    }
  }
}
