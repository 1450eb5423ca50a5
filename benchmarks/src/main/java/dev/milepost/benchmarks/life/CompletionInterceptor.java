package dev.milepost.benchmarks.life;

import dev.milepost.v1.CompleteJobResponse;
import dev.milepost.v1.Job;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import java.util.function.Consumer;

/**
 * Observes acknowledged completions below the client. Reading each job from the server would add a
 * call that a job life does not have.
 */
final class CompletionInterceptor implements ClientInterceptor {
  private final Consumer<Job> each;

  /**
   * Creates an interceptor for a client's channel.
   *
   * @param each receives each completed job, on a thread of the client
   */
  CompletionInterceptor(Consumer<Job> each) {
    this.each = each;
  }

  @Override
  public <Q, A> ClientCall<Q, A> interceptCall(
      MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
    return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
      @Override
      public void start(Listener<A> listener, Metadata headers) {
        super.start(
            new SimpleForwardingClientCallListener<>(listener) {
              @Override
              public void onMessage(A message) {
                super.onMessage(message);
                if (message instanceof CompleteJobResponse completed) {
                  each.accept(completed.getJob());
                }
              }
            },
            headers);
      }
    };
  }
}
