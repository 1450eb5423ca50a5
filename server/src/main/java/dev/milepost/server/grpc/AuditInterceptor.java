package dev.milepost.server.grpc;

import com.google.longrunning.CancelOperationRequest;
import com.google.longrunning.DeleteOperationRequest;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.milepost.server.access.AccessPolicy;
import dev.milepost.server.access.AuditLog;
import dev.milepost.server.access.Caller;
import dev.milepost.server.concurrent.TimeSource;
import dev.milepost.v1.ClaimJobsResponse;
import dev.milepost.v1.Job;
import dev.milepost.v1.ReportStreamRequest;
import dev.milepost.v1.ReportStreamResponse;
import dev.milepost.v1.Task;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/**
 * Writes one audit line for each call that changes data or returns secrets, and for each attempt
 * to: caller, method, jobs and outcome. Reads only ids and job counts from messages, so that no
 * secret reaches the log.
 *
 * <p>Successful reports and heartbeats are frequent and already in the job's journal, so they are
 * logged at level DEBUG.
 */
@Singleton
public final class AuditInterceptor implements ServerInterceptor {
  private static final Set<String> ROUTINE = Set.of("Report", "ReportStream", "Heartbeat");
  private static final int MOST_JOBS = 20;
  private static final int MOST_CHARS = 256;

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
    if (!policy.isAudited(method) || !audit.isEnabled()) {
      return next.startCall(call, headers);
    }
    Trail trail = new Trail(call);
    CallScope.current().onChange(trail::note);
    ServerCall.Listener<Q> listener = next.startCall(new Answering<>(call, trail), headers);
    return new SimpleForwardingServerCallListener<>(listener) {
      @Override
      public void onMessage(Q request) {
        trail.noteRequest(request);
        super.onMessage(request);
      }

      @Override
      public void onCancel() {
        trail.end(Status.Code.CANCELLED);
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
      trail.end(status.getCode());
      super.close(status, trailers);
    }
  }

  /** The audit line of one call, as it builds up. */
  private final class Trail {
    private final String method;
    private final ServerCall<?, ?> call;
    private final CallScope scope = CallScope.current();
    private final long startNanos = time.nanoTime();

    // Guarded by this.
    private final Set<String> jobs = new LinkedHashSet<>();
    private boolean moreJobs;
    private long changed = -1;
    private boolean ended;

    Trail(ServerCall<?, ?> call) {
      this.method = call.getMethodDescriptor().getFullMethodName();
      this.call = call;
    }

    void noteRequest(Object request) {
      if (request instanceof ReportStreamRequest report) {
        // Too frequent to look up their fields.
        note(report.getJobId());
      } else if (request instanceof CancelOperationRequest cancel) {
        noteOperation(cancel.getName());
      } else if (request instanceof DeleteOperationRequest delete) {
        noteOperation(delete.getName());
      } else if (request instanceof Message message) {
        FieldDescriptor id = message.getDescriptorForType().findFieldByName("job_id");
        if (id != null) {
          note(String.valueOf(message.getField(id)));
        }
      }
    }

    void noteAnswer(Object answer) {
      if (answer instanceof ReportStreamResponse) {
        return; // Its job is that of a request.
      }
      if (answer instanceof ClaimJobsResponse claimed) {
        claimed.getJobsList().forEach(job -> note(job.getJob().getId()));
      } else if (answer instanceof Message message) {
        FieldDescriptor job = message.getDescriptorForType().findFieldByName("job");
        if (job != null && message.getField(job) instanceof Job found) {
          note(found.getId());
        }
        FieldDescriptor task = message.getDescriptorForType().findFieldByName("task");
        if (task != null && message.getField(task) instanceof Task found) {
          note(found.getJob().getId());
        }
        FieldDescriptor count = message.getDescriptorForType().findFieldByName("count");
        if (count != null && message.getField(count) instanceof Long number) {
          noteCount(number);
        }
      }
    }

    private void noteOperation(String name) {
      note(name.substring(name.lastIndexOf('/') + 1));
    }

    private synchronized void noteCount(long number) {
      changed = number;
    }

    private synchronized void note(String jobId) {
      if (jobId.isEmpty() || jobId.length() > MOST_CHARS || jobs.contains(jobId)) {
        return;
      }
      if (jobs.size() == MOST_JOBS) {
        moreJobs = true;
      } else {
        jobs.add(jobId);
      }
    }

    synchronized void end(Status.Code code) {
      if (ended) {
        return;
      }
      ended = true;
      boolean isRoutine = ROUTINE.contains(method.substring(method.indexOf('/') + 1));
      if (code == Status.Code.OK) {
        audit.made(isRoutine ? Level.DEBUG : Level.INFO, () -> line(code));
      } else if (code == Status.Code.RESOURCE_EXHAUSTED) {
        // A caller that exceeds its limit must not fill the log instead.
        audit.made(Level.DEBUG, () -> line(code));
      } else {
        audit.refused(caller(), code.name(), () -> line(code));
      }
    }

    /** Whose refused calls are counted together. */
    private String caller() {
      @Nullable Caller who = scope.caller();
      return who == null
          ? "address=" + FailedCredentials.addressOf(call)
          : "tenant=" + plain(who.tenantId()) + " user=" + plain(who.userId());
    }

    private String line(Status.Code code) {
      @Nullable Caller who = scope.caller();
      long millis = TimeUnit.NANOSECONDS.toMillis(time.nanoTime() - startNanos);
      return "tenant="
          + (who == null ? "-" : plain(who.tenantId()))
          + " user="
          + (who == null ? "-" : plain(who.userId()))
          + " roles="
          + (who == null
              ? "- address=" + FailedCredentials.addressOf(call)
              : String.join(",", names(who)))
          + " method="
          + method
          + " jobs="
          + (jobs.isEmpty() ? "-" : plain(String.join(",", jobs)) + (moreJobs ? ",..." : ""))
          + (changed < 0 ? "" : " changed=" + changed)
          + " request="
          + scope.requestId()
          + " code="
          + code
          + " ms="
          + millis;
    }

    private static Set<String> names(Caller caller) {
      Set<String> names = new TreeSet<>();
      caller.roles().forEach(role -> names.add(role.name()));
      return names;
    }
  }

  /** Returns a value that cannot break the line or start another field: quoted if it has to be. */
  static String plain(String value) {
    if (!value.isEmpty() && value.chars().allMatch(AuditInterceptor::isPlain)) {
      return value;
    }
    StringBuilder quoted = new StringBuilder("\"");
    value
        .chars()
        .forEach(
            c -> {
              if (c < ' ' || c > '~' || c == '"' || c == '\\') {
                quoted.append(String.format("\\u%04x", c));
              } else {
                quoted.append((char) c);
              }
            });
    return quoted.append('"').toString();
  }

  private static boolean isPlain(int c) {
    return c > ' ' && c <= '~' && c != '"' && c != '=' && c != '\\';
  }
}
