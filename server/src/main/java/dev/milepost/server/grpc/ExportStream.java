package dev.milepost.server.grpc;

import dev.milepost.server.copy.JobPart;
import dev.milepost.server.copy.JobParts;
import dev.milepost.server.copy.JobReading;
import dev.milepost.server.copy.StoreReading;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.JobPage;
import dev.milepost.server.store.JobQuery;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.UnreadableJob;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.ExportJobsResponse;
import dev.milepost.v1.JobFilter;
import io.grpc.Context;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Streams an export. Holds one page of jobs and one part of a job, and reads on only when the
 * transport is ready for more. Thread-safe.
 */
final class ExportStream {
  /** Jobs read at a time, without their journals and items. */
  private static final int PAGE = 100;

  private final JobStore store;
  private final JobFilter filter;
  private final ServerCallStreamObserver<ExportJobsResponse> out;
  private final Context call = Context.current();

  /** Calls of {@link #advance()} since the current round began. */
  private final AtomicInteger asked = new AtomicInteger();

  // Confined to the thread that advances or, during a read, to the thread that completes it.
  private final Deque<JobRecord> jobs = new ArrayDeque<>();
  private final Deque<ExportJobsResponse> parts = new ArrayDeque<>();

  /** The job of which parts follow; null between two jobs. */
  private @Nullable Current current;

  private Optional<String> position = Optional.empty();
  private boolean listed;
  private boolean over;

  /** Whether a read of the store is in progress. */
  private volatile boolean reading;

  /** Why the export fails; null while it does not. */
  private volatile @Nullable Throwable reason;

  /** Must be created before the service method returns: handlers cannot be set later. */
  ExportStream(
      JobStore store, String tenantId, ServerCallStreamObserver<ExportJobsResponse> observer) {
    this.store = store;
    this.filter = JobFilter.newBuilder().setTenantId(tenantId).build();
    this.out = observer;
    out.setOnReadyHandler(this::advance);
    // Nothing to release: a cancelled transport never becomes ready again.
    out.setOnCancelHandler(() -> {});
  }

  void begin() {
    advance();
  }

  /** Fails the export, unless it has ended. */
  void end(Throwable why) {
    reason = why;
    advance();
  }

  /** Advances on one thread at a time; a call from another makes that thread run another round. */
  private void advance() {
    if (asked.getAndIncrement() > 0) {
      return;
    }
    int seen;
    do {
      seen = asked.get();
      try {
        runRound();
      } catch (RuntimeException | Error e) {
        over = false;
        fail(e);
      }
    } while (asked.addAndGet(-seen) > 0);
  }

  private void runRound() {
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
      } else if (current != null) {
        read(current.reading().next(), (Optional<JobPart> next) -> take(next));
      } else if (!jobs.isEmpty()) {
        JobRecord job = jobs.remove();
        current = new Current(new StoreReading(store, JobKey.of(job)), new JobParts(job));
      } else if (!listed) {
        read(store.list(new JobQuery(filter, false, position, PAGE)), (JobPage page) -> take(page));
      } else {
        over = true;
        out.onCompleted();
      }
    }
  }

  private record Current(JobReading reading, JobParts messages) {}

  private void take(Optional<JobPart> part) {
    JobParts messages = Objects.requireNonNull(current).messages();
    if (part.isPresent()) {
      messages.add(part.get());
    } else {
      messages.end();
      current = null;
    }
    parts.addAll(messages.take());
  }

  private void take(JobPage page) {
    jobs.addAll(page.jobs());
    if (!page.unreadable().isEmpty()) {
      parts.add(unreadable(page));
    }
    position = page.next();
    listed = page.next().isEmpty();
  }

  private static ExportJobsResponse unreadable(JobPage page) {
    ExportJobsResponse.Builder named = ExportJobsResponse.newBuilder();
    for (UnreadableJob job : page.unreadable()) {
      named
          .addUnreadableJobsBuilder()
          .setTenantId(job.key().tenantId())
          .setJobId(job.key().jobId());
    }
    return named.build();
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
          advance();
        });
  }

  private <T> void take(T result, Consumer<T> taker) {
    try {
      taker.accept(result);
    } catch (RuntimeException | Error e) {
      // Otherwise the call would never end.
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
