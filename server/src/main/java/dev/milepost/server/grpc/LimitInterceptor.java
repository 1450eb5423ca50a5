package dev.milepost.server.grpc;

import dev.milepost.server.access.AccessPolicy;
import dev.milepost.server.access.Caller;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Turns away who asks for more than its share, before anything of the call is read. Calls that need
 * no identity pass: the server's health can be asked for however busy it is.
 */
final class LimitInterceptor implements ServerInterceptor {
  private static final Duration SOON = Duration.ofSeconds(1);

  /** What keeps work alive or ends it: turning it away would make more work, and not less. */
  private static final Set<String> ROOM_TO_THE_LAST =
      Set.of(
          "milepost.v1.WorkerService/Heartbeat",
          "milepost.v1.WorkerService/CompleteJob",
          "milepost.v1.WorkerService/FailJob",
          "milepost.v1.WorkerService/ConfirmCancel",
          "milepost.v1.WorkerService/ReleaseJob");

  private final CallerLimits limits;
  private final AccessPolicy policy;
  private final StoreLoad load;
  private final InstantSource clock;
  private final ServiceObserver observer;
  private final TokenBuckets users;
  private final TokenBuckets tenants;

  /** Open streams by user; who has none is not in it. */
  private final ConcurrentHashMap<String, Integer> streams = new ConcurrentHashMap<>();

  LimitInterceptor(
      CallerLimits limits,
      AccessPolicy policy,
      StoreLoad load,
      InstantSource clock,
      ServiceObserver observer) {
    this.limits = limits;
    this.policy = policy;
    this.load = load;
    this.clock = clock;
    this.observer = observer;
    this.users = new TokenBuckets(limits.userRequests(), limits.burst());
    this.tenants = new TokenBuckets(limits.tenantRequests(), limits.burst());
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    String method = call.getMethodDescriptor().getFullMethodName();
    if (policy.isPublic(method)) {
      return next.startCall(call, headers);
    }
    Caller caller = AccessInterceptor.caller();
    String user = user(caller);
    boolean isUnary =
        call.getMethodDescriptor().getType().clientSendsOneMessage()
            && call.getMethodDescriptor().getType().serverSendsOneMessage();
    try {
      takeToken(caller, user);
      if (policy.mutates(method) && !ROOM_TO_THE_LAST.contains(method)) {
        requireRoom();
      }
      if (!isUnary) {
        openStream(user, caller);
      }
    } catch (LimitException e) {
      observer.refused(e.setting());
      ErrorMap.close(call, e);
      return new ServerCall.Listener<>() {};
    }
    return isUnary ? next.startCall(call, headers) : startStream(call, headers, next, user);
  }

  /** No tenant's name holds a line break. */
  private static String user(Caller caller) {
    return caller.tenantId() + '\n' + caller.userId();
  }

  private void takeToken(Caller caller, String user) {
    Instant now = clock.instant();
    Duration wait = users.take(user, now);
    if (!wait.isZero()) {
      throw new LimitException(
          "user-requests-per-second",
          "user:" + caller.userId(),
          "User " + caller.userId() + " makes too many calls: slow down.",
          wait);
    }
    wait = tenants.take(caller.tenantId(), now);
    if (!wait.isZero()) {
      throw new LimitException(
          "tenant-requests-per-second",
          "tenant:" + caller.tenantId(),
          "The users of tenant " + caller.tenantId() + " make too many calls: slow down.",
          wait);
    }
  }

  private void requireRoom() {
    if (limits.storeChanges() > 0 && load.waiting() >= limits.storeChanges()) {
      throw new LimitException(
          "store-changes", "server", "The server has too much to do: try again later.", SOON);
    }
  }

  private void openStream(String user, Caller caller) {
    int open = streams.merge(user, 1, Integer::sum);
    if (limits.userStreams() > 0 && open > limits.userStreams()) {
      closeStream(user);
      throw new LimitException(
          "user-streams",
          "user:" + caller.userId(),
          "User " + caller.userId() + " has too many streams open: close one first.",
          SOON);
    }
  }

  private void closeStream(String user) {
    streams.computeIfPresent(user, (name, open) -> open == 1 ? null : open - 1);
  }

  private <Q, A> ServerCall.Listener<Q> startStream(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next, String user) {
    ServerCall.Listener<Q> listener;
    try {
      listener = next.startCall(call, headers);
    } catch (RuntimeException | Error e) {
      closeStream(user);
      throw e;
    }
    // One of the two happens, once.
    return new SimpleForwardingServerCallListener<>(listener) {
      @Override
      public void onComplete() {
        closeStream(user);
        super.onComplete();
      }

      @Override
      public void onCancel() {
        closeStream(user);
        super.onCancel();
      }
    };
  }
}
