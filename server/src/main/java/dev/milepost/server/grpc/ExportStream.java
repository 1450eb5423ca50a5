package dev.milepost.server.grpc;

import dev.milepost.server.copy.JobParts;
import dev.milepost.server.copy.WholeJob;
import dev.milepost.server.store.JobPage;
import dev.milepost.server.store.JobQuery;
import dev.milepost.server.store.JobStore;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.ExportJobsResponse;
import dev.milepost.v1.JobFilter;
import io.grpc.Context;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The way of an export to its caller: holds a page of jobs and the parts of one, and reads the next
 * only when the transport has taken those. Thread-safe.
 */
final class ExportStream {
  /** Jobs that are read at a time, without what belongs to them. */
  private static final int PAGE = 100;

  private final JobStore store;
  private final JobFilter filter;
  private final ServerCallStreamObserver<ExportJobsResponse> out;
  private final Context call = Context.current();

  /** How often somebody has asked to go on since whoever does so began. */
  private final AtomicInteger asked = new AtomicInteger();

  // Touched by whoever goes on; or, while the store reads, by whom it answers.
  private final Deque<JobRecord> jobs = new ArrayDeque<>();
  private final Deque<ExportJobsResponse> parts = new ArrayDeque<>();
  private Optional<String> position = Optional.empty();
  private boolean listed;
  private boolean over;

  /** Whether the store reads for this export. */
  private volatile boolean reading;

  /** Why it ends early. */
  private volatile @Nullable Throwable reason;

  /** Must be made before the service method returns: handlers cannot be set later. */
  ExportStream(
      JobStore store, String tenantId, ServerCallStreamObserver<ExportJobsResponse> observer) {
    this.store = store;
    this.filter = JobFilter.newBuilder().setTenantId(tenantId).build();
    this.out = observer;
    out.setOnReadyHandler(this::goOn);
    // There is nothing to let go of: it goes on when the transport is ready, and that never is.
    out.setOnCancelHandler(() -> {});
  }

  void begin() {
    goOn();
  }

  /** Ends it with a reason, unless it has ended. */
  void end(Throwable why) {
    reason = why;
    goOn();
  }

  /** One at a time goes on; who comes meanwhile has it go round once more. */
  private void goOn() {
    if (asked.getAndIncrement() > 0) {
      return;
    }
    int seen;
    do {
      seen = asked.get();
      round();
    } while (asked.addAndGet(-seen) > 0);
  }

  private void round() {
    Throwable why = reason;
    if (why != null) {
      fail(why);
    }
    while (!over && out.isReady()) {
      ExportJobsResponse part = parts.poll();
      if (part != null) {
        out.onNext(part);
      } else if (reading) {
        return;
      } else if (!jobs.isEmpty()) {
        read(WholeJob.read(store, jobs.remove()), job -> parts.addAll(JobParts.of(job)));
      } else if (!listed) {
        read(store.list(new JobQuery(filter, false, position, PAGE)), this::take);
      } else {
        over = true;
        out.onCompleted();
      }
    }
  }

  private void take(JobPage page) {
    jobs.addAll(page.jobs());
    position = page.next();
    listed = page.next().isEmpty();
  }

  private <T> void read(CompletionStage<T> stage, Consumer<T> taker) {
    reading = true;
    stage.whenComplete(
        (result, failure) -> {
          if (failure == null) {
            take(result, taker);
          } else {
            reason = failure;
          }
          reading = false;
          goOn();
        });
  }

  private <T> void take(T result, Consumer<T> taker) {
    try {
      taker.accept(result);
    } catch (RuntimeException | Error e) {
      // Nobody else would hear of it, and the call would never end.
      reason = e;
    }
  }

  private void fail(Throwable why) {
    if (!over) {
      over = true;
      call.run(() -> out.onError(ErrorMap.toException(why)));
    }
  }
}
