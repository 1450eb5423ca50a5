package dev.milepost.server.grpc;

import dev.milepost.server.access.AccessException;
import dev.milepost.server.watch.JobWatchSink;
import dev.milepost.server.watch.Watch;
import dev.milepost.v1.WatchJobResponse;
import io.grpc.Context;
import io.grpc.stub.ServerCallStreamObserver;

/**
 * A watch's way to its caller.
 *
 * <p>It sends only while the transport is ready, so that a slow reader costs its cursor and not the
 * server's memory.
 */
final class WatchStream implements JobWatchSink {
  private final ServerCallStreamObserver<WatchJobResponse> out;
  private final Context context = Context.current();
  private final Following following;

  /** Position after the last step that was sent. Written by one thread at a time, as are steps. */
  private volatile long sequence;

  /** Must be made before the service method returns: handlers cannot be set later. */
  WatchStream(ServerCallStreamObserver<WatchJobResponse> out, long afterSequence) {
    this.out = out;
    this.sequence = afterSequence;
    this.following = new Following(out);
  }

  /** The watch that this stream belongs to, now that it is open. */
  void follow(Watch opened) {
    following.follow(opened);
  }

  @Override
  public boolean isReady() {
    return out.isReady();
  }

  @Override
  public void next(WatchJobResponse step) {
    out.onNext(step);
    sequence = step.getSequence();
  }

  @Override
  public void completed() {
    out.onCompleted();
  }

  @Override
  public void failed(Throwable reason) {
    context.run(
        () ->
            out.onError(
                reason instanceof AccessException.Unauthenticated unknown
                    ? ErrorMap.unauthenticatedAt(unknown, "sequence", Long.toString(sequence))
                    : ErrorMap.toException(reason)));
  }
}
