package dev.milepost.server.grpc;

import dev.milepost.server.app.ClaimReply;
import dev.milepost.v1.ClaimJobsResponse;
import io.grpc.Context;
import io.grpc.stub.ServerCallStreamObserver;

/** Answers a ClaimJobs call, within the context of the call. */
final class UnaryClaimReply implements ClaimReply {
  private final ServerCallStreamObserver<ClaimJobsResponse> out;
  private final Context context = Context.current();

  /** Must be created on the thread of the call, before the service method returns. */
  UnaryClaimReply(ServerCallStreamObserver<ClaimJobsResponse> out) {
    this.out = out;
  }

  /** Must be called before the service method returns. */
  void onCancel(Runnable cancel) {
    out.setOnCancelHandler(cancel);
  }

  @Override
  public boolean isCancelled() {
    return out.isCancelled();
  }

  @Override
  public void send(ClaimJobsResponse response) {
    context.run(() -> Answers.send(out, response));
  }

  @Override
  public void fail(Throwable reason) {
    context.run(() -> out.onError(ErrorMap.toException(reason)));
  }
}
