package dev.milepost.client;

import dev.milepost.v1.WatchJobRequest;
import dev.milepost.v1.WatchJobResponse;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The events of one watch: a few messages of the server, held until they are consumed, and a
 * connection that is made anew where it breaks. Thread-safe.
 */
final class WatchFeed {
  private static final Logger LOG = LoggerFactory.getLogger(WatchFeed.class);

  private final ClientCore core;
  private final String jobId;
  private final WatchOptions options;
  private final WatchPosition position;
  private final Backoff backoff = Backoff.standard();
  private final Deque<Batch> batches = new ArrayDeque<>();
  private final long startNanos = System.nanoTime();
  private @Nullable WatchConnection connection;
  private @Nullable JobException failure;
  private Runnable listener = () -> {};
  private long consumed;
  private boolean reached;

  /** Whether the present connection has brought anything. */
  private boolean heard;

  private boolean done;

  WatchFeed(ClientCore core, String jobId, WatchOptions options) {
    this.core = core;
    this.jobId = jobId;
    this.options = options;
    this.position = new WatchPosition(options.afterSequence());
    this.consumed = options.afterSequence();
  }

  /** Connects, and resumes after what was received. */
  synchronized void connect() {
    if (done) {
      return;
    }
    WatchJobRequest request =
        WatchJobRequest.newBuilder()
            .setJobId(jobId)
            .setAfterSequence(position.sequence())
            .setMinLevel(options.minLevel())
            .setOmitStatus(options.omitsStatus())
            .setOmitJournal(options.omitsJournal())
            .build();
    WatchConnection next = new WatchConnection(this, core, options.silence());
    connection = next;
    heard = false;
    next.start(request);
  }

  /** Is called whenever there may be something to poll. */
  synchronized void listen(Runnable whenChanged) {
    listener = whenChanged;
  }

  /** The next event, if one is there. */
  synchronized @Nullable JobEvent poll() {
    while (true) {
      Batch batch = batches.peek();
      if (batch == null) {
        return null;
      }
      JobEvent event = batch.events().poll();
      if (batch.events().isEmpty()) {
        batches.remove();
        consumed = batch.sequence();
        if (batch.origin() == connection) {
          batch.origin().requestNext();
        }
      }
      if (event instanceof JobEvent.Entry entry) {
        consumed = Math.max(consumed, entry.entry().getSequence());
      }
      if (event != null) {
        return event;
      }
    }
  }

  /** Waits for the next event; null at the end. */
  synchronized @Nullable JobEvent take() throws InterruptedException {
    JobEvent event = poll();
    while (event == null && !done) {
      wait();
      event = poll();
    }
    if (event == null && failure != null) {
      throw failure;
    }
    return event;
  }

  /** Whether nothing follows after what can be polled. */
  synchronized boolean isDone() {
    return done;
  }

  /** Why the watch ended before the job did; null where it did not. */
  synchronized @Nullable JobException failure() {
    return failure;
  }

  /** Position of what was consumed. */
  synchronized long consumedSequence() {
    return consumed;
  }

  /** Number of messages that wait to be consumed. */
  synchronized int buffered() {
    return batches.size();
  }

  synchronized void close() {
    batches.clear();
    end(null);
  }

  private void end(@Nullable JobException why) {
    if (done) {
      return;
    }
    done = true;
    failure = why;
    WatchConnection open = connection;
    connection = null;
    if (open != null) {
      open.cancel();
    }
    changed();
  }

  private void changed() {
    notifyAll();
    listener.run();
  }

  synchronized void received(WatchConnection from, WatchJobResponse message) {
    if (from == connection && !done) {
      reached = true;
      heard = true;
      backoff.reset();
      batches.add(new Batch(position.advance(message), position.sequence(), from));
      changed();
    }
  }

  /** The server ended the stream as if all were said. It is only where the job has finished. */
  synchronized void completed(WatchConnection from) {
    if (from != connection) {
      return;
    }
    boolean blind = options.omitsStatus() && options.omitsJournal();
    if (position.isFinished() || blind) {
      end(null);
    } else {
      reconnect(ServerError.of(io.grpc.Status.UNAVAILABLE.asException()));
    }
  }

  synchronized void broken(WatchConnection from, ServerError error) {
    if (from != connection || done) {
      return;
    }
    Duration tried = Duration.ofNanos(System.nanoTime() - startNanos);
    boolean gaveUp = !reached && tried.compareTo(core.calls().callTimeout()) > 0;
    // A credential that ends does so in the middle of a watch; the next one may be there already.
    boolean mayBeRotated = heard && error.code() == io.grpc.Status.Code.UNAUTHENTICATED;
    if (gaveUp || !(mayPass(error) || mayBeRotated)) {
      end(error.toException());
    } else {
      reconnect(error);
    }
  }

  private static boolean mayPass(ServerError error) {
    return switch (error.code()) {
      case UNAVAILABLE,
          DEADLINE_EXCEEDED,
          RESOURCE_EXHAUSTED,
          CANCELLED,
          UNKNOWN,
          INTERNAL,
          DATA_LOSS,
          ABORTED ->
          true;
      case OK,
          INVALID_ARGUMENT,
          NOT_FOUND,
          ALREADY_EXISTS,
          PERMISSION_DENIED,
          UNAUTHENTICATED,
          FAILED_PRECONDITION,
          OUT_OF_RANGE,
          UNIMPLEMENTED ->
          false;
    };
  }

  private void reconnect(ServerError error) {
    Duration wait = backoff.next(error);
    LOG.debug("The watch of job {} broke; again in {} ms.", jobId, wait.toMillis(), error.cause());
    connection = null;
    if (!core.timer().runIn(wait, this::connectAgain)) {
      end(error.toException());
    }
  }

  private void connectAgain() {
    core.calls().connectNow();
    connect();
  }

  /**
   * The events of one message.
   *
   * @param sequence position once they are consumed
   */
  private record Batch(Deque<JobEvent> events, long sequence, WatchConnection origin) {}
}
