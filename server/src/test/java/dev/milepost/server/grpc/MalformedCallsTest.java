package dev.milepost.server.grpc;

import static dev.milepost.server.grpc.FrameClient.complete;
import static dev.milepost.server.grpc.FrameClient.framed;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.ListValue;
import com.google.protobuf.Message;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.milepost.server.access.DevelopmentAuthenticator;
import dev.milepost.v1.CreateJobRequest;
import dev.milepost.v1.GetJobRequest;
import dev.milepost.v1.Item;
import dev.milepost.v1.JobSpec;
import io.grpc.Status.Code;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Calls that no gRPC library makes, and requests that no message is: each ends with details. */
class MalformedCallsTest {
  private static final String CREATE = "milepost.v1.JobService/CreateJob";
  private static final String GET = "milepost.v1.JobService/GetJob";
  private static final Map<String, String> ANN =
      Map.of(DevelopmentAuthenticator.USER_HEADER, "ann");
  private static final byte[] NO_JOB =
      GetJobRequest.newBuilder().setJobId("none").build().toByteArray();

  private final TestServer server = TestServer.start();
  private FrameClient client;

  @BeforeEach
  void connect() throws Exception {
    client = new FrameClient(server.port());
  }

  /** The connection still serves after whatever a test has sent. */
  @AfterEach
  void stop() throws Exception {
    assertThat(complete(client.fail(GET, ANN, framed(NO_JOB))).code()).isEqualTo(Code.NOT_FOUND);
    client.close();
    server.close();
  }

  private Failure create(byte[] request) throws Exception {
    return complete(client.fail(CREATE, ANN, framed(request)));
  }

  private static byte[] bytes(Message.Builder request) {
    return request.build().toByteArray();
  }

  /** Returns a message with one character replaced by bytes that are not UTF-8. */
  private static byte[] withLatin1(Message.Builder request) {
    byte[] bytes = bytes(request);
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    return text.replace('#', '\u00fc').getBytes(StandardCharsets.ISO_8859_1);
  }

  @Test
  void invalidTextNamesItsField() throws Exception {
    Struct params =
        Struct.newBuilder()
            .putFields("k", Value.newBuilder().setStringValue("Z#rich").build())
            .build();
    JobSpec.Builder spec = JobSpec.newBuilder().setType("a");
    Map<String, byte[]> requests =
        Map.of(
            "spec.display_name",
            withLatin1(CreateJobRequest.newBuilder().setSpec(spec.clone().setDisplayName("Z#"))),
            "spec.labels",
            withLatin1(CreateJobRequest.newBuilder().setSpec(spec.clone().putLabels("k", "Z#"))),
            "spec.params",
            withLatin1(CreateJobRequest.newBuilder().setSpec(spec.clone().setParams(params))),
            "items[1].id",
            withLatin1(
                CreateJobRequest.newBuilder()
                    .setSpec(spec)
                    .addItems(Item.newBuilder().setId("a"))
                    .addItems(Item.newBuilder().setId("b#"))),
            "request_id",
            withLatin1(CreateJobRequest.newBuilder().setSpec(spec).setRequestId("#")));
    for (Map.Entry<String, byte[]> request : requests.entrySet()) {
      Failure failure = create(request.getValue());
      assertThat(failure.code()).isEqualTo(Code.INVALID_ARGUMENT);
      assertThat(failure.reason()).isEqualTo("INVALID_ARGUMENT");
      assertThat(failure.violations()).containsExactly(request.getKey() + ": must be valid UTF-8");
    }
  }

  private static Struct maps(int depth) {
    Struct.Builder struct = Struct.newBuilder();
    return depth == 1
        ? struct.build()
        : struct.putFields("k", Value.newBuilder().setStructValue(maps(depth - 1)).build()).build();
  }

  private static ListValue lists(int depth) {
    ListValue.Builder list = ListValue.newBuilder();
    return depth == 1
        ? list.build()
        : list.addValues(Value.newBuilder().setListValue(lists(depth - 1))).build();
  }

  @Test
  void nestingBeyondTheParserNamesItsField() throws Exception {
    Struct inLists =
        Struct.newBuilder()
            .putFields("k", Value.newBuilder().setListValue(lists(60)).build())
            .build();
    for (Struct deep : new Struct[] {maps(34), maps(100), maps(500), inLists}) {
      Failure failure =
          create(
              bytes(
                  CreateJobRequest.newBuilder()
                      .setSpec(JobSpec.newBuilder().setType("a").setMetadata(deep))));
      assertThat(failure.code()).isEqualTo(Code.INVALID_ARGUMENT);
      assertThat(failure.violations())
          .singleElement()
          .asString()
          .startsWith("spec.metadata: must not be nested");
    }
  }

  @Test
  void nestedGroupsAreRefusedToo() throws Exception {
    byte[] groups = new byte[100_000];
    Arrays.fill(groups, (byte) (((200 << 3) & 0x7f) | 3)); // start group, again and again
    assertThat(create(groups).reason()).isEqualTo("MALFORMED_REQUEST");
  }

  @Test
  void damagedBytesNameTheirFieldIfThereIsOne() throws Exception {
    byte[] whole =
        bytes(
            CreateJobRequest.newBuilder()
                .setSpec(JobSpec.newBuilder().setType("a").setDisplayName("hello")));
    Failure cut = create(Arrays.copyOf(whole, whole.length - 2));
    assertThat(cut.code()).isEqualTo(Code.INVALID_ARGUMENT);
    assertThat(cut.reason()).isEqualTo("MALFORMED_REQUEST");
    assertThat(cut.violations()).singleElement().asString().startsWith("spec");
    Failure noise = create("GET / HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII));
    assertThat(noise.reason()).isEqualTo("MALFORMED_REQUEST");
    assertThat(create(new byte[] {0}).reason()).isEqualTo("MALFORMED_REQUEST");
    assertThat(create(new byte[] {(byte) 0xff, (byte) 0xff}).reason())
        .isEqualTo("MALFORMED_REQUEST");
  }

  @Test
  void everyMethodRefusesBytesThatAreNoMessage() throws Exception {
    for (RawCall call : RawCall.all(server.connect(server.port()))) {
      Failure failure =
          complete(
              client.fail(
                  call.method(),
                  Map.of(
                      DevelopmentAuthenticator.USER_HEADER,
                      "root",
                      DevelopmentAuthenticator.ROLES_HEADER,
                      "USER,WORKER,OPERATOR,ADMIN"),
                  framed(new byte[] {10, 5, 1})));
      assertThat(failure.code())
          .as(call.method())
          .isIn(Code.INVALID_ARGUMENT, Code.PERMISSION_DENIED);
    }
  }

  @Test
  void aMessageAboveTheLimitIsRefusedWithTheLimit() throws Exception {
    Failure failure = complete(client.fail(GET, ANN, framed(new byte[4_194_305]), false));
    assertThat(failure.code()).isEqualTo(Code.RESOURCE_EXHAUSTED);
    assertThat(failure.reason()).isEqualTo("MESSAGE_TOO_LARGE");
    assertThat(failure.message()).contains("4194304");
    // Announced, never sent.
    byte[] announced = {0, 0x7f, -1, -1, -1, 1};
    assertThat(complete(client.fail(GET, ANN, announced, false)).reason())
        .isEqualTo("MESSAGE_TOO_LARGE");
  }

  private static byte[] gzip(byte[] message) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(message);
    }
    return out.toByteArray();
  }

  private static Map<String, String> ann(String encoding) {
    return Map.of(DevelopmentAuthenticator.USER_HEADER, "ann", "grpc-encoding", encoding);
  }

  @Test
  void compressedRequestsAreReadOrRefused() throws Exception {
    byte[] packed = gzip(NO_JOB);
    assertThat(complete(client.fail(GET, ann("gzip"), framed(1, packed))).code())
        .isEqualTo(Code.NOT_FOUND);
    Failure bomb = complete(client.fail(GET, ann("gzip"), framed(1, gzip(new byte[50 << 20]))));
    assertThat(bomb.reason()).isEqualTo("MESSAGE_TOO_LARGE");
    assertThat(bomb.message()).contains("4194304");
    packed[packed.length / 2] ^= 0x55;
    for (byte[] damaged : new byte[][] {packed, new byte[] {1, 2, 3}, new byte[0]}) {
      assertThat(complete(client.fail(GET, ann("gzip"), framed(1, damaged))).reason())
          .isEqualTo("MALFORMED_REQUEST");
    }
    Failure unknown = complete(client.fail(GET, ann("snappy"), framed(1, packed)));
    assertThat(unknown.code()).isEqualTo(Code.UNIMPLEMENTED);
    assertThat(unknown.reason()).isEqualTo("UNKNOWN_ENCODING");
    assertThat(unknown.message()).contains("gzip");
  }

  @Test
  void brokenFramesAreRefused() throws Exception {
    byte[] cut = Arrays.copyOf(framed(NO_JOB), 7);
    ByteString one = ByteString.copyFrom(framed(NO_JOB));
    byte[] two = one.concat(one).toByteArray();
    for (byte[] body :
        new byte[][] {framed(0x80, NO_JOB), framed(1, gzip(NO_JOB)), cut, two, new byte[0]}) {
      Failure failure = complete(client.fail(GET, ANN, body));
      assertThat(failure.code()).isEqualTo(Code.INVALID_ARGUMENT);
      assertThat(failure.reason()).isEqualTo("MALFORMED_REQUEST");
    }
  }

  @Test
  void unknownMethodsAreRefusedToEveryCaller() throws Exception {
    for (Map<String, String> caller : List.of(ANN, Map.<String, String>of())) {
      for (String method :
          Stream.of(
                  "milepost.v1.JobService/No",
                  "no.Such/Thing",
                  "x",
                  "a/b/c",
                  "a/" + "b".repeat(500))
              .toList()) {
        Failure failure = complete(client.fail(method, caller, framed(NO_JOB)));
        assertThat(failure.code()).isEqualTo(Code.UNIMPLEMENTED);
        assertThat(failure.reason()).isEqualTo("UNKNOWN_METHOD");
        assertThat(failure.message()).hasSizeLessThan(300);
      }
    }
  }

  @Test
  void aMalformedMessageEndsAStream() throws Exception {
    Failure failure =
        complete(
            client.fail(
                "milepost.v1.WorkerService/ReportStream", ANN, framed(new byte[] {10, 5}), false));
    assertThat(failure.reason()).isEqualTo("MALFORMED_REQUEST");
    failure =
        complete(
            client.fail(
                "milepost.v1.JobService/CreateJobs", ANN, framed(new byte[] {10, 5}), false));
    assertThat(failure.reason()).isEqualTo("MALFORMED_REQUEST");
  }
}
