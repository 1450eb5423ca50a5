package dev.milepost.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Tests what a target may look like, and what is said about one that no client can use. */
class TargetTest {
  @Test
  void aServerIsAHostAndAPort() {
    Map<String, String> written =
        Map.ofEntries(
            Map.entry("localhost", "localhost:7300"),
            Map.entry("localhost:7500", "localhost:7500"),
            Map.entry(" LOCALHOST:7500\n", "localhost:7500"),
            Map.entry("Jobs.Example.ORG", "jobs.example.org:7300"),
            Map.entry("10.0.0.1", "10.0.0.1:7300"),
            Map.entry("dns:7300", "dns:7300"),
            Map.entry("::1", "[::1]:7300"),
            Map.entry("::1:7500", "[::1]:7500"),
            Map.entry("[::1]", "[::1]:7300"),
            Map.entry("[::1]:7500", "[::1]:7500"),
            Map.entry("fe80::1%eth0", "[fe80::1%eth0]:7300"),
            Map.entry("2001:db8:0:0:0:0:0:2", "[2001:db8:0:0:0:0:0:2]:7300"),
            Map.entry("dns:///Jobs.example.org", "dns:///jobs.example.org:7300"),
            Map.entry("dns:jobs.example.org:80", "dns:///jobs.example.org:80"),
            Map.entry("dns://10.0.0.2/jobs", "dns://10.0.0.2/jobs:7300"),
            Map.entry("dns:///[::1]:7500", "dns:///[::1]:7500"),
            Map.entry("a:7300, B,::1:7500", "a:7300,b:7300,[::1]:7500"),
            Map.entry("milepost:///a:7300,%5B::1%5D:7300", "a:7300,[::1]:7300"));
    written.forEach(
        (text, normal) -> {
          assertThat(Target.parse(text)).as(text).hasToString(normal);
          JobClient.connect(text).close(); // gRPC can use it.
        });
  }

  @Test
  void aListIsATargetOfGrpc() {
    assertThat(ServerList.of("a:7300, [::1]:7300").toTarget())
        .isEqualTo("milepost:///a:7300,%5B::1%5D:7300");
    assertThat(ServerList.ofPath("/a:7300,[::1]:7300")).hasToString("a:7300,[::1]:7300");
  }

  @Test
  void whatCannotBeUsedIsToldAtOnceAndWithWhatToWrite() {
    for (String wrong :
        List.of(
            "",
            "  ",
            ":7300",
            "localhost:",
            "localhost:x",
            "localhost:0",
            "localhost:65536",
            "localhost:99999999999999999999",
            "my_server:7300",
            "a b:7300",
            "a:7300/",
            "-a:7300",
            "münchen:7300",
            "0.0.0.0:7300",
            "[::]:7300",
            "[localhost]:7300",
            "[::1",
            "::g:7300",
            "a:7300,",
            "a:7300,,b:7300",
            "a:7300,b c:7300",
            "a:1,/b:2",
            "dns:///",
            "dns:///a/b")) {
      assertThatThrownBy(() -> JobClient.builder(wrong))
          .as(wrong)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("target: ")
          .hasMessageEndingWith("\"localhost:7300\"" + (wrong.isBlank() ? "; it is empty" : ""));
    }
  }

  @Test
  void aUrlIsToldWithWhatToWriteInstead() {
    assertThatThrownBy(() -> JobClient.connect("http://Localhost:7500/jobs?token=s3cret"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "target: the client speaks gRPC and takes no \"http://\" URL; write"
                + " \"localhost:7500\"");
    assertThatThrownBy(() -> JobClient.connect("https://jobs.example.org"))
        .hasMessageEndingWith("write \"jobs.example.org:7300\"");
  }

  @Test
  void whatMayBeSecretIsNotQuoted() {
    for (String wrong :
        List.of("ann:s3cret@jobs:7300", "mlp_s3cret", "eyJs3cret.x.y", "jobs:7300?key=s3cret")) {
      assertThatThrownBy(() -> JobClient.connect(wrong))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("target: ")
          .hasMessageNotContaining("s3cret");
    }
  }

  @Test
  void onlyThisMachineIsReachedWithoutTls() {
    for (String own :
        List.of(
            "localhost:7300",
            "LOCALHOST",
            "127.0.0.1:1",
            "[::1]:7300",
            "::1",
            "0:0:0:0:0:0:0:1",
            "::ffff:127.0.0.1",
            "dns:///localhost:1",
            "unix:/s",
            "localhost,127.0.0.2:1")) {
      assertThat(Target.parse(own).isThisMachine()).as(own).isTrue();
    }
    for (String other :
        List.of(
            "example.org:7300",
            "10.0.0.1:1",
            "localhost.example.org:1",
            "127.0.0.1.nip.io:1",
            "::2",
            "::ffff:10.0.0.1",
            "localhost,b",
            "dns:///example.org")) {
      assertThat(Target.parse(other).isThisMachine()).as(other).isFalse();
    }
  }

  @Test
  void whatGrpcCannotUseIsToldToo() {
    assertThatThrownBy(() -> JobClient.connect("unix:/run/milepost.sock"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("target: gRPC cannot use \"unix:/run/milepost.sock\": ");
  }
}
