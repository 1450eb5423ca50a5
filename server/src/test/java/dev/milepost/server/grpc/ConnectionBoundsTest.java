package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** How many connections there may be, and what a connection can hold outside of calls. */
class ConnectionBoundsTest {
  private static final String CHECK = "grpc.health.v1.Health/Check";
  private static final String GET = "milepost.v1.JobService/GetJob";

  private static boolean answers(RawConnection connection) {
    int stream = connection.call(CHECK, Map.of());
    connection.request(stream, new byte[0]);
    return connection.awaitEnd(stream).startsWith("0 ");
  }

  private static void closesConnectionsBeyond(String setting) {
    try (TestServer server = TestServer.start(Map.of(setting, 3))) {
      List<RawConnection> open = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        open.add(RawConnection.to(server.port()));
        assertThat(answers(open.get(i))).isTrue();
      }
      try (RawConnection excess = RawConnection.to(server.port())) {
        excess.awaitClosed();
      } catch (java.io.UncheckedIOException e) {
        // Closed before it could send anything.
      }
      assertThat(answers(open.get(0))).isTrue();
      open.get(1).close();
      await()
          .ignoreExceptions()
          .until(
              () -> {
                try (RawConnection next = RawConnection.to(server.port())) {
                  return answers(next);
                }
              });
      open.forEach(RawConnection::close);
    }
  }

  @Test
  void connectionsBeyondTheLimitOfTheServerAreClosed() {
    closesConnectionsBeyond("milepost.limits.connections");
  }

  @Test
  void connectionsBeyondTheLimitOfAnAddressAreClosed() {
    closesConnectionsBeyond("milepost.limits.connections-per-address");
  }

  @Test
  void aStreamThatOnlyTheServerHasEndedIsReset() {
    try (TestServer server = TestServer.start();
        RawConnection attacker = RawConnection.to(server.port())) {
      int stream = attacker.call(GET, Map.of());
      assertThat(attacker.awaitEnd(stream)).startsWith("16 ");
      attacker.awaitReset(stream);
      assertThat(answers(attacker)).isTrue();
    }
  }

  @Test
  void aPeerThatReadsNothingIsNotReadFromEither() throws Exception {
    try (TestServer server = TestServer.start();
        ResponseIgnorer attacker = new ResponseIgnorer(server.port())) {
      await().until(attacker::isStuck);
      assertThat(attacker.sentBytes()).isLessThan(32 << 20);
      assertThat(server.client().create("a").getId()).isNotEmpty();
    }
  }
}
