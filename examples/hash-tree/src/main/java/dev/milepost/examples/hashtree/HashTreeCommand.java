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

/** The command: finds or makes the job, works on it, and shows what the server tells of it. */
@Command(
    name = "hash-tree",
    mixinStandardHelpOptions = true,
    version = "hash-tree 0.1.0",
    sortOptions = false,
    description = {
      "Hashes every file below DIR with SHA-256, as a job that a Milepost server keeps.",
      "",
      "Run again with the same DIR and manifest after it was killed, it goes on with the same job"
          + " where that stopped.",
      ""
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:the job succeeded",
      "1:the job failed, or somebody else cancelled it",
      "2:bad usage: no such directory, no server at that address",
      "130:interrupted; the job is cancelled"
    })
final class HashTreeCommand implements Callable<Integer> {
  private static final Duration FIRST_CALL = Duration.ofSeconds(15);

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
      description = "id for the job; one that is unfinished is taken up again")
  private @Nullable String jobId;

  @Option(
      names = "--lease",
      paramLabel = "SECONDS",
      defaultValue = "15",
      description =
          "how long after a kill the job can be taken up again (default: ${DEFAULT-VALUE})")
  private int lease;

  @Option(names = "--lines", description = "print lines, even where a terminal could show a bar")
  private boolean lines;

  @Option(names = "--exit-with", paramLabel = "PID", hidden = true)
  private @Nullable Long parent;

  HashTreeCommand(PrintStream out) {
    this.out = out;
  }

  @Override
  public Integer call() throws UsageException, IOException {
    HashTreeSpec spec = spec();
    try (JobClient client = JobClient.connect(server)) {
      OpenJobs.Found found = findJob(spec);
      String id = found.job().getId();
      out.println("Job " + id + ": " + spec.root());
      if (found.resumed()) {
        out.println("Going on with this job of an earlier run" + leaseHint(found.job()));
      }
      try (ProgressView view = Terminal.view(out, lines);
          Interruption interruption = new Interruption(client, id, view)) {
        exitWithParent();
        Job job = work(client, spec, id, view);
        view.close();
        Summary.of(job).forEach(out::println);
        return job.getStatus().getState() == JobState.JOB_STATE_SUCCEEDED ? 0 : 1;
      }
    }
  }

  /**
   * Whoever started this may be killed without a chance to stop it: that too is an interruption.
   */
  private void exitWithParent() {
    if (parent != null) {
      CompletableFuture<ProcessHandle> ended =
          ProcessHandle.of(parent)
              .map(ProcessHandle::onExit)
              .orElseGet(() -> CompletableFuture.completedFuture(null));
      // Held by the parent's own future.
      CompletableFuture<Void> unused =
          ended.thenRun(() -> Runtime.getRuntime().exit(Interruption.EXIT_CODE));
    }
  }

  private static Job work(JobClient client, HashTreeSpec spec, String id, ProgressView view)
      throws IOException {
    try (Worker worker = client.worker().handler(spec.type(), new HashTreeJob()).start()) {
      new JobFollower(client, view).follow(id);
    }
    Job job = client.attach(id).await();
    if (job.getStatus().getState() == JobState.JOB_STATE_CANCELLED) {
      // Cancelled while nobody worked on it, nobody took the partial manifest away.
      ManifestWriter.discardLeftover(spec.manifest());
    }
    return job;
  }

  private static String leaseHint(Job job) {
    return job.getStatus().getState() == JobState.JOB_STATE_QUEUED
        ? ""
        : ": it begins when that run's lease has ended, within "
            + job.getSpec().getTimeouts().getLease().getSeconds()
            + " s, unless that still works on it";
  }

  /** With a client of little patience: a server that is not there should be known soon. */
  private OpenJobs.Found findJob(HashTreeSpec spec) throws UsageException {
    if (isRefused()) {
      throw noServer();
    }
    try (JobClient client = JobClient.builder(server).callTimeout(FIRST_CALL).build()) {
      return new OpenJobs(client, Duration.ofSeconds(lease)).findOrCreate(spec, jobId);
    } catch (ServerUnavailableException e) {
      throw noServer();
    }
  }

  /** Whether it is plain that nobody listens: the client would try again for a while. */
  private boolean isRefused() {
    if (!server.matches("[^/]+:\\d{1,5}")) {
      return false; // any other target that the client knows
    }
    int colon = server.lastIndexOf(':');
    try (Socket socket = new Socket()) {
      socket.connect(
          new InetSocketAddress(
              server.substring(0, colon), Integer.parseInt(server.substring(colon + 1))),
          (int) FIRST_CALL.toMillis());
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
