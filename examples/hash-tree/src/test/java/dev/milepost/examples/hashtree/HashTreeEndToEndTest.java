package dev.milepost.examples.hashtree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.milepost.client.JobClient;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JournalEntry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs the command, the client, the server and its store end to end, in processes that can be
 * killed.
 */
@Timeout(180)
class HashTreeEndToEndTest {
  private static final int FILES = 200;

  /** One server for all tests: those that kill it start it again. */
  @TempDir static Path store;

  private static String address;
  private static JavaProcess server;
  private static JobClient client;

  /** Each test has a tree of its own, by which its job is found. */
  @TempDir Path temporary;

  private Path root;
  private Path output;
  private Path manifest;

  @BeforeAll
  static void start() throws IOException {
    try (ServerSocket free = new ServerSocket(0)) {
      address = "localhost:" + free.getLocalPort();
    }
    server = startServer();
    client = JobClient.connect(address);
  }

  @BeforeEach
  void createDirectories() throws IOException {
    root = Files.createDirectory(temporary.toRealPath().resolve("root"));
    output = Files.createDirectory(temporary.toRealPath().resolve("output"));
    manifest = output.resolve("manifest");
  }

  @AfterAll
  static void stop() {
    client.close();
    server.close();
  }

  @Test
  void hashesATreeAndShowsIt() {
    Trees.fill(root, FILES);
    Trees.write(root, "copy", "content 1");
    Run run = run(root.toString(), "--server", address, "--manifest", manifest.toString());

    assertThat(run.errors()).isEmpty();
    assertThat(run.exitCode()).isZero();
    assertEachFileOnce(FILES + 1);
    assertThat(run.lines())
        .containsSubsequence("Scanning", "* Found 201 files, 2.0 KiB", "Hashing")
        .anyMatch(line -> line.matches("Job \\S+ succeeded after .*"))
        .contains("  files        201", "  duplicates   1", "  unreadable   0")
        .contains("  manifest     " + manifest);
    Job job = onlyJob();
    assertThat(job.getStatus().getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(job.getStatus().getOutcomeMap()).containsEntry("files", 201L);
    assertThat(job.getStatus().getProgress().getPercent()).isEqualTo(100);
    assertThat(job.getStatus().getAttempt()).isEqualTo(1);
  }

  @Test
  void continuesByItselfWhenTheServerIsKilled() throws Exception {
    Trees.fill(root, FILES);
    huge("d3/huge", 64L << 20);
    try (JavaProcess command = startCommand(60, 5)) {
      command.awaitLine("Hashing");
      awaitProgress();
      server.kill();
      server = startServer();

      assertThat(command.awaitExit()).isZero();
      assertEachFileOnce(FILES + 1);
      Job job = onlyJob();
      assertThat(job.getStatus().getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
      assertThat(job.getStatus().getOutcomeMap()).containsEntry("files", FILES + 1L);
      assertThat(job.getStatus().getAttempt()).isEqualTo(1);
      assertJournalWithoutGaps(job);
      // The command shows each line of the journal once.
      assertThat(command.lines()).containsOnlyOnce("Scanning", "Hashing");
      assertThat(command.lines().stream().filter(line -> line.startsWith("* Found"))).hasSize(1);
    }
  }

  @Test
  void resumesTheJobWhenTheCommandIsKilled() throws Exception {
    Trees.fill(root, FILES);
    huge("d3/huge", 32L << 20);
    huge("d5/huge", 96L << 20);
    try (JavaProcess killed = startCommand(2, 8)) {
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> jobs().anyMatch(job -> job.getStatus().hasCheckpoint()));
      killed.kill();
    }
    assertThat(Trees.list(output)).containsExactly("manifest.partial");

    try (JavaProcess second = startCommand(2, 0)) {
      second.awaitLine("Resuming the unfinished job of an earlier run");
      second.awaitLine("Attempt 2 started");
      second.awaitLine("* Resuming after ");

      assertThat(second.awaitExit()).isZero();
    }
    assertEachFileOnce(FILES + 2);
    Job job = onlyJob();
    assertThat(job.getStatus().getAttempt()).isEqualTo(2);
    assertThat(job.getStatus().getOutcomeMap())
        .containsEntry("files", FILES + 2L)
        // d3/huge and d5/huge differ in length
        .containsEntry("duplicates", 0L);
    assertJournalWithoutGaps(job);
  }

  @Test
  void cancelsTheJobWhenInterrupted() throws Exception {
    Trees.fill(root, FILES);
    huge("d3/huge", 64L << 20);
    try (JavaProcess command = startCommand(60, 60)) {
      awaitProgress();
      long begin = System.nanoTime();
      command.interrupt();

      assertThat(command.awaitExit()).isEqualTo(130);
      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(8));
      assertThat(command.lines()).contains("! Interrupted: cancelling the job");
    }
    assertThat(onlyJob().getStatus().getState()).isEqualTo(JobState.JOB_STATE_CANCELLED);
    assertThat(Trees.list(output)).isEmpty();
  }

  @Test
  void stopsWhenAnotherClientCancels() throws Exception {
    huge("huge", 64L << 20);
    try (JavaProcess command = startCommand(60, 60)) {
      awaitProgress();
      client.cancel(onlyJob().getId(), "no longer needed");

      assertThat(command.awaitExit()).isEqualTo(1);
      assertThat(command.lines()).anyMatch(line -> line.contains("was cancelled"));
    }
    assertThat(Trees.list(output)).isEmpty();
  }

  @Test
  void printsWhyTheJobFailed() {
    HashTreeSpec spec = new HashTreeSpec(root, manifest);
    client.create(
        spec.toJob(Duration.ofSeconds(15))
            .params(Map.of("root", root + "/gone", "manifest", manifest.toString())));

    Run run = run(root.toString(), "--server", address, "--manifest", manifest.toString());

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.lines())
        .anyMatch(line -> line.contains("failed") && line.contains("NO_DIRECTORY"));
  }

  @Test
  void rejectsBadUsageInOneSentence() throws IOException {
    Path file = Trees.write(root, "file", "");

    assertUsage("hash-tree: no such directory: ", root.resolve("none").toString());
    assertUsage("hash-tree: not a directory: ", file.toString());
    assertUsage(
        "hash-tree: no such directory for the manifest: ",
        root.toString(),
        "--manifest",
        root.resolve("none/manifest").toString());
    assertUsage(
        "hash-tree: the manifest cannot be a directory: ",
        root.toString(),
        "--manifest",
        root.toString());
    assertUsage(
        "hash-tree: no server answers at localhost:1", root.toString(), "--server", "localhost:1");
    assertUsage("hash-tree: Missing required parameter");
    assertUsage("hash-tree: Unknown option", root.toString(), "--nonsense");
    assertUsage(
        "hash-tree: the server rejected the job: ",
        root.toString(),
        "--server",
        address,
        "--job-id",
        "not an id");
  }

  @Test
  void rejectsTheIdOfAnotherOrAFinishedJob() throws IOException {
    Path other = Files.createDirectory(root.resolve("other"));
    String[] again = {
      root.toString(), "--server", address, "--manifest", manifest.toString(), "--job-id", "mine"
    };

    assertThat(run(again).exitCode()).isZero();

    assertUsage("hash-tree: job mine has already finished", again);
    assertUsage(
        "hash-tree: job mine belongs to another directory",
        other.toString(),
        "--server",
        address,
        "--manifest",
        manifest.toString(),
        "--job-id",
        "mine");
  }

  private void assertUsage(String message, String... arguments) {
    Run run = run(arguments);
    assertThat(run.exitCode()).as("%s", run).isEqualTo(2);
    assertThat(run.errors()).hasSize(1).first().asString().startsWith(message);
  }

  private void assertEachFileOnce(int files) {
    try {
      List<String> names =
          Files.readAllLines(manifest).stream().map(l -> ManifestLine.parse(l).name()).toList();
      assertThat(names).hasSize(files).doesNotHaveDuplicates().isSorted();
      assertThat(Trees.list(output)).containsExactly("manifest");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void assertJournalWithoutGaps(Job job) {
    List<Long> numbers = new ArrayList<>();
    for (JournalEntry entry : client.journal(job.getId())) {
      numbers.add(entry.getSequence());
    }
    assertThat(numbers)
        .containsExactlyElementsOf(
            LongStream.rangeClosed(1, job.getStatus().getJournalSequence()).boxed().toList());
  }

  private Job onlyJob() {
    List<Job> jobs = jobs().toList();
    assertThat(jobs).hasSize(1);
    return jobs.get(0);
  }

  private Stream<Job> jobs() {
    return client.stream(JobFilter.getDefaultInstance())
        .filter(
            job ->
                job.getSpec()
                    .getParams()
                    .getFieldsOrThrow("root")
                    .getStringValue()
                    .equals(root.toString()));
  }

  private void awaitProgress() {
    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> jobs().anyMatch(job -> job.getStatus().getStage().getName().equals("Hashing")));
  }

  /** Creates a sparse file, which takes no space on the disk. */
  private void huge(String name, long size) throws IOException {
    Files.createDirectories(root.resolve(name).getParent());
    try (RandomAccessFile file = new RandomAccessFile(root.resolve(name).toFile(), "rw")) {
      file.setLength(size);
    }
  }

  private static JavaProcess startServer() throws IOException {
    JavaProcess started =
        JavaProcess.start(
            "dev.milepost.server.Main",
            "--store",
            "sqlite:" + store.resolve("milepost.db"),
            "--listen",
            address,
            "--http-listen",
            "off");
    started.awaitLine("Milepost is ready");
    return started;
  }

  /** Starts the command, which takes at least so many seconds to hash the tree. */
  private JavaProcess startCommand(int lease, int pace) throws IOException {
    return JavaProcess.start(
        "dev.milepost.examples.hashtree.Main",
        root.toString(),
        "--server",
        address,
        "--manifest",
        manifest.toString(),
        "--lease",
        String.valueOf(lease),
        "--pace",
        String.valueOf(pace));
  }

  private static Run run(String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int exitCode =
        Main.run(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            arguments);
    return new Run(exitCode, lines(out), lines(err));
  }

  private static List<String> lines(ByteArrayOutputStream bytes) {
    return bytes.toString(StandardCharsets.UTF_8).lines().toList();
  }

  private record Run(int exitCode, List<String> lines, List<String> errors) {}
}
