package dev.milepost.micrometer;

import dev.milepost.v1.ClaimJobsResponse;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** Measures each try of a call: a call that is retried counts once for each try. */
final class CallMeters implements ClientInterceptor {
  /**
   * The RPCs and codes are few, and looking a meter up in a registry costs more than a call may.
   */
  private final ConcurrentMap<Key, Timer> timers = new ConcurrentHashMap<>();

  private final MeterRegistry registry;
  private final Availability availability;
  private final Counter claimed;

  private record Key(String rpc, Status.Code code) {}

  CallMeters(MeterRegistry registry, Availability availability) {
    this.registry = registry;
    this.availability = availability;
    this.claimed =
        Counter.builder("milepost.worker.claimed")
            .description("Jobs that the workers of the client have claimed")
            .register(registry);
  }

  private Timer timer(Key key) {
    return timers.computeIfAbsent(
        key,
        any ->
            Timer.builder("milepost.client.calls")
                .description("Tries of calls; streams and waiting calls last as long as they wait")
                .tag("rpc", key.rpc())
                .tag("code", key.code().name())
                .register(registry));
  }

  @Override
  public <Q, R> ClientCall<Q, R> interceptCall(
      MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
    String rpc = String.valueOf(method.getBareMethodName());
    return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
      @Override
      public void start(Listener<R> listener, Metadata headers) {
        super.start(new Measured<>(listener, rpc), headers);
      }
    };
  }

  private final class Measured<R> extends SimpleForwardingClientCallListener<R> {
    private final String rpc;
    private final Timer.Sample time = Timer.start(registry);

    Measured(ClientCall.Listener<R> listener, String rpc) {
      super(listener);
      this.rpc = rpc;
    }

    @Override
    public void onMessage(R message) {
      if (message instanceof ClaimJobsResponse claim) {
        claimed.increment(claim.getJobsCount());
      }
      super.onMessage(message);
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      time.stop(timer(new Key(rpc, status.getCode())));
      availability.ended(status);
      super.onClose(status, trailers);
    }
  }
}
