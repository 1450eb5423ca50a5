package dev.milepost.testing;

import dev.milepost.v1.AdminServiceGrpc;
import dev.milepost.v1.JobServiceGrpc;
import dev.milepost.v1.TaskServiceGrpc;
import dev.milepost.v1.WorkerServiceGrpc;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Loses answers: the server has done the call, and the client sees the connection break before the
 * answer arrives. Thread-safe.
 */
final class LostAnswers implements ClientInterceptor {
  private static final Set<String> RPCS =
      Stream.of(
              JobServiceGrpc.getServiceDescriptor(),
              WorkerServiceGrpc.getServiceDescriptor(),
              TaskServiceGrpc.getServiceDescriptor(),
              AdminServiceGrpc.getServiceDescriptor())
          .map(ServiceDescriptor::getMethods)
          .flatMap(methods -> methods.stream().map(LostAnswers::name))
          .collect(Collectors.toCollection(TreeSet::new));

  private final Map<String, Integer> planned = new HashMap<>();
  private int lost;

  private static String name(MethodDescriptor<?, ?> method) {
    return Objects.requireNonNull(method.getBareMethodName());
  }

  /** Loses the next answer of an RPC. */
  synchronized void plan(String rpc) {
    if (!RPCS.contains(rpc)) {
      throw new IllegalArgumentException(
          "There is no RPC \"" + rpc + "\". These are: " + String.join(", ", RPCS) + ".");
    }
    planned.merge(rpc, 1, Integer::sum);
  }

  /** Returns how many answers were lost so far. */
  synchronized int lost() {
    return lost;
  }

  private synchronized boolean lose(String rpc) {
    int left = planned.getOrDefault(rpc, 0);
    if (left == 0) {
      return false;
    }
    planned.put(rpc, left - 1);
    lost++;
    return true;
  }

  @Override
  public <Q, R> ClientCall<Q, R> interceptCall(
      MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
    return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
      @Override
      public void start(Listener<R> listener, Metadata headers) {
        super.start(new Losing<>(listener, this, name(method)), headers);
      }
    };
  }

  /** Passes on what arrives, until an answer is lost. */
  private final class Losing<R> extends SimpleForwardingClientCallListener<R> {
    private final ClientCall<?, R> call;
    private final String rpc;
    private boolean broken;

    Losing(ClientCall.Listener<R> listener, ClientCall<?, R> call, String rpc) {
      super(listener);
      this.call = call;
      this.rpc = rpc;
    }

    @Override
    public void onMessage(R message) {
      if (broken || lose(rpc)) {
        broken = true;
        call.cancel("The test loses the answer.", null);
      } else {
        super.onMessage(message);
      }
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      if (broken) {
        super.onClose(
            Status.UNAVAILABLE.withDescription("The answer of " + rpc + " was lost by the test."),
            new Metadata());
      } else {
        super.onClose(status, trailers);
      }
    }
  }
}
