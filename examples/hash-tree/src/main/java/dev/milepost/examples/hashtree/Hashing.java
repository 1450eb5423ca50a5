package dev.milepost.examples.hashtree;

import dev.milepost.client.JobContext;
import dev.milepost.client.JobLogger;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** The second stage of an attempt: hashes every file that its checkpoint does not cover. */
final class Hashing {
  private static final int MAX_GROUPS = 5;
  private static final int MAX_NAME_LENGTH = 256;

  /** Smaller trees are hashed in no time at full speed, and get no milestones on the way. */
  private static final long MIN_BYTES_FOR_MILESTONES = 256L << 20;

  private final JobContext context;
  private final JobLogger logger;
  private final ManifestWriter manifest;
  private final Tree tree;
  private final Checkpoint start;
  private final long checkpointNanos;
  private final Pace pace;
  private final int milestones;
  private final String allFiles;

  private final TreeHasher hasher = new TreeHasher();
  private final Duplicates duplicates = new Duplicates();
  private final UnreadableLog unreadableLog;
  private long bytesHashed;
  private long unreadable;

  /** Number of processed files. */
  private int filesDone;

  /** Their sizes as of the scan, which is what the progress counts. */
  private long bytesDone;

  private long milestonesReached;
  private long savedAt = System.nanoTime();

  Hashing(
      JobContext context,
      ManifestWriter manifest,
      Tree tree,
      Checkpoint start,
      Duration checkpointInterval,
      Pace pace) {
    this.context = context;
    this.logger = context.logger();
    this.manifest = manifest;
    this.tree = tree;
    this.start = start;
    this.checkpointNanos = checkpointInterval.toNanos();
    this.pace = pace;
    this.milestones = pace.isLimited() ? 10 : tree.bytes() < MIN_BYTES_FOR_MILESTONES ? 1 : 4;
    this.allFiles = Sizes.count(tree.files().size(), "file");
    this.unreadableLog = new UnreadableLog(logger);
    this.unreadable = start.unreadable();
  }

  /** Hashes the remaining files and commits the manifest. */
  void run(Path target) throws IOException {
    logger.setStage("Hashing");
    if (pace.isLimited()) {
      logger.milestone(
          "Slowed down to %s/s, so that there is something to watch"
              .formatted(Sizes.bytes(Math.round(pace.bytesPerSecond()))));
    }
    resume();
    for (TreeFile file : tree.files()) {
      if (start.covers(file)) {
        continue;
      }
      context.throwIfCancelled();
      add(file);
      done(file);
      saveIfDue(file);
    }
    logger.saveOutcome(outcome());
    context.result(result(target));
    context.throwIfCancelled();
    manifest.commit();
    logger.milestone("Manifest written to " + target);
  }

  /** Takes over what an earlier attempt has done. */
  private void resume() {
    for (ManifestLine line : manifest.kept()) {
      duplicates.add(line);
      bytesHashed += line.size();
    }
    for (TreeFile file : tree.files()) {
      if (start.covers(file)) {
        filesDone++;
        bytesDone += file.size();
      }
    }
    if (!start.equals(Checkpoint.START)) {
      logger.milestone("Resuming after " + Sizes.count(filesDone, "file"));
    }
    logger.addFailed(unreadable);
    milestonesReached = milestone(bytesDone);
    report(bytesDone);
    reportFiles();
  }

  private void add(TreeFile file) throws IOException {
    try {
      Meter meter = new Meter(file);
      FileHash hash = hasher.hash(file.path(), context::throwIfCancelled, meter::add);
      ManifestLine line = new ManifestLine(hash.sha256(), hash.size(), file.name());
      manifest.append(line);
      duplicates.add(line);
      bytesHashed += hash.size();
    } catch (ClosedByInterruptException e) {
      throw e;
    } catch (IOException e) {
      unreadable++;
      logger.addFailed(1);
      unreadableLog.add(file.name(), e);
    }
  }

  private void done(TreeFile file) {
    filesDone++;
    bytesDone += file.size();
    report(bytesDone);
    reportFiles();
  }

  private void report(long bytes) {
    if (tree.bytes() > 0) {
      logger.setProgress(bytes, tree.bytes(), "bytes");
    } else {
      logger.setProgress(filesDone, tree.files().size(), "files");
    }
    if (milestone(bytes) > milestonesReached) {
      milestonesReached = milestone(bytes);
      logger.milestone(
          "%d %% hashed: %s, %s"
              .formatted(
                  milestonesReached * 100 / milestones,
                  Sizes.count(filesDone, "file"),
                  Sizes.bytes(bytes)));
    }
  }

  private void reportFiles() {
    logger.message(Sizes.count(filesDone) + " of " + allFiles);
  }

  /** Number of milestones reached, without the last one, which is the end of the job. */
  private long milestone(long bytes) {
    return tree.bytes() == 0 ? 0 : Math.min(milestones - 1, bytes * milestones / tree.bytes());
  }

  private void saveIfDue(TreeFile file) throws IOException {
    long now = System.nanoTime();
    if (now - savedAt < checkpointNanos) {
      return;
    }
    savedAt = now;
    // First the disk, then the server: the checkpoint must not be ahead of the manifest.
    long length = manifest.sync();
    logger.saveOutcome(outcome());
    context.saveCheckpoint(
        new Checkpoint(file.name(), length, manifest.lines(), unreadable).toMap());
  }

  private Map<String, Long> outcome() {
    return Map.of(
        "files",
        manifest.lines(),
        "bytes",
        bytesHashed,
        "duplicates",
        duplicates.copies(),
        "unreadable",
        unreadable + tree.unreadable());
  }

  private Map<String, Object> result(Path target) {
    return Map.of(
        "manifest", target.toString(),
        "duplicate_groups", duplicates.groups(),
        "largest_duplicate_groups",
            duplicates.largest(MAX_GROUPS).stream().map(Hashing::describe).toList());
  }

  private static Map<String, Object> describe(DuplicateGroup group) {
    List<String> names = group.names().stream().map(Hashing::abbreviate).toList();
    return Map.of(
        "sha256", group.sha256(), "size", group.size(), "count", group.count(), "files", names);
  }

  /** The size of a result is limited, and paths can be long. */
  private static String abbreviate(String name) {
    return name.length() <= MAX_NAME_LENGTH ? name : name.substring(0, MAX_NAME_LENGTH) + "…";
  }

  /**
   * Counts the bytes of one file up to its size as of the scan: a file may grow while it is read.
   */
  private final class Meter {
    private final long size;
    private long read;

    private Meter(TreeFile file) {
      this.size = file.size();
    }

    private void add(long count) {
      read += count;
      report(bytesDone + Math.min(read, size));
      pace.add(count, context::throwIfCancelled);
    }
  }
}
