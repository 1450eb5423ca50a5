package dev.milepost.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.server.access.DevelopmentAuthenticator;
import dev.milepost.v1.CreateJobRequest;
import dev.milepost.v1.CreateJobResponse;
import dev.milepost.v1.GetJobRequest;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobServiceGrpc;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.ListJournalRequest;
import dev.milepost.v1.LogEntry;
import dev.milepost.v1.LogLevel;
import dev.milepost.v1.Report;
import dev.milepost.v1.ReportRequest;
import dev.milepost.v1.StartJob;
import dev.milepost.v1.WorkerServiceGrpc;
import io.grpc.ClientInterceptor;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the server as a separate process. */
class MainTest {
  @TempDir Path directory;

  private final List<Process> children = new ArrayList<>();
  private final List<ManagedChannel> channels = new ArrayList<>();

  @AfterEach
  void stop() {
    channels.forEach(ManagedChannel::shutdownNow);
    children.forEach(Process::destroyForcibly);
  }

  private Process launch(String... arguments) throws IOException {
    ProcessBuilder builder =
        ServerProcess.command(directory, arguments)
            .redirectError(directory.resolve("stderr-" + children.size()).toFile());
    Process child = builder.start();
    children.add(child);
    return child;
  }

  /** Starts a server and reads its startup messages. */
  private List<String> greeting(Process child) throws IOException {
    List<String> lines = ServerProcess.greeting(child);
    if (!lines.contains("Milepost is ready.")) {
      throw new AssertionError("no greeting, but " + lines + " and " + stderr(child));
    }
    return lines;
  }

  private String stderr(Process child) throws IOException {
    return Files.readString(directory.resolve("stderr-" + children.indexOf(child)));
  }

  private ManagedChannel connect(int port) {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("localhost", port).usePlaintext().build();
    channels.add(channel);
    return channel;
  }

  private static ClientInterceptor ann() {
    Metadata headers = new Metadata();
    headers.put(
        Metadata.Key.of(DevelopmentAuthenticator.USER_HEADER, Metadata.ASCII_STRING_MARSHALLER),
        "ann");
    return MetadataUtils.newAttachHeadersInterceptor(headers);
  }

  private static JobServiceGrpc.JobServiceBlockingStub jobs(ManagedChannel channel) {
    return JobServiceGrpc.newBlockingStub(channel).withInterceptors(ann());
  }

  private static WorkerServiceGrpc.WorkerServiceBlockingStub worker(ManagedChannel channel) {
    return WorkerServiceGrpc.newBlockingStub(channel).withInterceptors(ann());
  }

  private void refuses(String sentence, String... arguments) throws Exception {
    Process child = launch(arguments);
    assertThat(child.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(stderr(child).strip()).hasLineCount(1).contains(sentence).endsWith(".");
    assertThat(child.exitValue()).isEqualTo(1);
    assertThat(child.inputReader().lines()).isEmpty();
  }

  @Test
  void damagedTaskDefinitionsAreNamedByLine() throws Exception {
    Files.writeString(directory.resolve("tasks.yaml"), "tasks:\n  - name: a b\n");
    refuses(
        "tasks.yaml cannot be read or is damaged (line 2, column 11: name must be",
        "--store",
        "memory:",
        "--listen",
        "localhost:0",
        "--tasks",
        "tasks.yaml");
    refuses("none.yaml cannot be read", "--store", "memory:", "--tasks", "none.yaml");
  }

  @Test
  void startsServesAndShutsDownGracefully() throws Exception {
    Process child = launch("--listen", "localhost:0", "--store", "sqlite:data/jobs.db");
    List<String> greeting = greeting(child);
    assertThat(greeting).anyMatch(line -> line.contains("data/jobs.db"));
    assertThat(greeting).anyMatch(line -> line.strip().startsWith("durability"));
    assertThat(greeting).anyMatch(line -> line.matches(" +http +off"));
    assertThat(greeting).anyMatch(line -> line.contains("kill " + child.pid()));
    ManagedChannel channel = connect(ServerProcess.port(greeting));
    Job job =
        jobs(channel)
            .createJob(
                CreateJobRequest.newBuilder().setSpec(JobSpec.newBuilder().setType("a")).build())
            .getJob();
    child.destroy();
    assertThat(child.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(stderr(child)).isEmpty();

    Process again = launch("--listen", "localhost:0", "--store", "sqlite:data/jobs.db");
    ManagedChannel second = connect(ServerProcess.port(greeting(again)));
    assertThat(
            jobs(second).getJob(GetJobRequest.newBuilder().setJobId(job.getId()).build()).getJob())
        .isEqualTo(job);
  }

  @Test
  void acknowledgedChangesSurviveAKill() throws Exception {
    Process child = launch("--listen", "localhost:0", "--store", "sqlite:jobs.db");
    ManagedChannel channel = connect(ServerProcess.port(greeting(child)));
    CreateJobResponse created =
        jobs(channel)
            .createJob(
                CreateJobRequest.newBuilder()
                    .setSpec(JobSpec.newBuilder().setType("a"))
                    .setStart(StartJob.newBuilder().setWorkerId("w"))
                    .build());
    ReportRequest.Builder request =
        ReportRequest.newBuilder()
            .setJobId(created.getJob().getId())
            .setAttemptToken(created.getGrant().getAttemptToken());
    AtomicLong acknowledged = new AtomicLong();
    Thread reporter =
        new Thread(
            () -> {
              try {
                for (long seq = 1; ; seq++) {
                  worker(channel).report(request.clone().setReport(numbered(seq)).build());
                  acknowledged.set(seq);
                }
              } catch (StatusRuntimeException e) {
                // The server has been killed.
              }
            });
    reporter.start();
    while (acknowledged.get() < 200) {
      Thread.onSpinWait();
    }
    child.destroyForcibly();
    reporter.join(20_000);

    Process again = launch("--listen", "localhost:0", "--store", "sqlite:jobs.db");
    ManagedChannel second = connect(ServerProcess.port(greeting(again)));
    long next = acknowledged.get() + 1;
    // The update in progress when the server died may have been applied or not: after a repetition
    // it has been applied once.
    assertThat(
            worker(second)
                .report(request.clone().setReport(numbered(next)).build())
                .getAck()
                .getCommittedSeq())
        .isEqualTo(next);
    List<String> lines = new ArrayList<>();
    List<Long> sequences = new ArrayList<>();
    ListJournalRequest.Builder page =
        ListJournalRequest.newBuilder().setJobId(created.getJob().getId()).setPageSize(1_000);
    do {
      var answer = jobs(second).listJournal(page.build());
      answer.getEntriesList().forEach(entry -> sequences.add(entry.getSequence()));
      answer.getEntriesList().stream()
          .filter(entry -> entry.hasLog())
          .forEach(entry -> lines.add(entry.getLog().getMessage()));
      page.setPageToken(answer.getNextPageToken());
    } while (!page.getPageToken().isEmpty());
    assertThat(lines).doesNotHaveDuplicates().last().isEqualTo("line " + next);
    assertThat(lines).hasSize((int) Math.min(next, 1_000));
    assertThat(sequences).isSorted().doesNotHaveDuplicates();
  }

  private static Report.Builder numbered(long seq) {
    return Report.newBuilder()
        .setReportSeq(seq)
        .addLogs(LogEntry.newBuilder().setLevel(LogLevel.LOG_LEVEL_INFO).setMessage("line " + seq));
  }

  @Test
  void refusesRemoteClientsWithoutAuthentication() throws Exception {
    refuses(
        "use --listen localhost:7300 instead of 0.0.0.0:7300",
        "--listen",
        "0.0.0.0:7300",
        "--store",
        "memory:");
    assertThat(directory.resolve("data")).doesNotExist();
  }

  @Test
  void refusesAnUnknownStore() throws Exception {
    refuses(
        "The store \"mysql:...\" is unknown. Use sqlite:PATH",
        "--store",
        "mysql:x",
        "--listen",
        "localhost:0");
  }

  @Test
  void refusesAFileThatIsNotADatabase() throws Exception {
    Path file =
        Files.writeString(
            directory.resolve("notes.txt"), "Buy milk, and then some more of it.\n".repeat(100));
    String before = Files.readString(file);
    refuses("notes.txt", "--store", "sqlite:notes.txt", "--listen", "localhost:0");
    assertThat(Files.readString(file)).isEqualTo(before);
    try (var files = Files.list(directory)) {
      assertThat(files.map(path -> path.getFileName().toString()))
          .noneMatch(name -> name.endsWith(".key"));
    }
  }

  @Test
  void refusesADatabaseThatAnotherServerHasOpen() throws Exception {
    greeting(launch("--store", "sqlite:jobs.db", "--listen", "localhost:0"));
    refuses("jobs.db", "--store", "sqlite:jobs.db", "--listen", "localhost:0");
  }

  @Test
  void refusesAPortThatIsInUse() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      refuses(
          "cannot be used", "--store", "memory:", "--listen", "127.0.0.1:" + taken.getLocalPort());
    }
  }

  @Test
  void refusesInvalidSettings() throws Exception {
    Path file = Files.writeString(directory.resolve("milepost.conf"), "milepost { jobs { lease = ");
    refuses("milepost.conf", "--config", file.toString(), "--store", "memory:");
    refuses("cannot be read", "--config", "nowhere.conf", "--store", "memory:");
    Files.writeString(file, "milepost.jobs.priority = 101");
    refuses("priority must be 0 to 100", "--config", file.toString(), "--store", "memory:");
    refuses("must be HOST:PORT", "--listen", "nonsense", "--store", "memory:");
  }

  @Test
  void stopsWhenItsParentProcessEnds() throws Exception {
    Process other = new ProcessBuilder("sleep", "600").start();
    children.add(other);
    Process child =
        launch("--store", "memory:", "--listen", "localhost:0", "--exit-with", "" + other.pid());
    // The list of children is used to read standard errors; that of the other process is empty.
    BufferedReader out = child.inputReader(StandardCharsets.UTF_8);
    assertThat(out.lines().anyMatch(line -> line.equals("Milepost is ready."))).isTrue();
    assertThat(child.isAlive()).isTrue();
    other.destroy();
    assertThat(child.waitFor(Duration.ofSeconds(20).toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(child.exitValue()).isZero();
  }

  @Test
  void anUnknownOptionIsAUsageError() throws Exception {
    Process child = launch("--nonsense");
    assertThat(child.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(child.exitValue()).isEqualTo(2);
  }
}
