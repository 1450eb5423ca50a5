package dev.milepost.client;

import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Converts between a program's own types, such as records, and the maps in which params, results,
 * checkpoints and metadata travel. Thread-safe.
 *
 * <pre>{@code
 * record SyncParams(String folder, int batch) {}
 * record SyncResult(long synced) {}
 *
 * JsonCodec json = JsonCodec.jackson();
 * JobHandle job = client.create(
 *     JobSpec.of("sync").params(json.encode(new SyncParams("/data", 100))));
 * client.worker()
 *     .handler("sync", json.handler(
 *         SyncParams.class, (params, context) -> new SyncResult(sync(params.folder()))))
 *     .start();
 * SyncResult result = json.decode(job.result(), SyncResult.class);
 * }</pre>
 *
 * <p>The client needs no JSON library itself. {@link #jackson()} uses Jackson 2 if the program has
 * it; {@link #of} takes any other library, or a mapper with settings of its own.
 *
 * <p>Numbers are those of JSON: whole numbers beyond 2^53 are refused when a map becomes params or
 * a result. Write them as text, with Jackson by {@code @JsonFormat(shape = STRING)}.
 */
public final class JsonCodec {
  /** Converts a value to a type, by way of JSON: {@code convertValue} of a Jackson mapper. */
  @FunctionalInterface
  public interface Converter {
    /**
     * Converts a value.
     *
     * @throws IllegalArgumentException if it does not fit the type
     */
    <T> T convert(Object value, Class<T> type);
  }

  /**
   * The work of a job, with its params as a value of a type.
   *
   * @param <P> type of the params
   */
  @FunctionalInterface
  public interface Handler<P> {
    /**
     * Does the work of one attempt, as {@link JobHandler#handle} does.
     *
     * @return the result, which is encoded; null if there is none
     */
    @Nullable Object handle(P params, JobContext context) throws Exception;
  }

  private final Converter converter;

  private JsonCodec(Converter converter) {
    this.converter = converter;
  }

  /**
   * Returns a codec that uses Jackson 2 with the modules that it finds. Times are written as text,
   * and properties that a type does not know are ignored, so that older workers read newer params.
   *
   * @throws IllegalStateException if the program has no Jackson
   */
  public static JsonCodec jackson() {
    try {
      return JacksonMapper.codec();
    } catch (NoClassDefFoundError e) {
      throw new IllegalStateException(
          "Jackson is not on the class path. Add com.fasterxml.jackson.core:jackson-databind to"
              + " your dependencies, or use JsonCodec.of with another library.",
          e);
    }
  }

  /** Returns a codec that uses another library or mapper: {@code of(mapper::convertValue)}. */
  public static JsonCodec of(Converter converter) {
    return new JsonCodec(Objects.requireNonNull(converter));
  }

  /**
   * Encodes a value for params, a result, a checkpoint or metadata.
   *
   * @param value an object with named fields, or a map
   * @throws IllegalArgumentException if it is something else, or cannot be encoded
   */
  @SuppressWarnings("unchecked") // The keys of a JSON object are strings.
  public Map<String, ?> encode(Object value) {
    try {
      return converter.convert(Objects.requireNonNull(value), Map.class);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "a value of "
              + value.getClass().getName()
              + " cannot be encoded as an object with named fields: "
              + e.getMessage(),
          e);
    }
  }

  /**
   * Decodes params, a result, a checkpoint or metadata.
   *
   * @throws IllegalArgumentException if the map does not fit the type
   */
  public <T> T decode(Map<String, ?> map, Class<T> type) {
    return converter.convert(map, type);
  }

  /**
   * Returns a handler that gets its params as a value of a type, and whose value becomes the job's
   * result. Params that do not fit fail the job with the code {@code INVALID_PARAMS}, without a
   * retry.
   */
  public <P> JobHandler handler(Class<P> params, Handler<P> handler) {
    return context -> {
      Object result = handler.handle(decodeParams(context, params), context);
      if (result != null) {
        context.result(encode(result));
      }
    };
  }

  private <P> P decodeParams(JobContext context, Class<P> type) throws JobFailure {
    try {
      return decode(context.params(), type);
    } catch (IllegalArgumentException e) {
      throw new JobFailure(
          "INVALID_PARAMS",
          "The params do not fit " + type.getSimpleName() + ": " + e.getMessage(),
          false,
          Map.of(),
          e);
    }
  }
}
