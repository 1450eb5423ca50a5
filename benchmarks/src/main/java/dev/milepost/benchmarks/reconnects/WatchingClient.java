package dev.milepost.benchmarks.reconnects;

import dev.milepost.client.JobClient;
import dev.milepost.client.JobWatch;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A client with default settings that watches one job, and when it tried to and when it succeeded.
 * Times are those of {@link System#nanoTime}.
 */
final class WatchingClient implements AutoCloseable {
  static final String USER = "user-0";

  private final JobClient client;
  private final JobWatch watch;

  // Guarded by this.
  private final List<Long> tries = new ArrayList<>();
  private final List<Long> successes = new ArrayList<>();

  WatchingClient(String address, String jobId) {
    this.client =
        JobClient.builder(address)
            .user(USER)
            .channel(channel -> channel.intercept(new Recorder()))
            .build();
    this.watch = client.watch(jobId);
  }

  /** Returns when it tried, in order. */
  synchronized List<Long> tries() {
    return List.copyOf(tries);
  }

  /** Returns when it first received something after a time. Fails if that has not happened. */
  synchronized long watchingSince(long time) {
    return successes.stream()
        .filter(success -> success - time >= 0)
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("a watcher has not come back"));
  }

  /** Waits until it has received something after a time; {@code Long.MIN_VALUE}: at all. */
  synchronized void awaitWatching(long time, long deadline) throws InterruptedException {
    while (successes.stream().noneMatch(success -> time == Long.MIN_VALUE || success - time >= 0)) {
      long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
      if (left <= 0) {
        throw new IllegalStateException("a watcher does not come back");
      }
      wait(left);
    }
  }

  private synchronized void tried() {
    tries.add(System.nanoTime());
  }

  private synchronized void succeeded() {
    successes.add(System.nanoTime());
    notifyAll();
  }

  @Override
  public void close() {
    watch.close();
    client.close();
  }

  /** Records each call, and the first response to it. */
  private final class Recorder implements ClientInterceptor {
    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(
        MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
      return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
        @Override
        public void start(Listener<A> listener, Metadata headers) {
          tried();
          super.start(
              new SimpleForwardingClientCallListener<>(listener) {
                private boolean isFirst = true;

                @Override
                public void onMessage(A message) {
                  if (isFirst) {
                    isFirst = false;
                    succeeded();
                  }
                  super.onMessage(message);
                }
              },
              headers);
        }
      };
    }
  }
}
