package dev.milepost.opentelemetry;

import dev.milepost.client.HandlerInterceptor;
import dev.milepost.client.JobCancelledException;
import dev.milepost.client.JobContext;
import dev.milepost.client.JobHandler;
import dev.milepost.client.JobSpec;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Scope;

/**
 * Connects the trace in which a job was created with the spans of its attempts. Thread-safe.
 *
 * <pre>{@code
 * JobTracing tracing = JobTracing.of(openTelemetry);
 * client.create(JobTracing.traced(JobSpec.of("user-sync")));             // the creator
 * client.worker().intercept(tracing).handler("user-sync", handler)...;   // the worker
 * }</pre>
 *
 * <p>Each attempt is a span of its own trace, with a link to the span that created the job: a job
 * may run hours after its creator has ended, and several times. A job without a trace gets a span
 * without a link.
 */
public final class JobTracing implements HandlerInterceptor {
  private static final String INSTRUMENTATION = "dev.milepost";
  private static final AttributeKey<String> JOB_ID = AttributeKey.stringKey("milepost.job.id");
  private static final AttributeKey<String> JOB_TYPE = AttributeKey.stringKey("milepost.job.type");
  private static final AttributeKey<Long> ATTEMPT = AttributeKey.longKey("milepost.job.attempt");

  private final Tracer tracer;

  private JobTracing(Tracer tracer) {
    this.tracer = tracer;
  }

  /** Creates the interceptor of a worker, whose spans go where OpenTelemetry is set up to send. */
  public static JobTracing of(OpenTelemetry openTelemetry) {
    return new JobTracing(openTelemetry.getTracer(INSTRUMENTATION));
  }

  /**
   * Returns the spec with the trace context of the current span, which the server keeps with the
   * job. Returns it unchanged if there is no current span, or if it has a trace context.
   */
  public static JobSpec traced(JobSpec spec) {
    SpanContext current = Span.current().getSpanContext();
    return current.isValid() && spec.toProto().getTraceParent().isEmpty()
        ? JobSpec.fromProto(
            spec.toProto().toBuilder()
                .setTraceParent(TraceFields.parent(current))
                .setTraceState(TraceFields.state(current))
                .build())
        : spec;
  }

  /** Runs a handler in a span, which has the exception of a handler that failed. */
  @Override
  public void intercept(JobContext context, JobHandler next) throws Exception {
    Span span = start(context);
    try (Scope scope = span.makeCurrent()) {
      next.handle(context);
    } catch (JobCancelledException e) {
      span.addEvent("cancelled");
      throw e;
    } catch (Throwable e) {
      span.recordException(e);
      span.setStatus(StatusCode.ERROR);
      throw e;
    } finally {
      span.end();
    }
  }

  private Span start(JobContext context) {
    dev.milepost.v1.JobSpec spec = context.job().getSpec();
    SpanBuilder span =
        tracer
            .spanBuilder("job " + spec.getType())
            .setNoParent()
            .setSpanKind(SpanKind.CONSUMER)
            .setAttribute(JOB_ID, context.jobId())
            .setAttribute(JOB_TYPE, spec.getType())
            .setAttribute(ATTEMPT, (long) context.attempt());
    SpanContext creator = TraceFields.read(spec.getTraceParent(), spec.getTraceState());
    if (creator.isValid()) {
      span.addLink(creator);
    }
    return span.startSpan();
  }
}
