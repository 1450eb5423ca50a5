package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a caller without a credential can make the server hold. */
class AnonymousCallsTest {
  private static final String CHECK = "grpc.health.v1.Health/Check";
  private static final String WATCH = "grpc.health.v1.Health/Watch";
  private static final String REFLECTION =
      "grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
  private static final String OLD_REFLECTION =
      "grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";
  private static final Map<String, String> NOBODY = Map.of();
  private static final byte[] EVERYTHING = {};

  /** A health request for a service whose name has this many bytes: at most 127. */
  private static byte[] named(String service) {
    byte[] name = service.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    ByteArrayOutputStream message = new ByteArrayOutputStream();
    message.write(0x0a);
    message.write(name.length);
    message.writeBytes(name);
    return message.toByteArray();
  }

  @ParameterizedTest
  @ValueSource(strings = {CHECK, WATCH, REFLECTION, OLD_REFLECTION})
  void aLargeRequestIsRefusedBeforeItIsComplete(String method) {
    try (TestServer server = TestServer.start();
        RawConnection attacker = RawConnection.to(server.port())) {
      int stream = attacker.call(method, NOBODY);
      attacker.head(stream, false, 4 << 20);
      attacker.data(stream, new byte[5_000]);
      assertThat(attacker.awaitEnd(stream)).startsWith("8 ").contains("4096");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {CHECK, WATCH, REFLECTION, OLD_REFLECTION})
  void aRequestInManyPiecesIsRefused(String method) {
    try (TestServer server = TestServer.start();
        RawConnection attacker = RawConnection.to(server.port())) {
      int stream = attacker.call(method, NOBODY);
      attacker.head(stream, false, 4_000);
      for (int i = 0; i < 20; i++) {
        attacker.data(stream, new byte[1]);
      }
      assertThat(attacker.awaitEnd(stream)).startsWith("8 ");
    }
  }

  @Test
  void aRequestThatIsLargeOnceUncompressedIsRefused() throws IOException {
    ByteArrayOutputStream bomb = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bomb)) {
      // Field 1, a string of a million bytes.
      gzip.write(new byte[] {0x0a, (byte) 0xc0, (byte) 0x84, 0x3d});
      gzip.write("x".repeat(1_000_000).getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    }
    try (TestServer server = TestServer.start();
        RawConnection attacker = RawConnection.to(server.port())) {
      int stream = attacker.call(CHECK, Map.of("grpc-encoding", "gzip"));
      attacker.head(stream, true, bomb.size());
      attacker.lastData(stream, bomb.toByteArray());
      assertThat(attacker.awaitEnd(stream)).startsWith("8 ").contains("4096");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {CHECK, WATCH, REFLECTION, OLD_REFLECTION})
  void aRequestThatNeverArrivesIsEnded(String method) {
    try (TestServer server = TestServer.start();
        RawConnection attacker = RawConnection.to(server.port())) {
      int silent = attacker.call(method, NOBODY);
      int half = attacker.call(method, NOBODY);
      attacker.head(half, false, 100);
      attacker.data(half, new byte[50]);
      // Has been received when it is answered.
      int whole = attacker.call(CHECK, NOBODY);
      attacker.request(whole, EVERYTHING);
      assertThat(attacker.awaitEnd(whole)).startsWith("0 ");
      server.clock().advance(Duration.ofSeconds(31));
      List<Integer> left = new ArrayList<>(List.of(silent, half));
      while (!left.isEmpty()) {
        RawConnection.Frame frame = attacker.next();
        if (frame.endsStream()) {
          left.remove((Integer) frame.stream());
        }
      }
    }
  }

  @Test
  void aHealthWatchMayBeSilent() {
    try (TestServer server = TestServer.start();
        RawConnection operator = RawConnection.to(server.port())) {
      int watch = operator.call(WATCH, NOBODY);
      operator.request(watch, EVERYTHING);
      int check = operator.call(CHECK, NOBODY);
      operator.request(check, EVERYTHING);
      assertThat(operator.awaitEnd(check)).startsWith("0 ");
      // A later call is ended, and this watch is not.
      int silent = operator.call(CHECK, NOBODY);
      int last = operator.call(CHECK, NOBODY);
      operator.request(last, EVERYTHING);
      assertThat(operator.awaitEnd(last)).startsWith("0 ");
      server.clock().advance(Duration.ofMinutes(10));
      RawConnection.Frame frame = operator.next();
      while (!frame.endsStream()) {
        frame = operator.next();
      }
      assertThat(frame.stream()).isEqualTo(silent);
    }
  }

  @Test
  void aWatchOfAnUnknownServiceEnds() {
    try (TestServer server = TestServer.start();
        RawConnection attacker = RawConnection.to(server.port())) {
      int stream = attacker.call(WATCH, NOBODY);
      attacker.request(stream, named("no.such.Service"));
      assertThat(attacker.awaitEnd(stream)).startsWith("5 ");
    }
  }

  @Test
  void aConnectionThatHoldsTooManyCallsGetsNoFurtherOne() {
    try (TestServer server =
            TestServer.start(Map.of("milepost.limits.anonymous-calls-per-connection", 3));
        RawConnection attacker = RawConnection.to(server.port());
        RawConnection other = RawConnection.to(server.port())) {
      for (int i = 0; i < 3; i++) {
        attacker.request(attacker.call(WATCH, NOBODY), EVERYTHING);
      }
      int excess = attacker.call(CHECK, NOBODY);
      assertThat(attacker.awaitEnd(excess)).startsWith("8 ").contains("without a credential");
      int check = other.call(CHECK, NOBODY);
      other.request(check, EVERYTHING);
      assertThat(other.awaitEnd(check)).startsWith("0 ");
    }
  }

  @Test
  void anAddressThatHoldsTooManyCallsGetsNoFurtherOne() {
    try (TestServer server =
            TestServer.start(Map.of("milepost.limits.anonymous-calls-per-address", 2));
        RawConnection first = RawConnection.to(server.port());
        RawConnection second = RawConnection.to(server.port())) {
      int watch = first.call(WATCH, NOBODY);
      first.request(watch, EVERYTHING);
      first.call(CHECK, NOBODY);
      // The response to the first call shows that both have begun: they arrived together, in order.
      int excess = first.call(CHECK, NOBODY);
      assertThat(first.awaitEnd(excess)).startsWith("8 ");
      assertThat(second.awaitEnd(second.call(CHECK, NOBODY))).startsWith("8 ");
      // A credential of the same address is not affected.
      assertThat(server.client().create("a").getId()).isNotEmpty();
    }
  }

  @Test
  void beyondTheLimitOfTheServerTheOldestCallEnds() {
    try (TestServer server = TestServer.start(Map.of("milepost.limits.anonymous-calls", 2));
        RawConnection attacker = RawConnection.to(server.port());
        RawConnection operator = RawConnection.to(server.port())) {
      int oldest = attacker.call(WATCH, NOBODY);
      attacker.request(oldest, EVERYTHING);
      attacker.request(attacker.call(WATCH, NOBODY), EVERYTHING);
      attacker.request(attacker.call(WATCH, NOBODY), EVERYTHING);
      assertThat(attacker.awaitEnd(oldest)).startsWith("8 ");
      int check = operator.call(CHECK, NOBODY);
      operator.request(check, EVERYTHING);
      assertThat(operator.awaitEnd(check)).startsWith("0 ");
    }
  }
}
