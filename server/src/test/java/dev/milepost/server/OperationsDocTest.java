package dev.milepost.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.server.grpc.TestClient;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the marked commands of {@code docs/OPERATIONS.md} as they stand there, on processes. */
class OperationsDocTest {
  /** A health page, and the status that the comment behind it promises for a server that works. */
  private static final Pattern PAGE =
      Pattern.compile("(?m)^ {4}curl http://localhost:7301(\\S+) +(?:200|\"ok\").*$");

  @TempDir Path directory;

  @Test
  void theCommandsDoWhatThePageSays() throws Exception {
    Map<String, List<String>> blocks = DocCommands.of("OPERATIONS.md");
    assertThat(blocks).containsOnlyKeys("", "stopped");
    DocCommands.writeLauncher(directory);
    ProcessBuilder start =
        ServerProcess.command(
            directory,
            "--store",
            "sqlite:data/milepost.db",
            "--listen",
            "localhost:0",
            "--http-listen",
            "localhost:0");
    start.environment().remove("MILEPOST_HTTP_LISTEN");
    Process server = start.redirectErrorStream(true).start();
    List<String> greeting = ServerProcess.greeting(server);
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("localhost", ServerProcess.port(greeting))
            .usePlaintext()
            .build();
    try {
      TestClient ann = new TestClient(channel).as("ann");
      for (int i = 0; i < 3; i++) {
        ann.create("a");
      }
      URI metrics =
          URI.create(
              greeting.stream()
                  .filter(line -> line.strip().startsWith("http "))
                  .findFirst()
                  .orElseThrow()
                  .replaceAll(".*(http\\S+).*", "$1"));
      assertPages(blocks.get("").get(0), metrics);
    } finally {
      channel.shutdownNow();
      server.destroy();
      server.waitFor();
    }
    Files.copy(directory.resolve("data/milepost.db"), directory.resolve("backup.db"));

    String output = DocCommands.run(directory, blocks.get("stopped").get(0));

    assertThat(output.split("Verified 3 jobs, ", -1)).hasSize(3);
    assertThat(output).contains(": sound.").doesNotContain("0/?");
  }

  /** The pages are read without curl, which not every machine has. */
  private static void assertPages(String block, URI metrics) throws Exception {
    List<String> paths = PAGE.matcher(block).results().map(match -> path(match)).toList();
    assertThat(paths).hasSameSizeAs(block.lines().toList());
    for (String path : paths) {
      HttpResponse<String> page =
          HttpClient.newHttpClient()
              .send(
                  HttpRequest.newBuilder(metrics.resolve(path)).build(),
                  HttpResponse.BodyHandlers.ofString());
      assertThat(page.statusCode()).as(path).isEqualTo(200);
      if (path.equals("/health")) {
        assertThat(page.body()).isEqualTo("ok");
      }
    }
  }

  private static String path(MatchResult page) {
    return page.group(1);
  }
}
