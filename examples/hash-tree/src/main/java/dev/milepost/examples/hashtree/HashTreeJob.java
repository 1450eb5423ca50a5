package dev.milepost.examples.hashtree;

import dev.milepost.client.JobCancelledException;
import dev.milepost.client.JobContext;
import dev.milepost.client.JobFailure;
import dev.milepost.client.JobHandler;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Set;

/**
 * Hashes a tree as a job. Cancelled, it leaves nothing behind; ended in any other way, it leaves a
 * partial manifest and a checkpoint, from which the next attempt goes on.
 */
final class HashTreeJob implements JobHandler {
  private final Duration checkpointInterval;

  HashTreeJob() {
    this(Duration.ofMillis(500));
  }

  /**
   * @param checkpointInterval how long an attempt works before it saves how far it came
   */
  HashTreeJob(Duration checkpointInterval) {
    this.checkpointInterval = checkpointInterval;
  }

  @Override
  public void handle(JobContext context) throws Exception {
    HashTreeSpec spec = HashTreeSpec.of(context.params());
    if (!Files.isDirectory(spec.root())) {
      throw new JobFailure("NO_DIRECTORY", "there is no directory " + spec.root(), false);
    }
    if (!Files.isReadable(spec.root()) || !Files.isExecutable(spec.root())) {
      throw new JobFailure("NO_PERMISSION", "no permission to read " + spec.root(), false);
    }
    Checkpoint checkpoint = Checkpoint.of(context.checkpoint());
    try (ManifestWriter manifest =
        ManifestWriter.open(spec.manifest(), checkpoint.length(), checkpoint.lines())) {
      try {
        if (checkpoint.lines() > 0 && manifest.kept().isEmpty()) {
          context.logger().warning("The partial manifest is gone: beginning anew");
          checkpoint = Checkpoint.START;
        }
        work(context, spec, manifest, checkpoint);
      } catch (JobCancelledException e) {
        manifest.discard();
        throw e;
      }
    }
  }

  private void work(
      JobContext context, HashTreeSpec spec, ManifestWriter manifest, Checkpoint checkpoint)
      throws IOException {
    try {
      Tree tree = scan(context, spec, checkpoint);
      new Hashing(context, manifest, tree, checkpoint, checkpointInterval).run(spec.manifest());
    } catch (ClosedByInterruptException e) {
      // Interrupted because the job is cancelled or the attempt is lost: this throws what tells
      // which.
      context.throwIfCancelled();
      throw e;
    }
  }

  private static Tree scan(JobContext context, HashTreeSpec spec, Checkpoint checkpoint)
      throws IOException {
    context.logger().setStage("Scanning", spec.root().toString());
    TreeScanner scanner =
        new TreeScanner(
            spec.root(), Set.of(spec.manifest(), ManifestWriter.partialOf(spec.manifest())));
    UnreadableLog unreadable = new UnreadableLog(context.logger());
    Tree tree =
        scanner.scan(
            new TreeScanner.Listener() {
              @Override
              public void check() {
                context.throwIfCancelled();
              }

              @Override
              public void found(int files) {
                context.logger().setProgress(files, -1, "files");
              }

              @Override
              public void unreadable(String name, IOException why) {
                if (checkpoint.equals(Checkpoint.START)) {
                  unreadable.add(name, why);
                }
              }
            });
    context
        .logger()
        .milestone(
            "Found %s, %s"
                .formatted(Sizes.count(tree.files().size(), "file"), Sizes.bytes(tree.bytes())));
    return tree;
  }
}
