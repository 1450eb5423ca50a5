package dev.milepost.opentelemetry;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The fields of a job's spec that hold a span's context, in the format of W3C Trace Context. */
final class TraceFields {
  private static final String PARENT = "traceparent";
  private static final String STATE = "tracestate";

  /** Of the contract; a longer state is left out, as the specification allows. */
  private static final int MAX_STATE = 512;

  private static final W3CTraceContextPropagator FORMAT = W3CTraceContextPropagator.getInstance();

  private static final TextMapGetter<Map<String, String>> GETTER =
      new TextMapGetter<>() {
        @Override
        @SuppressWarnings("deprecation") // Abstract all the same.
        public Iterable<String> keys(Map<String, String> fields) {
          return fields.keySet();
        }

        @Override
        public @Nullable String get(@Nullable Map<String, String> fields, String key) {
          return fields == null ? null : fields.get(key);
        }
      };

  private TraceFields() {}

  static String parent(SpanContext span) {
    return write(span).getOrDefault(PARENT, "");
  }

  static String state(SpanContext span) {
    String state = write(span).getOrDefault(STATE, "");
    return state.length() > MAX_STATE ? "" : state;
  }

  private static Map<String, String> write(SpanContext span) {
    Map<String, String> fields = new HashMap<>();
    FORMAT.inject(
        Context.root().with(Span.wrap(span)),
        fields,
        (map, key, value) -> {
          if (map != null) {
            map.put(key, value);
          }
        });
    return fields;
  }

  /** Reads a span's context; invalid if there is none, or if it is in another format. */
  static SpanContext read(String parent, String state) {
    Map<String, String> fields =
        state.isEmpty() ? Map.of(PARENT, parent) : Map.of(PARENT, parent, STATE, state);
    return Span.fromContext(FORMAT.extract(Context.root(), fields, GETTER)).getSpanContext();
  }
}
