package dev.milepost.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.milepost.server.ServerProcess;
import dev.milepost.server.grpc.TestClient;
import dev.milepost.v1.JobSpec;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command {@code erase} as a process, on a server in another one. */
class EraseCommandTest {
  private static final String MARK = "Planted-Personal-Data-91c4";

  @TempDir Path directory;

  private final List<Process> children = new ArrayList<>();

  @AfterEach
  void stop() {
    children.forEach(Process::destroyForcibly);
  }

  private Process launch(String... arguments) throws IOException {
    ProcessBuilder builder =
        ServerProcess.asShipped(directory, arguments)
            .redirectError(directory.resolve("err-" + children.size()).toFile());
    builder.environment().put("MILEPOST_AUDIT_FILE", "audit.json");
    Process child = builder.start();
    children.add(child);
    return child;
  }

  /** Runs a command that ends with this code; returns what it prints, with its errors. */
  private String run(int code, String... arguments) throws Exception {
    int number = children.size();
    Process child = launch(arguments);
    child.getOutputStream().close();
    String out = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(child.waitFor(60, TimeUnit.SECONDS)).isTrue();
    String printed = out + Files.readString(directory.resolve("err-" + number));
    assertThat(child.exitValue()).as(printed).isEqualTo(code);
    return printed;
  }

  private boolean isIn(String file) throws IOException {
    return new String(Files.readAllBytes(directory.resolve(file)), StandardCharsets.ISO_8859_1)
        .contains(MARK);
  }

  @Test
  void aUserIsErasedFromTheFilesOfARunningServer() throws Exception {
    Process server = launch("--listen", "localhost:0", "--store", "sqlite:jobs.db");
    String address = "localhost:" + ServerProcess.port(ServerProcess.greeting(server));
    ManagedChannel channel = NettyChannelBuilder.forTarget(address).usePlaintext().build();
    try {
      TestClient ann = new TestClient(channel).as("ann");
      Struct params =
          Struct.newBuilder()
              .putFields("who", Value.newBuilder().setStringValue(MARK.repeat(500)).build())
              .build();
      ann.create(JobSpec.newBuilder().setType("a").setParams(params));
      ann.start(JobSpec.newBuilder().setType("a").setParams(params)).complete();
      assertThat(isIn("jobs.db-wal") || isIn("jobs.db")).isTrue();

      String user = "default/ann";
      assertThat(run(0, "erase", "--server", address, "--user", user, "--preview"))
          .contains("has 2 jobs (0 running)");
      assertThat(run(1, "erase", "--server", address, "--user", user)).contains("--yes");
      assertThat(run(2, "erase", "--server", address, "--user", "ann")).contains("TENANT/USER");
      String done = run(0, "erase", "--server", address, "--user", user, "--yes");
      assertThat(done).contains("Erased: 2 jobs");

      assertThat(isIn("jobs.db")).isFalse();
      assertThat(isIn("jobs.db-wal")).isFalse();
      String erasure = done.replaceAll("(?s).*Erasure ([0-9a-f-]+) is.*", "$1");
      assertThat(Files.readAllLines(directory.resolve("audit.json")))
          .anyMatch(
              line ->
                  line.contains("\"message\":\"user_erased\",\"erasure\":\"" + erasure + "\"")
                      && line.contains("\"erased_tenant\":\"default\",\"erased_user\":\"ann\"")
                      && line.contains("\"found_jobs\":2")
                      && line.contains("\"complete\":true"));
    } finally {
      channel.shutdownNow();
    }
  }
}
