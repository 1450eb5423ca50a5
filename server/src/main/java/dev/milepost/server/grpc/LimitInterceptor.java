package dev.milepost.server.grpc;

import dev.milepost.server.access.AccessPolicy;
import dev.milepost.server.access.Caller;
import dev.milepost.server.app.CallerLimits;
import dev.milepost.server.app.LimitException;
import dev.milepost.server.app.ServiceObserver;
import dev.milepost.server.app.TokenBuckets;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.transport.ByteRates;
import dev.milepost.server.transport.CallBytes;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Rejects calls beyond a caller's limits before any of the request is read. Calls that need no
 * identity pass: the health service answers however busy the server is.
 */
@Singleton
public final class LimitInterceptor implements ServerInterceptor {
  private static final Duration SOON = Duration.ofSeconds(1);
  private static final String LATER = "Try again after the delay of this error.";

  /** Methods that keep work alive or end it: rejecting them would cause more work, not less. */
  private static final Set<String> NEVER_REJECTED =
      Set.of(
          "milepost.v1.WorkerService/Heartbeat",
          "milepost.v1.WorkerService/CompleteJob",
          "milepost.v1.WorkerService/FailJob",
          "milepost.v1.WorkerService/ConfirmCancel",
          "milepost.v1.WorkerService/ReleaseJob");

  private final CallerLimits limits;
  private final AccessPolicy policy;
  private final JobStore store;
  private final InstantSource clock;
  private final ServiceObserver observer;
  private final TokenBuckets users;
  private final TokenBuckets tenants;

  /** Users with at least one open stream. */
  private final ConcurrentHashMap<String, UserStreams> streams = new ConcurrentHashMap<>();

  @Inject
  LimitInterceptor(
      CallerLimits limits,
      AccessPolicy policy,
      JobStore store,
      InstantSource clock,
      ServiceObserver observer) {
    this.limits = limits;
    this.policy = policy;
    this.store = store;
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
      if (policy.mutates(method) && !NEVER_REJECTED.contains(method)) {
        requireRoom();
      }
      if (!isUnary) {
        openStream(user, caller);
      }
      CallBytes bytes = CallBytes.current();
      if (bytes != null) {
        bytes.identify(
            new ByteRates.Payer(user, caller.userId(), caller.tenantId()),
            NEVER_REJECTED.contains(method));
      }
    } catch (LimitException e) {
      observer.refused(e.setting());
      ErrorMap.close(call, e);
      return new ServerCall.Listener<>() {};
    }
    return next.startCall(call, headers);
  }

  /** Unambiguous: no tenant's name contains a line break. */
  private static String user(Caller caller) {
    return caller.tenantId() + '\n' + caller.userId();
  }

  private void takeToken(Caller caller, String user) {
    Instant now = clock.instant();
    Duration wait = users.take(user, now);
    if (!wait.isZero()) {
      throw LimitException.raisable(
          "user-requests-per-second",
          "user:" + caller.userId(),
          "User "
              + caller.userId()
              + " makes more than "
              + limits.userRequests()
              + " calls per second",
          LATER,
          wait);
    }
    wait = tenants.take(caller.tenantId(), now);
    if (!wait.isZero()) {
      throw LimitException.raisable(
          "tenant-requests-per-second",
          "tenant:" + caller.tenantId(),
          "The users of tenant "
              + caller.tenantId()
              + " make more than "
              + limits.tenantRequests()
              + " calls per second",
          LATER,
          wait);
    }
  }

  private void requireRoom() {
    if (limits.storeChanges() > 0 && store.pendingUpdates() >= limits.storeChanges()) {
      throw LimitException.raisable(
          "store-changes",
          "server",
          "The server is overloaded: " + limits.storeChanges() + " changes wait for its store",
          LATER,
          SOON);
    }
  }

  private void openStream(String user, Caller caller) {
    UserStreams own =
        streams.compute(
            user,
            (name, known) -> {
              UserStreams found = known == null ? new UserStreams(name) : known;
              requireStream(found.open, caller);
              found.open++;
              return found;
            });
    CallScope.atEnd(own);
  }

  private void requireStream(int open, Caller caller) {
    if (limits.userStreams() > 0 && open >= limits.userStreams()) {
      throw LimitException.raisable(
          "user-streams",
          "user:" + caller.userId(),
          "User " + caller.userId() + " has " + open + " open streams, the maximum",
          "Close one first, or wait until one ends.",
          SOON);
    }
  }

  /** The open streams of one user; notified when each ends. */
  private final class UserStreams implements Context.CancellationListener {
    private final String user;

    /** Guarded by the user's entry in the map. */
    private int open;

    UserStreams(String user) {
      this.user = user;
    }

    @Override
    public void cancelled(Context over) {
      streams.computeIfPresent(user, (name, own) -> --open == 0 ? null : own);
    }
  }
}
