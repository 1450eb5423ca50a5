package dev.milepost.server.grpc;

import dev.milepost.server.access.AccessException;
import dev.milepost.server.watch.ListWatchPosition;
import dev.milepost.server.watch.ListWatchSink;
import dev.milepost.server.watch.Watch;
import dev.milepost.v1.WatchJobsResponse;
import io.grpc.Context;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The way of a watch of many jobs to its caller. Sends only while the transport is ready. */
final class JobsStream implements ListWatchSink {
  private final ServerCallStreamObserver<WatchJobsResponse> out;
  private final Function<ListWatchPosition, String> seal;
  private final Context context = Context.current();
  private final Following following;

  /** Token of the last step. Written by one thread at a time, as are steps. */
  private volatile String resumeToken = "";

  /**
   * Must be made before the service method returns: handlers cannot be set later.
   *
   * @param seal makes a token of a position
   */
  JobsStream(
      ServerCallStreamObserver<WatchJobsResponse> out, Function<ListWatchPosition, String> seal) {
    this.out = out;
    this.seal = seal;
    this.following = new Following(out);
  }

  void follow(Watch opened) {
    following.follow(opened);
  }

  @Override
  public boolean isReady() {
    return out.isReady();
  }

  @Override
  public void next(WatchJobsResponse.Builder step, @Nullable ListWatchPosition position) {
    String token = position == null ? "" : seal.apply(position);
    out.onNext(step.setResumeToken(token).build());
    resumeToken = token;
  }

  @Override
  public void failed(Throwable reason) {
    context.run(
        () ->
            out.onError(
                reason instanceof AccessException.Unauthenticated unknown
                    ? ErrorMap.unauthenticatedAt(unknown, "resume_token", resumeToken)
                    : ErrorMap.toException(reason)));
  }
}
