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

/** Records what a job watch receives. */
public final class JobWatchRecorder
    implements ClientResponseObserver<WatchJobRequest, WatchJobResponse> {
  private final int initialRequest;
  private final List<WatchJobResponse> messages = new CopyOnWriteArrayList<>();
  private volatile @Nullable ClientCallStreamObserver<WatchJobRequest> call;
  private volatile @Nullable Throwable failure;
  private volatile boolean over;

  JobWatchRecorder(int initialRequest) {
    this.initialRequest = initialRequest;
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<WatchJobRequest> stream) {
    call = stream;
    if (initialRequest < Integer.MAX_VALUE) {
      stream.disableAutoRequestWithInitial(initialRequest);
    }
  }

  @Override
  public void onNext(WatchJobResponse message) {
    messages.add(message);
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

  /** Requests more messages. */
  public void take(int messages) {
    call().request(messages);
  }

  /** Cancels the call. */
  public void cancel() {
    call().cancel("by the test", null);
  }

  private ClientCallStreamObserver<WatchJobRequest> call() {
    ClientCallStreamObserver<WatchJobRequest> current = call;
    if (current == null) {
      throw new IllegalStateException("The call has not started.");
    }
    return current;
  }

  public List<WatchJobResponse> messages() {
    return messages;
  }

  /** Returns all entries in the order in which they were received. */
  public List<JournalEntry> entries() {
    return messages.stream().flatMap(message -> message.getEntriesList().stream()).toList();
  }

  /** Returns the sequence numbers of {@link #entries}. */
  public List<Long> sequences() {
    return entries().stream().map(JournalEntry::getSequence).toList();
  }

  /** Returns all skipped ranges in the order in which they were received. */
  public List<SkippedRange> skipped() {
    return messages.stream().flatMap(message -> message.getSkippedList().stream()).toList();
  }

  /** Returns the position of the last message. */
  public long position() {
    return messages.isEmpty() ? 0 : messages.get(messages.size() - 1).getSequence();
  }

  public boolean isOver() {
    return over;
  }

  public JobWatchRecorder awaitMessages(int count) {
    await()
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(5))
        .atMost(Duration.ofSeconds(20))
        .until(() -> messages.size() >= count);
    return this;
  }

  public JobWatchRecorder awaitPosition(long minimum) {
    await()
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(5))
        .atMost(Duration.ofSeconds(30))
        .until(() -> over || position() >= minimum);
    return this;
  }

  /** Waits for the end; returns OK if the call has not failed. */
  public Status awaitEnd() {
    await()
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(5))
        .atMost(Duration.ofSeconds(30))
        .until(() -> over);
    Throwable reason = failure;
    return reason == null ? Status.OK : Status.fromThrowable(reason);
  }

  /** Waits for the call to fail. */
  public Failure awaitFailure() {
    awaitEnd();
    Throwable reason = failure;
    if (reason == null) {
      throw new AssertionError("The watch has completed.");
    }
    return Failure.of(reason);
  }
}
