package dev.milepost.opentelemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.client.JobClient;
import dev.milepost.client.JobHandle;
import dev.milepost.client.JobSpec;
import dev.milepost.testing.FakeJobContext;
import dev.milepost.testing.MilepostTest;
import dev.milepost.testing.TestServer;
import dev.milepost.v1.AttemptOutcome;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.context.Scope;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The spans of a job's attempts link to the span in which it was created. */
@MilepostTest
class JobTracingTest {
  private static final JobSpec SYNC = JobSpec.of("user-sync");

  private final List<SpanData> spans = new CopyOnWriteArrayList<>();
  private final OpenTelemetrySdk openTelemetry =
      OpenTelemetrySdk.builder()
          .setTracerProvider(
              SdkTracerProvider.builder()
                  .addSpanProcessor(SimpleSpanProcessor.create(new Collector()))
                  .build())
          .build();
  private final JobTracing tracing = JobTracing.of(openTelemetry);

  private final class Collector implements SpanExporter {
    @Override
    public CompletableResultCode export(Collection<SpanData> ended) {
      spans.addAll(ended);
      return CompletableResultCode.ofSuccess();
    }

    @Override
    public CompletableResultCode flush() {
      return CompletableResultCode.ofSuccess();
    }

    @Override
    public CompletableResultCode shutdown() {
      return CompletableResultCode.ofSuccess();
    }
  }

  @AfterEach
  void close() {
    openTelemetry.close();
  }

  @Test
  void eachAttemptLinksToTheCreator(TestServer server, JobClient client) {
    Span creator = openTelemetry.getTracer("test").spanBuilder("request").startSpan();
    JobHandle job;
    try (Scope scope = creator.makeCurrent()) {
      job = client.create(JobTracing.traced(SYNC.maxRetries(1)));
    } finally {
      creator.end();
    }
    spans.clear();

    server.run(
        job,
        tracing.around(
            context -> {
              assertThat(Span.current().getSpanContext().isValid()).isTrue();
              if (context.attempt() == 1) {
                throw new IllegalStateException("again");
              }
            }));

    assertThat(spans)
        .extracting(SpanData::getName)
        .containsExactly("job user-sync", "job user-sync");
    for (SpanData span : spans) {
      assertThat(span.getKind()).isEqualTo(SpanKind.CONSUMER);
      assertThat(span.getTraceId()).isNotEqualTo(creator.getSpanContext().getTraceId());
      assertThat(span.getLinks())
          .singleElement()
          .satisfies(
              link -> {
                assertThat(link.getSpanContext().getTraceId())
                    .isEqualTo(creator.getSpanContext().getTraceId());
                assertThat(link.getSpanContext().getSpanId())
                    .isEqualTo(creator.getSpanContext().getSpanId());
              });
      assertThat(span.getAttributes().asMap()).hasSize(3).containsValue(job.id());
    }
    assertThat(spans.get(0).getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
    assertThat(spans.get(0).getEvents()).hasSize(1);
    assertThat(spans.get(1).getStatus().getStatusCode()).isEqualTo(StatusCode.UNSET);
  }

  @Test
  void aJobWithoutATraceHasASpanWithoutALink() {
    assertThat(JobTracing.traced(SYNC)).isEqualTo(SYNC);

    FakeJobContext context = FakeJobContext.of(SYNC);
    assertThat(context.run(tracing.around(job -> {})))
        .isEqualTo(AttemptOutcome.ATTEMPT_OUTCOME_SUCCEEDED);

    assertThat(spans).singleElement().satisfies(span -> assertThat(span.getLinks()).isEmpty());
  }

  @Test
  void aCancelIsNoError() {
    FakeJobContext context = FakeJobContext.of(SYNC);
    context.cancel("enough");

    context.run(tracing.around(job -> job.throwIfCancelled()));

    assertThat(spans)
        .singleElement()
        .satisfies(
            span -> {
              assertThat(span.getStatus().getStatusCode()).isEqualTo(StatusCode.UNSET);
              assertThat(span.getEvents()).extracting("name").containsExactly("cancelled");
            });
  }

  @Test
  void theStateOfTheTraceIsKeptUnlessItIsTooLong() {
    assertThat(roundTrip("vendor", "opaque").getTraceState().get("vendor")).isEqualTo("opaque");
    String large = "v".repeat(255);
    TraceState state = TraceState.builder().put("a", large).put("b", large).put("c", large).build();
    assertThat(TraceFields.state(span(state))).isEmpty();
    assertThat(TraceFields.read("no traceparent", "").isValid()).isFalse();
    assertThat(TraceFields.read("", "").isValid()).isFalse();
  }

  private static SpanContext roundTrip(String key, String value) {
    SpanContext span = span(TraceState.builder().put(key, value).build());
    return TraceFields.read(TraceFields.parent(span), TraceFields.state(span));
  }

  private static SpanContext span(TraceState state) {
    return SpanContext.create(
        "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", TraceFlags.getSampled(), state);
  }
}
