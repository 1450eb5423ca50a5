package dev.milepost.examples.hashtree;

import dev.milepost.client.JobClient;
import dev.milepost.client.ServerUnavailableException;
import dev.milepost.client.Worker;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobState;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command: finds or creates the job, works on it, and shows what the server reports. */
@Command(
    name = "hash-tree",
    mixinStandardHelpOptions = true,
    version = "hash-tree 0.1.0",
    sortOptions = false,
    description = {
      "Hashes every file below DIR with SHA-256, as a job on a Milepost server.",
      "",
      "If it is killed, run it again with the same DIR and manifest: it resumes the job.",
      ""
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:the job succeeded",
      "1:the job failed, or another client cancelled it",
      "2:bad usage, no such directory, or no server at that address",
      "130:interrupted; the job was cancelled"
    })
final class HashTreeCommand implements Callable<Integer> {
  private static final Duration FIRST_CALL_TIMEOUT = Duration.ofSeconds(15);

  private final PrintStream out;

  @Parameters(paramLabel = "DIR", description = "the tree to hash; symbolic links are not followed")
  private Path directory = Path.of("");

  @Option(
      names = "--server",
      paramLabel = "ADDRESS",
      defaultValue = "localhost:7300",
      description = "host and port of the server (default: ${DEFAULT-VALUE})")
  private String server = "";

  @Option(
      names = "--manifest",
      paramLabel = "FILE",
      description = "where to write the manifest (default: <name of DIR>.manifest)")
  private @Nullable Path manifest;

  @Option(
      names = "--job-id",
      paramLabel = "ID",
      description = "id of the job; an unfinished job with this id is resumed")
  private @Nullable String jobId;

  @Option(
      names = "--lease",
      paramLabel = "SECONDS",
      defaultValue = "15",
      description =
          "how long the server waits for a killed run before the job can be resumed"
              + " (default: ${DEFAULT-VALUE})")
  private int lease;

  @Option(
      names = "--pace",
      paramLabel = "SECONDS",
      defaultValue = "0",
      description = "spread the hashing over about this many seconds (default: full speed)")
  private int pace;

  @Option(names = "--lines", description = "print lines instead of a progress bar")
  private boolean lines;

  @Option(names = "--exit-with", paramLabel = "PID", hidden = true)
  private @Nullable Long parent;

  HashTreeCommand(PrintStream out) {
    this.out = out;
  }

  @Override
  public Integer call() throws UsageException, IOException {
    if (pace < 0) {
      throw new UsageException("--pace must not be negative: " + pace);
    }
    HashTreeSpec spec = spec();
    try (JobClient client = JobClient.connect(server)) {
      OpenJobs.Found found = findJob(spec);
      String id = found.job().getId();
      out.println("Job " + id + ": " + spec.root());
      if (found.resumed()) {
        out.println("Resuming the unfinished job of an earlier run" + leaseHint(found.job()));
      }
      try (ProgressView view = Terminal.view(out, lines);
          Interruption interruption = new Interruption(client, id, view)) {
        exitWithParent();
        Job job = work(client, spec, id, view, Duration.ofSeconds(pace));
        view.close();
        Summary.of(job).forEach(out::println);
        return job.getStatus().getState() == JobState.JOB_STATE_SUCCEEDED ? 0 : 1;
      }
    }
  }

  /** Exits with the process that started this one, which may be killed without notice. */
  private void exitWithParent() {
    if (parent != null) {
      CompletableFuture<ProcessHandle> ended =
          ProcessHandle.of(parent)
              .map(ProcessHandle::onExit)
              .orElseGet(() -> CompletableFuture.completedFuture(null));
      // The parent's future keeps it reachable.
      CompletableFuture<Void> unused =
          ended.thenRun(() -> Runtime.getRuntime().exit(Interruption.EXIT_CODE));
    }
  }

  private static Job work(
      JobClient client, HashTreeSpec spec, String id, ProgressView view, Duration pace)
      throws IOException {
    try (Worker worker = client.worker().handler(spec.type(), new HashTreeJob(pace)).start()) {
      new JobFollower(client, view).follow(id);
    }
    Job job = client.attach(id).await();
    if (job.getStatus().getState() == JobState.JOB_STATE_CANCELLED) {
      // If no worker had the job when it was cancelled, the partial manifest is still there.
      ManifestWriter.discardLeftover(spec.manifest());
    }
    return job;
  }

  private static String leaseHint(Job job) {
    return job.getStatus().getState() == JobState.JOB_STATE_QUEUED
        ? ""
        : ": it starts once the lease of that run expires, within "
            + job.getSpec().getTimeouts().getLease().getSeconds()
            + " s, unless that run is still alive";
  }

  /** Uses a client with a short timeout, so that a missing server is reported soon. */
  private OpenJobs.Found findJob(HashTreeSpec spec) throws UsageException {
    if (isRefused()) {
      throw noServer();
    }
    try (JobClient client = JobClient.builder(server).callTimeout(FIRST_CALL_TIMEOUT).build()) {
      return new OpenJobs(client, Duration.ofSeconds(lease)).findOrCreate(spec, jobId);
    } catch (ServerUnavailableException e) {
      throw noServer();
    }
  }

  /** Whether the address refuses connections; the client itself would retry for a while. */
  private boolean isRefused() {
    if (!server.matches("[^/]+:\\d{1,5}")) {
      return false; // another kind of target that the client understands
    }
    int colon = server.lastIndexOf(':');
    try (Socket socket = new Socket()) {
      socket.connect(
          new InetSocketAddress(
              server.substring(0, colon), Integer.parseInt(server.substring(colon + 1))),
          (int) FIRST_CALL_TIMEOUT.toMillis());
      return false;
    } catch (IOException | IllegalArgumentException e) {
      return true;
    }
  }

  private UsageException noServer() {
    return new UsageException(
        "no server answers at " + server + ": start one with ./milepost dev, or give --server");
  }

  private HashTreeSpec spec() throws UsageException {
    if (!Files.isDirectory(directory)) {
      throw new UsageException(
          (Files.exists(directory) ? "not a directory: " : "no such directory: ") + directory);
    }
    if (!Files.isReadable(directory) || !Files.isExecutable(directory)) {
      throw new UsageException("no permission to read " + directory);
    }
    try {
      Path root = directory.toRealPath();
      Path target = manifest == null ? Path.of(defaultName(root)) : manifest;
      Path parent = target.toAbsolutePath().normalize().getParent();
      if (parent == null || Files.isDirectory(target)) {
        throw new UsageException("the manifest cannot be a directory: " + target);
      }
      if (!Files.isDirectory(parent)) {
        throw new UsageException("no such directory for the manifest: " + parent);
      }
      if (!Files.isWritable(parent)) {
        throw new UsageException("no permission to write the manifest into " + parent);
      }
      return new HashTreeSpec(root, parent.toRealPath().resolve(target.getFileName()));
    } catch (IOException e) {
      throw new UsageException("cannot read " + directory + ": " + e.getMessage());
    }
  }

  private static String defaultName(Path root) {
    Path name = root.getFileName();
    return (name == null ? "root" : name.toString()) + ".manifest";
  }
}
