package dev.milepost.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import dev.milepost.v1.JobState;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests that records travel as params, results and checkpoints, and that Jackson is optional. */
@Timeout(60)
class JsonCodecTest {
  private record Params(String folder, int batch, List<Part> parts, Mode mode) {}

  private record Part(long size, double share) {}

  private record Position(int offset) {}

  private record Result(long synced, Position last) {}

  private enum Mode {
    FAST,
    SAFE
  }

  private static final Params PARAMS =
      new Params("/data", 100, List.of(new Part(1L << 40, 0.25), new Part(2, 1)), Mode.SAFE);

  private final JsonCodec json = JsonCodec.jackson();
  private final TestServer server = TestServer.inMemory();
  private final JobClient client = JobClient.connect(server.target());

  @AfterEach
  void close() {
    client.close();
    server.close();
  }

  @Test
  void recordsTravelAsParamsResultAndCheckpoint() {
    try (Worker worker =
        client
            .worker()
            .handler(
                "sync",
                json.handler(
                    Params.class,
                    (params, context) -> {
                      assertThat(params).isEqualTo(PARAMS);
                      context.saveCheckpoint(json.encode(new Position(7)));
                      return new Result(
                          params.batch(),
                          json.decode(context.checkpoint().orElseThrow(), Position.class));
                    }))
            .handler("nothing", json.handler(Position.class, (params, context) -> null))
            .start()) {
      JobHandle job = client.create(JobSpec.of("sync").params(json.encode(PARAMS)));

      assertThat(json.decode(job.result(), Result.class))
          .isEqualTo(new Result(100, new Position(7)));
      assertThat(client.create(JobSpec.of("nothing")).result()).isEmpty();
      assertThat(worker.workerId()).isNotEmpty();
    }
  }

  @Test
  void paramsThatDoNotFitFailTheJobAtOnce() {
    try (Worker worker =
        client
            .worker()
            .handler("sync", json.handler(Position.class, (params, context) -> null))
            .start()) {
      JobHandle job = client.create(JobSpec.of("sync").params(Map.of("offset", "seven")));

      assertThat(job.await().getStatus().getState()).isEqualTo(JobState.JOB_STATE_FAILED);
      assertThat(job.info().error().orElseThrow().code()).isEqualTo("INVALID_PARAMS");
      assertThat(job.info().error().orElseThrow().message())
          .contains("Position")
          .contains("offset");
      assertThat(worker.workerId()).isNotEmpty();
    }
  }

  @Test
  void newerParamsAreReadByOlderTypes() {
    assertThat(json.decode(Map.of("offset", 1L, "added", true), Position.class))
        .isEqualTo(new Position(1));
  }

  @Test
  void whatIsNoObjectIsRefused() {
    for (Object value : List.of(List.of(1), 7, "text", Mode.FAST)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> json.encode(value))
          .withMessageContaining(value.getClass().getName());
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> JobSpec.of("a").params(json.encode(new Part(Long.MAX_VALUE, 0))))
        .withMessageContaining("9223372036854775807");
  }

  @Test
  void anotherMapperIsUsedAsItIs() {
    ObjectMapper snake =
        new ObjectMapper().setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE);
    JsonCodec codec = JsonCodec.of(snake::convertValue);

    assertThat(codec.encode(new Snake(3))).isEqualTo(Map.of("job_count", 3));
    assertThat(codec.decode(Map.of("job_count", 3L), Snake.class)).isEqualTo(new Snake(3));
  }

  private record Snake(int jobCount) {}

  @Test
  void withoutJacksonNothingOfItIsLoadedUntilItIsAskedFor() throws ReflectiveOperationException {
    Class<?> codec = new WithoutJackson().loadClass("dev.milepost.client.JsonCodec");
    assertThat(codec.getMethods()).isNotEmpty(); // Resolves every type of its signatures.

    assertThatThrownBy(() -> codec.getMethod("jackson").invoke(null))
        .isInstanceOf(InvocationTargetException.class)
        .cause()
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("jackson-databind");
  }

  /** Loads the client anew, and finds no Jackson. */
  private static final class WithoutJackson extends ClassLoader {
    WithoutJackson() {
      super(JsonCodecTest.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (name.startsWith("com.fasterxml.")) {
        throw new ClassNotFoundException(name);
      }
      if (!name.startsWith("dev.milepost.client.")) {
        return super.loadClass(name, resolve);
      }
      Class<?> loaded = findLoadedClass(name);
      return loaded == null ? define(name) : loaded;
    }

    private Class<?> define(String name) throws ClassNotFoundException {
      try (InputStream file = getResourceAsStream(name.replace('.', '/') + ".class")) {
        byte[] bytes = file.readAllBytes();
        return defineClass(name, bytes, 0, bytes.length);
      } catch (IOException e) {
        throw new ClassNotFoundException(name, e);
      }
    }
  }
}
