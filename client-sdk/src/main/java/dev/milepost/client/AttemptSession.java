package dev.milepost.client;

import dev.milepost.v1.CancelInfo;
import dev.milepost.v1.Directive;
import dev.milepost.v1.Item;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobServiceGrpc;
import dev.milepost.v1.ListItemsRequest;
import dev.milepost.v1.ReportAck;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** One attempt that runs here: what it says, what the server says to it. Thread-safe. */
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
  private volatile long heardNanos = System.nanoTime();
  private volatile boolean ending;
  private volatile boolean ended;

  /**
   * A session, silent until started.
   *
   * @param interruptAfter how long a handler may go on after a cancel; null: half of what the
   *     server gives
   */
  AttemptSession(
      Attempt attempt, Reporting reporting, Calls calls, @Nullable Duration interruptAfter) {
    this.attempt = attempt;
    this.calls = calls;
    this.reporting = reporting;
    this.interruptAfter = interruptAfter;
    this.sender = new ReportSender(this, reporting);
    this.buffer = new ReportBuffer(attempt.grant().getCommittedSeq(), sender::wake);
    this.heartbeats = new Heartbeats(this, calls);
  }

  void start() {
    reporting.add(this);
    heartbeats.start();
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

  /** A page of the job's items, which this attempt may read whoever it belongs to. */
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

  /** How long the server has not been heard. */
  Duration silence() {
    return Duration.ofNanos(System.nanoTime() - heardNanos);
  }

  boolean isEnded() {
    return ended;
  }

  /** The server answered to a report or heartbeat. */
  void heard(ReportAck ack) {
    heardNanos = System.nanoTime();
    buffer.acknowledge(ack.getCommittedSeq());
    if (ack.getDirective() == Directive.DIRECTIVE_CANCEL
        && stop.raise(StopSignal.Kind.CANCELLED, ack.getCancel().getReason())) {
      interruptLater(timeToStop(ack));
    }
  }

  /** Told by the server's own clock alone: the lease was renewed at the moment of its answer. */
  private Duration timeToStop(ReportAck ack) {
    if (interruptAfter != null) {
      return interruptAfter;
    }
    CancelInfo cancel = ack.getCancel();
    if (!cancel.hasGraceExpireTime() || !ack.hasLeaseExpireTime()) {
      return DEFAULT_GRACE.dividedBy(2);
    }
    Duration left =
        Duration.between(
            Times.instant(ack.getLeaseExpireTime()).minus(attempt.lease()),
            Times.instant(cancel.getGraceExpireTime()));
    return left.isNegative() ? Duration.ZERO : left.dividedBy(2);
  }

  private void interruptLater(Duration time) {
    calls.timer().runIn(time, stop::interrupt);
  }

  /**
   * The server says that the attempt is over. Once the end is being told, only the answer to that
   * counts.
   */
  void lost(JobException why) {
    if (!ending) {
      stop.lose(why);
      loss.complete(why);
      over();
    }
  }

  /** Completes when the attempt is lost before its end could be told. */
  CompletableFuture<JobException> loss() {
    return loss;
  }

  /**
   * Ends the attempt; it ends but once, in the way told first. The future fails with {@link
   * LeaseLostException} where the server has ended it before.
   */
  CompletableFuture<Job> end(AttemptEnd how) {
    AttemptFinisher first = new AttemptFinisher(this, reporting, calls, how);
    if (!ends.compareAndSet(null, first)) {
      return Objects.requireNonNull(ends.get()).result();
    }
    first.start();
    Futures.onDone(first.result(), (job, thrown) -> over());
    return first.result();
  }

  /**
   * From now on the attempt's end is on its way: it may be over for the server before that says so.
   */
  void endIsTold() {
    ending = true;
  }

  private void over() {
    ended = true;
    reporting.remove(this);
    heartbeats.stop();
    buffer.close();
    sender.stop();
  }
}
