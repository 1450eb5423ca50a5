package dev.milepost.server.grpc;

import static org.awaitility.Awaitility.await;

import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.SkippedRange;
import dev.milepost.v1.WatchJobRequest;
import dev.milepost.v1.WatchJobResponse;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** A watch as its client sees it. */
public final class Watching implements ClientResponseObserver<WatchJobRequest, WatchJobResponse> {
  private final int messagesAtOnce;
  private final List<WatchJobResponse> steps = new CopyOnWriteArrayList<>();
  private volatile @Nullable ClientCallStreamObserver<WatchJobRequest> call;
  private volatile @Nullable Throwable failure;
  private volatile boolean over;

  Watching(int messagesAtOnce) {
    this.messagesAtOnce = messagesAtOnce;
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<WatchJobRequest> stream) {
    call = stream;
    if (messagesAtOnce < Integer.MAX_VALUE) {
      stream.disableAutoRequestWithInitial(messagesAtOnce);
    }
  }

  @Override
  public void onNext(WatchJobResponse step) {
    steps.add(step);
  }

  @Override
  public void onError(Throwable reason) {
    failure = reason;
    over = true;
  }

  @Override
  public void onCompleted() {
    over = true;
  }

  /** Takes more messages. */
  public void take(int messages) {
    call().request(messages);
  }

  /** Hangs up. */
  public void hangUp() {
    call().cancel("enough", null);
  }

  private ClientCallStreamObserver<WatchJobRequest> call() {
    ClientCallStreamObserver<WatchJobRequest> current = call;
    if (current == null) {
      throw new IllegalStateException("not started");
    }
    return current;
  }

  public List<WatchJobResponse> steps() {
    return steps;
  }

  /** All entries, as they came. */
  public List<JournalEntry> entries() {
    return steps.stream().flatMap(step -> step.getEntriesList().stream()).toList();
  }

  /** Numbers of all entries, as they came. */
  public List<Long> sequences() {
    return entries().stream().map(JournalEntry::getSequence).toList();
  }

  /** All skipped ranges, as they came. */
  public List<SkippedRange> skipped() {
    return steps.stream().flatMap(step -> step.getSkippedList().stream()).toList();
  }

  /** Position of the last step. */
  public long position() {
    return steps.isEmpty() ? 0 : steps.get(steps.size() - 1).getSequence();
  }

  public boolean isOver() {
    return over;
  }

  public Watching awaitSteps(int least) {
    await()
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(5))
        .atMost(Duration.ofSeconds(20))
        .until(() -> steps.size() >= least);
    return this;
  }

  public Watching awaitPosition(long least) {
    await()
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(5))
        .atMost(Duration.ofSeconds(30))
        .until(() -> over || position() >= least);
    return this;
  }

  /** Waits for the end; OK where nothing failed. */
  public Status awaitEnd() {
    await()
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(5))
        .atMost(Duration.ofSeconds(30))
        .until(() -> over);
    Throwable reason = failure;
    return reason == null ? Status.OK : Status.fromThrowable(reason);
  }

  /** Waits for an end that is a failure. */
  public Failure awaitFailure() {
    awaitEnd();
    Throwable reason = failure;
    if (reason == null) {
      throw new AssertionError("the watch ended well");
    }
    return Failure.of(reason);
  }
}
