package dev.milepost.server.log;

import static dev.milepost.server.grpc.FrameClient.framed;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import dev.milepost.server.access.DevelopmentAuthenticator;
import dev.milepost.server.grpc.FrameClient;
import dev.milepost.server.grpc.TestServer;
import dev.milepost.v1.CreateJobRequest;
import dev.milepost.v1.GetJobRequest;
import dev.milepost.v1.JobSpec;
import io.grpc.Status.Code;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

/** Whatever a caller sends again and again, the log grows by a few lines. */
@Tag("slow")
class LogFloodTest {
  private static final int CALLS = 1_000;

  /** Ten lines of the audit log, and a few others: what a minute of a flood may write. */
  private static final int MAX_BYTES = 8_000;

  private static final String CREATE = "milepost.v1.JobService/CreateJob";
  private static final String GET = "milepost.v1.JobService/GetJob";
  private static final Map<String, String> ANN =
      Map.of(DevelopmentAuthenticator.USER_HEADER, "ann");
  private static final byte[] JOB =
      framed(
          CreateJobRequest.newBuilder()
              .setSpec(JobSpec.newBuilder().setType("planted type"))
              .build()
              .toByteArray());

  /** What is sent. */
  @SuppressWarnings("ImmutableEnumChecker") // Nothing changes the bodies.
  enum Flood {
    MALFORMED_BYTES(CREATE, ANN, framed("planted bytes".getBytes(StandardCharsets.UTF_8))),
    INVALID_TEXT(CREATE, ANN, framed(new byte[] {10, 2, 26, 0, 34, 1, -1})),
    INVALID_FIELDS(CREATE, ANN, JOB),
    NO_CREDENTIAL(CREATE, Map.of(), JOB),
    BAD_TOKEN(GET, Map.of("authorization", "Bearer planted.token"), JOB),
    UNKNOWN_METHODS("planted.Service/Method", Map.of(), JOB),
    OVERSIZE(CREATE, ANN, new byte[] {0, 0x7f, -1, -1, -1, 1}),
    BROKEN_FRAMES(CREATE, ANN, new byte[] {64, 0, 0, 0, 1, 1}),
    UNKNOWN_ENCODING(
        CREATE,
        Map.of(DevelopmentAuthenticator.USER_HEADER, "ann", "grpc-encoding", "planted"),
        JOB),
    DENIED(
        CREATE,
        Map.of(
            DevelopmentAuthenticator.USER_HEADER,
            "ann",
            DevelopmentAuthenticator.ROLES_HEADER,
            "WORKER"),
        JOB),
    ABSENT_JOBS(
        "milepost.v1.JobService/CancelJob",
        ANN,
        framed(GetJobRequest.newBuilder().setJobId("no-job").build().toByteArray()));

    private final String method;
    private final Map<String, String> headers;
    private final byte[] body;

    Flood(String method, Map<String, String> headers, byte[] body) {
      this.method = method;
      this.headers = headers;
      this.body = body;
    }
  }

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
  private final Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
  private final LimitedAppender appender = new LimitedAppender();
  private final TestServer server =
      TestServer.start(Map.of("milepost.auth.failures-per-minute", 1_000_000));

  @BeforeEach
  void listen() {
    LineLayout layout = new LineLayout();
    layout.setContext(context);
    layout.start();
    LayoutWrappingEncoder<ILoggingEvent> encoder = new LayoutWrappingEncoder<>();
    encoder.setContext(context);
    encoder.setLayout(layout);
    encoder.start();
    appender.setContext(context);
    appender.setEncoder(encoder);
    appender.start();
    appender.setOutputStream(out);
    root.setLevel(Level.INFO);
    root.addAppender(appender);
  }

  @AfterEach
  void stop() {
    server.close();
    root.detachAppender(appender);
    root.setLevel(Level.WARN);
    appender.stop();
  }

  @ParameterizedTest
  @EnumSource
  void addsAFewLines(Flood flood) throws Exception {
    out.reset();
    try (FrameClient client = new FrameClient(server.port())) {
      for (int i = 0; i < CALLS; i++) {
        assertThat(client.fail(flood.method, flood.headers, flood.body).code())
            .isNotIn(Code.OK, Code.UNKNOWN, Code.INTERNAL);
      }
    }
    server.close();
    appender.summarize();
    String log = out.toString(StandardCharsets.UTF_8);
    assertThat(log).hasSizeLessThan(MAX_BYTES).doesNotContain("planted");
    // What no method can be found for, or is refused before that, is no attempt to change anything.
    if (flood != Flood.UNKNOWN_METHODS && flood != Flood.UNKNOWN_ENCODING) {
      assertThat(log).contains(" more=" + (CALLS - 10));
    }
  }
}
