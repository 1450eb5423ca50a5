package dev.milepost.client;

import dev.milepost.v1.CancelInfo;
import dev.milepost.v1.Directive;
import dev.milepost.v1.Item;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobServiceGrpc;
import dev.milepost.v1.ListItemsRequest;
import dev.milepost.v1.ReportAck;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** One attempt that runs in this process: its reports, heartbeats and end. Thread-safe. */
final class AttemptSession {
  private static final Duration DEFAULT_GRACE = Duration.ofSeconds(30);

  private final Attempt attempt;
  private final Calls calls;
  private final @Nullable Duration interruptAfter;
  private final StopSignal stop = new StopSignal();
  private final ReportBuffer buffer;
  private final ReportSender sender;
  private final Heartbeats heartbeats;
  private final Reporting reporting;
  private final CompletableFuture<JobException> loss = new CompletableFuture<>();
  private final AtomicReference<@Nullable AttemptFinisher> ends = new AtomicReference<>();
  private volatile long lastResponseNanos = System.nanoTime();
  private volatile boolean ending;
  private volatile boolean ended;

  /**
   * Creates a session, which sends nothing until it is started.
   *
   * @param interruptAfter how long a handler may continue after a cancel; null: half of the
   *     server's grace period
   */
  AttemptSession(
      Attempt attempt, Reporting reporting, Calls calls, @Nullable Duration interruptAfter) {
    this.attempt = attempt;
    this.calls = calls;
    this.reporting = reporting;
    this.interruptAfter = interruptAfter;
    this.sender = new ReportSender(this, reporting);
    this.buffer =
        new ReportBuffer(
            attempt.jobId(), attempt.grant().getCommittedSeq(), reporting.unsent(), sender::wake);
    this.heartbeats = new Heartbeats(this, calls);
  }

  void start() {
    reporting.add(this);
    heartbeats.start();
    sender.start();
  }

  Attempt attempt() {
    return attempt;
  }

  ReportBuffer buffer() {
    return buffer;
  }

  StopSignal stop() {
    return stop;
  }

  ReportSender sender() {
    return sender;
  }

  /** How long a call of the handler may wait for the server. */
  Duration callTimeout() {
    return calls.callTimeout();
  }

  /** Reads a page of the job's items; the attempt token grants access to any owner's items. */
  CompletableFuture<Page<Item>> itemsPage(String pageToken) {
    ListItemsRequest request =
        ListItemsRequest.newBuilder()
            .setJobId(attempt.jobId())
            .setAttemptToken(attempt.token())
            .setPageSize(1_000)
            .setPageToken(pageToken)
            .build();
    return calls
        .unary(JobServiceGrpc.getListItemsMethod(), request)
        .thenApply(page -> new Page<>(page.getItemsList(), page.getNextPageToken()));
  }

  Duration sinceLastResponse() {
    return Duration.ofNanos(System.nanoTime() - lastResponseNanos);
  }

  boolean isEnded() {
    return ended;
  }

  /** Whether an end was chosen, though the server may not know it yet. */
  boolean isEnding() {
    return ends.get() != null;
  }

  /** Runs an action on the client's executor once the work should stop. */
  void onStop(Runnable action) {
    stop.onRaise(() -> reporting.executor().execute(action));
  }

  /** Handles the server's response to a report or heartbeat. */
  void acknowledged(ReportAck ack) {
    lastResponseNanos = System.nanoTime();
    buffer.acknowledge(ack.getCommittedSeq());
    if (ack.getDirective() == Directive.DIRECTIVE_CANCEL
        && stop.raise(StopSignal.Kind.CANCELLED, ack.getCancel().getReason())) {
      calls.timer().runIn(timeToStop(ack), stop::interrupt);
    }
  }

  /** Handles a cancel that the server has sent at once, without having been asked. */
  void cancelRequested(CancelInfo cancel) {
    if (stop.raise(StopSignal.Kind.CANCELLED, cancel.getReason())) {
      calls.timer().runIn(timeToStop(cancel), stop::interrupt);
    }
  }

  /** The notice was sent when the cancel was requested. */
  private Duration timeToStop(CancelInfo cancel) {
    if (interruptAfter != null) {
      return interruptAfter;
    }
    return cancel.hasGraceExpireTime()
        ? half(Times.instant(cancel.getRequestTime()), Times.instant(cancel.getGraceExpireTime()))
        : DEFAULT_GRACE.dividedBy(2);
  }

  /**
   * How long the handler may continue after a cancel. Uses the server's clock only: the lease was
   * renewed at the time of its response.
   */
  private Duration timeToStop(ReportAck ack) {
    if (interruptAfter != null) {
      return interruptAfter;
    }
    CancelInfo cancel = ack.getCancel();
    if (!cancel.hasGraceExpireTime() || !ack.hasLeaseExpireTime()) {
      return DEFAULT_GRACE.dividedBy(2);
    }
    return half(
        Times.instant(ack.getLeaseExpireTime()).minus(attempt.lease()),
        Times.instant(cancel.getGraceExpireTime()));
  }

  private static Duration half(Instant from, Instant until) {
    Duration left = Duration.between(from, until);
    return left.isNegative() ? Duration.ZERO : left.dividedBy(2);
  }

  /**
   * Handles the loss of the lease. Once the end is being sent, only the response to that decides.
   */
  void lost(JobException why) {
    if (!ending) {
      stop.lose(why);
      loss.complete(why);
      shutDown();
    }
  }

  /** Completes if the lease is lost before the end was sent. */
  CompletableFuture<JobException> loss() {
    return loss;
  }

  /**
   * Ends the attempt. It ends only once: later calls return the result of the first. The future
   * fails with {@link LeaseLostException} if the lease was lost before.
   */
  CompletableFuture<Job> end(AttemptEnd end) {
    AttemptFinisher first = new AttemptFinisher(this, reporting, calls, end);
    if (!ends.compareAndSet(null, first)) {
      return Objects.requireNonNull(ends.get()).result();
    }
    first.start();
    Futures.onDone(first.result(), (job, thrown) -> shutDown());
    return first.result();
  }

  /** Marks the end as sent: the server may end the attempt before its response arrives. */
  void ending() {
    ending = true;
  }

  private void shutDown() {
    ended = true;
    reporting.remove(this);
    heartbeats.stop();
    buffer.discard();
    sender.stop();
  }
}
