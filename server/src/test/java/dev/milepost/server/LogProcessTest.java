package dev.milepost.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import dev.milepost.server.access.ApiToken;
import dev.milepost.server.access.Role;
import dev.milepost.server.access.TokenFile;
import dev.milepost.server.disk.PrivateFiles;
import dev.milepost.v1.CreateJobRequest;
import dev.milepost.v1.GetJobRequest;
import dev.milepost.v1.JobServiceGrpc;
import dev.milepost.v1.JobSpec;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteJDBCLoader;

/** What real server processes write to standard error and to the audit file. */
class LogProcessTest {
  @TempDir Path directory;

  private final List<Process> children = new ArrayList<>();
  private final List<ManagedChannel> channels = new ArrayList<>();

  @AfterEach
  void stop() throws Exception {
    channels.forEach(ManagedChannel::shutdownNow);
    for (Process child : children) {
      child.destroyForcibly();
      child.waitFor();
    }
  }

  private Process launch(String error, String... arguments) throws IOException {
    ProcessBuilder builder = ServerProcess.asShipped(directory, arguments);
    Path temporary = Files.createDirectories(directory.resolve("tmp"));
    builder.command().add(1, "-Djava.io.tmpdir=" + temporary);
    builder.environment().put("MILEPOST_AUDIT_FILE", "audit.json");
    builder.environment().put("MILEPOST_AUTH_TOKENS_FILE", "tokens.json");
    builder.environment().put("MILEPOST_AUTH_RELOAD", "50ms");
    Process child = builder.redirectError(directory.resolve(error).toFile()).start();
    children.add(child);
    return child;
  }

  private JobServiceGrpc.JobServiceBlockingStub jobs(int port, String token) {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("localhost", port).usePlaintext().userAgent("probe").build();
    channels.add(channel);
    Metadata headers = new Metadata();
    headers.put(
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
    return JobServiceGrpc.newBlockingStub(channel)
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  /** Parses lines, each of which must be a JSON object. */
  private List<Map<String, Value>> parsed(String file) throws IOException {
    List<Map<String, Value>> lines = new ArrayList<>();
    for (String line : Files.readAllLines(directory.resolve(file))) {
      Struct.Builder object = Struct.newBuilder();
      JsonFormat.parser().merge(line, object);
      lines.add(object.getFieldsMap());
    }
    return lines;
  }

  private List<Map<String, Value>> audit(String event) throws IOException {
    return parsed("audit.json").stream()
        .filter(line -> text(line, "message").equals(event))
        .toList();
  }

  private static String text(Map<String, Value> line, String name) {
    Value value = line.get(name);
    return value == null ? "" : value.getStringValue();
  }

  private ApiToken.Issued issue(Role role) throws IOException {
    Instant now = Instant.now();
    ApiToken.Issued issued =
        ApiToken.issue("acme", "ann", Set.of(role), now, now.plus(Duration.ofHours(1)));
    new TokenFile(directory.resolve("tokens.json"))
        .update(
            all -> {
              all.put(issued.token().id(), issued.token());
              return all;
            });
    return issued;
  }

  @Test
  void theAuditFileNamesCallersDenialsAndTokensAndAKillLeavesNoTrace() throws Exception {
    // What the driver cannot delete, whoever left it there.
    Path own = directory.resolve("tmp/milepost-" + System.getProperty("user.name"));
    PrivateFiles.createDirectories(own);
    Path stale = own.resolve("sqlite-" + SQLiteJDBCLoader.getVersion() + "-x-libsqlitejdbc.so");
    Files.createDirectories(stale.resolve("x"));
    ApiToken.Issued ann = issue(Role.USER);
    String[] arguments = {"--listen", "localhost:0", "--store", "sqlite:j.db", "--log-format=json"};
    Process first = launch("err-1", arguments);
    int port = ServerProcess.port(ServerProcess.greeting(first));
    String id =
        jobs(port, ann.bearer())
            .createJob(CreateJobRequest.newBuilder().setSpec(spec()).build())
            .getJob()
            .getId();
    GetJobRequest read = GetJobRequest.newBuilder().setJobId(id).build();
    String forged = "mlp_" + ann.token().id() + "_" + "x".repeat(43);
    assertThat(denied(() -> jobs(port, forged).getJob(read))).isTrue();
    Process create =
        launch("err-token", "token", "create", "--user", "bob", "--role", "WORKER", "--ttl", "1h");
    String bob = new String(create.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    await().until(() -> !audit("token_added").isEmpty());
    assertThat(denied(() -> jobs(port, bob).getJob(read))).isTrue();
    first.destroyForcibly().waitFor();

    Map<String, Value> made = audit("call").get(0);
    assertThat(text(made, "code")).isEqualTo("OK");
    assertThat(text(made, "user")).isEqualTo("ann");
    assertThat(text(made, "credential")).isEqualTo("token:" + ann.token().id());
    assertThat(text(made, "address")).isEqualTo("127.0.0.1");
    assertThat(text(made, "agent")).startsWith("probe ");
    assertThat(made.get("jobs").getListValue().getValues(0).getStringValue()).isEqualTo(id);
    assertThat(made.get("ms").getNumberValue()).isNotNegative();
    Map<String, Value> unknown = audit("call").get(1);
    assertThat(text(unknown, "method")).isEqualTo("milepost.v1.JobService/GetJob");
    assertThat(text(unknown, "reason")).isEqualTo("UNAUTHENTICATED");
    assertThat(text(unknown, "credential")).isEqualTo("token:" + ann.token().id());
    assertThat(unknown).doesNotContainKey("user");
    Map<String, Value> refused = audit("call").get(2);
    assertThat(text(refused, "user")).isEqualTo("bob");
    assertThat(text(refused, "reason")).isEqualTo("PERMISSION_DENIED");
    assertThat(text(audit("token_created").get(0), "system_user"))
        .isEqualTo(System.getProperty("user.name"));
    assertThat(audit("token_created").get(0).get("credential"))
        .isEqualTo(audit("token_added").get(0).get("credential"));
    assertThat(Files.readString(directory.resolve("audit.json")))
        .doesNotContain(ann.bearer().substring(21), bob.substring(21), "x".repeat(43));

    Process second = launch("err-2", arguments);
    ServerProcess.greeting(second);
    second.destroy();
    assertThat(second.waitFor(20, TimeUnit.SECONDS)).isTrue();
    for (String error : List.of("err-1", "err-2")) {
      assertThat(parsed(error))
          .allMatch(line -> !text(line, "level").equals("ERROR") && !line.containsKey("trace"));
    }
    assertThat(stale).exists();
  }

  private static JobSpec spec() {
    return JobSpec.newBuilder().setType("a").build();
  }

  private static boolean denied(Runnable call) {
    try {
      call.run();
      return false;
    } catch (StatusRuntimeException e) {
      return true;
    }
  }

  @Test
  void whatStopsAStartIsSaidInTheFormatOfTheLog() throws Exception {
    Process child = launch("err", "--store", "memory:", "--log-format", "json", "--listen", "x");
    assertThat(child.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(child.exitValue()).isEqualTo(1);
    List<Map<String, Value>> lines = parsed("err");
    assertThat(lines).hasSize(1);
    assertThat(text(lines.get(0), "level")).isEqualTo("ERROR");
    assertThat(text(lines.get(0), "message")).contains("must be HOST:PORT");
  }

  @Test
  void anAuditFileThatCannotBeWrittenStopsTheStart() throws Exception {
    Files.createDirectory(directory.resolve("audit.json"));
    Process child = launch("err", "--store", "memory:", "--listen", "localhost:0");
    assertThat(child.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(child.exitValue()).isEqualTo(1);
    assertThat(Files.readString(directory.resolve("err")))
        .startsWith("The audit file audit.json cannot be written (")
        .contains("MILEPOST_AUDIT_FILE");
  }
}
