package dev.milepost.server.grpc;

import dev.milepost.server.access.AccessPolicy;
import dev.milepost.server.access.AuditEvent;
import dev.milepost.server.access.AuditLog;
import dev.milepost.server.access.AuditedJobs;
import dev.milepost.server.access.Caller;
import dev.milepost.server.concurrent.TimeSource;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/**
 * Writes one audit line for each call that changes data or returns secrets, for each attempt to,
 * for each use of a share token, and for each other call that was denied: who called, from where,
 * by which credential, and with which result.
 *
 * <p>Successful reports and heartbeats are frequent and already in the job's journal, so they are
 * logged at level DEBUG.
 */
@Singleton
public final class AuditInterceptor implements ServerInterceptor {
  private static final Set<String> ROUTINE = Set.of("Report", "ReportStream", "Heartbeat");
  private static final int MAX_AGENT_CHARS = 128;
  private static final Metadata.Key<String> USER_AGENT =
      Metadata.Key.of("user-agent", Metadata.ASCII_STRING_MARSHALLER);

  /** Ends of a read that are logged. A job of another owner is not found. */
  private static final Set<Status.Code> DENIED =
      EnumSet.of(Status.Code.UNAUTHENTICATED, Status.Code.PERMISSION_DENIED, Status.Code.NOT_FOUND);

  private final AuditLog audit;
  private final AccessPolicy policy;
  private final TimeSource time;

  @Inject
  AuditInterceptor(AuditLog audit, AccessPolicy policy, TimeSource time) {
    this.audit = audit;
    this.policy = policy;
    this.time = time;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    String method = call.getMethodDescriptor().getFullMethodName();
    if (policy.isPublic(method) || !audit.isEnabled()) {
      return next.startCall(call, headers);
    }
    Trail trail = policy.isAudited(method) ? new Change(call, headers) : new Read(call, headers);
    ServerCall.Listener<Q> listener = next.startCall(new Answering<>(call, trail), headers);
    return new SimpleForwardingServerCallListener<>(listener) {
      @Override
      public void onMessage(Q request) {
        trail.noteRequest(request);
        super.onMessage(request);
      }

      @Override
      public void onCancel() {
        trail.end(Status.Code.CANCELLED, Status.Code.CANCELLED.name());
        super.onCancel();
      }
    };
  }

  private static final class Answering<Q, A> extends SimpleForwardingServerCall<Q, A> {
    private final Trail trail;

    Answering(ServerCall<Q, A> call, Trail trail) {
      super(call);
      this.trail = trail;
    }

    @Override
    public void sendMessage(A answer) {
      trail.noteAnswer(answer);
      super.sendMessage(answer);
    }

    @Override
    public void close(Status status, Metadata trailers) {
      trail.end(status.getCode(), status.isOk() ? "" : ErrorMap.reason(status, trailers));
      super.close(status, trailers);
    }
  }

  /** The audit line of one call, as it builds up. */
  private abstract class Trail {
    private final String method;
    private final ServerCall<?, ?> call;
    private final CallScope scope = CallScope.current();
    private final long startNanos = time.nanoTime();

    // Guarded by this.
    private boolean ended;

    /** Null once they are not needed. */
    private @Nullable Metadata headers;

    Trail(ServerCall<?, ?> call, Metadata headers) {
      this.method = call.getMethodDescriptor().getFullMethodName();
      this.call = call;
      this.headers = headers;
    }

    abstract void noteRequest(Object request);

    abstract void noteAnswer(Object answer);

    /** Logs the call. */
    abstract void log(Status.Code code, String reason);

    /** Adds what is known of the messages. */
    abstract void addMessages(Map<String, Object> fields);

    synchronized void forgetHeaders() {
      headers = null;
    }

    synchronized void end(Status.Code code, String reason) {
      if (ended) {
        return;
      }
      ended = true;
      // The client may have hung up before it got a refusal that is sent late.
      boolean isRefused = scope.presentedCredential() != null;
      log(
          isRefused ? Status.Code.UNAUTHENTICATED : code,
          isRefused ? Status.Code.UNAUTHENTICATED.name() : reason);
    }

    void logFailure(Status.Code code, String reason) {
      if (code == Status.Code.RESOURCE_EXHAUSTED) {
        // A caller that exceeds its limit must not fill the log instead.
        audit.made(Level.DEBUG, () -> event(code, reason));
      } else {
        audit.limited(caller(), code.name(), () -> event(code, reason));
      }
    }

    /** Whose refused calls are counted together. */
    Map<String, String> caller() {
      @Nullable Caller who = scope.caller();
      Map<String, String> fields = new LinkedHashMap<>();
      if (who == null) {
        fields.put("address", FailedCredentials.addressOf(call));
      } else {
        fields.put("tenant", who.tenantId());
        fields.put("user", who.userId());
      }
      return fields;
    }

    AuditEvent event(Status.Code code, String reason) {
      @Nullable Caller who = scope.caller();
      Map<String, Object> fields = new LinkedHashMap<>();
      if (who != null) {
        fields.put("tenant", who.tenantId());
        fields.put("user", who.userId());
        fields.put("roles", who.roles().stream().map(Enum::name).sorted().toList());
      }
      fields.put("credential", credential(who));
      fields.put("address", FailedCredentials.peerOf(call));
      fields.put("agent", agent());
      fields.put("method", method);
      addMessages(fields);
      fields.put("request", scope.requestId());
      fields.put("code", code.name());
      if (!reason.isEmpty()) {
        fields.put("reason", reason);
      }
      fields.put("ms", TimeUnit.NANOSECONDS.toMillis(time.nanoTime() - startNanos));
      return new AuditEvent("call", fields);
    }

    private String credential(@Nullable Caller who) {
      if (who != null) {
        return who.credentialId().isEmpty() ? "development" : who.credentialId();
      }
      String presented = scope.presentedCredential();
      return presented == null ? "none" : presented;
    }

    private String agent() {
      String agent = headers == null ? null : headers.get(USER_AGENT);
      if (agent == null) {
        return "";
      }
      return agent.length() <= MAX_AGENT_CHARS ? agent : agent.substring(0, MAX_AGENT_CHARS);
    }

    /** Returns whether the call is made with a share token. */
    boolean isShared() {
      @Nullable Caller who = scope.caller();
      return who != null && who.share().isPresent();
    }

    /** Logs that the credential was used, of which there may be any number. */
    void logUse() {
      audit.limited(caller(), Status.Code.OK.name(), () -> event(Status.Code.OK, ""));
    }

    boolean isRoutine() {
      return ROUTINE.contains(method.substring(method.indexOf('/') + 1));
    }
  }

  /** The line of a call that changes something or returns secrets. */
  private final class Change extends Trail {
    private final AuditedJobs jobs = new AuditedJobs();

    Change(ServerCall<?, ?> call, Metadata headers) {
      super(call, headers);
      CallScope.current().onChange(jobs::note);
    }

    @Override
    void noteRequest(Object request) {
      jobs.noteRequest(request);
    }

    @Override
    void noteAnswer(Object answer) {
      jobs.noteAnswer(answer);
    }

    @Override
    void log(Status.Code code, String reason) {
      if (code == Status.Code.OK) {
        audit.made(isRoutine() ? Level.DEBUG : Level.INFO, () -> event(code, reason));
      } else {
        logFailure(code, reason);
      }
    }

    @Override
    void addMessages(Map<String, Object> fields) {
      jobs.addTo(fields);
    }
  }

  /**
   * The line of another call, which is written only if the call is denied, or accepted for a share
   * token.
   */
  private final class Read extends Trail {
    /** Null before it arrives, and once the call is accepted. */
    private volatile @Nullable Object request;

    Read(ServerCall<?, ?> call, Metadata headers) {
      super(call, headers);
    }

    @Override
    void noteRequest(Object received) {
      request = received;
    }

    /** A watch that was accepted may stay open for days: it holds nothing for the log. */
    @Override
    void noteAnswer(Object answer) {
      if (request != null && isShared()) {
        logUse();
      }
      request = null;
      forgetHeaders();
    }

    @Override
    void log(Status.Code code, String reason) {
      if (DENIED.contains(code)) {
        logFailure(code, reason);
      }
    }

    @Override
    void addMessages(Map<String, Object> fields) {
      Object received = request;
      if (received != null) {
        AuditedJobs jobs = new AuditedJobs();
        jobs.noteRequest(received);
        jobs.addTo(fields);
      }
    }
  }
}
