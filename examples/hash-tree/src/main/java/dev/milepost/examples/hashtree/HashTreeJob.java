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
 * Hashes a tree as a job. A cancelled job leaves nothing behind; an attempt that ends in any other
 * way leaves a partial manifest and a checkpoint, from which the next attempt continues.
 */
final class HashTreeJob implements JobHandler {
  private final Duration checkpointInterval;
  private final Duration pace;

  /**
   * @param pace how long the hashing of the whole tree takes at least; zero: full speed
   */
  HashTreeJob(Duration pace) {
    this(Duration.ofMillis(500), pace);
  }

  /**
   * @param checkpointInterval time between two checkpoints
   */
  HashTreeJob(Duration checkpointInterval, Duration pace) {
    this.checkpointInterval = checkpointInterval;
    this.pace = pace;
  }

  @Override
  public void handle(JobContext context) throws Exception {
    HashTreeSpec spec = HashTreeSpec.of(context.params());
    if (!Files.isDirectory(spec.root())) {
      throw new JobFailure("NO_DIRECTORY", "no such directory: " + spec.root(), false);
    }
    if (!Files.isReadable(spec.root()) || !Files.isExecutable(spec.root())) {
      throw new JobFailure("NO_PERMISSION", "no permission to read " + spec.root(), false);
    }
    Checkpoint checkpoint = Checkpoint.of(context.checkpoint());
    try (ManifestWriter manifest =
        ManifestWriter.open(spec.manifest(), checkpoint.length(), checkpoint.lines())) {
      try {
        if (checkpoint.lines() > 0 && manifest.kept().isEmpty()) {
          context.logger().warning("The partial manifest is gone; starting over");
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
      boolean isPaced = !pace.isZero() && tree.bytes() > 0;
      Pace speed = isPaced ? Pace.spread(tree.bytes(), pace) : Pace.UNLIMITED;
      new Hashing(context, manifest, tree, checkpoint, checkpointInterval, speed)
          .run(spec.manifest());
    } catch (ClosedByInterruptException e) {
      // Interrupted because the job is cancelled or the attempt is lost: throws accordingly.
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
