package dev.milepost.examples.hashtree;

import dev.milepost.client.JobContext;
import dev.milepost.client.JobLogger;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** The second stage of one attempt: hashes every file that its checkpoint does not cover. */
final class Hashing {
  private static final int GROUPS_SHOWN = 5;
  private static final int MAX_NAME_SHOWN = 256;

  /** Less than this takes no time, and quarters of it are of interest to nobody. */
  private static final long LARGE = 256L << 20;

  private final JobContext context;
  private final JobLogger logger;
  private final ManifestWriter manifest;
  private final Tree tree;
  private final Checkpoint start;
  private final long checkpointNanos;
  private final String allFiles;

  private final TreeHasher hasher = new TreeHasher();
  private final Duplicates duplicates = new Duplicates();
  private final UnreadableLog unreadableLog;
  private long bytesHashed;
  private long unreadable;

  /**
   * Files dealt with, and what their sizes were when the tree was scanned: that is what progress
   * counts.
   */
  private int filesDone;

  private long bytesDone;
  private int quarters;
  private long savedAt = System.nanoTime();

  Hashing(
      JobContext context,
      ManifestWriter manifest,
      Tree tree,
      Checkpoint start,
      Duration checkpointInterval) {
    this.context = context;
    this.logger = context.logger();
    this.manifest = manifest;
    this.tree = tree;
    this.start = start;
    this.checkpointNanos = checkpointInterval.toNanos();
    this.allFiles = Sizes.count(tree.files().size(), "file");
    this.unreadableLog = new UnreadableLog(logger);
    this.unreadable = start.unreadable();
  }

  /** Hashes what is left, and puts the manifest in its place. */
  void run(Path target) throws IOException {
    logger.setStage("Hashing");
    goOn();
    for (TreeFile file : tree.files()) {
      if (start.covers(file)) {
        continue;
      }
      context.throwIfCancelled();
      add(file);
      done(file);
      saveNowAndThen(file);
    }
    logger.saveOutcome(outcome());
    context.result(result(target));
    context.throwIfCancelled();
    manifest.commit();
    logger.milestone("Manifest written to " + target);
  }

  /** Takes up what an earlier attempt did. */
  private void goOn() {
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
      logger.milestone("Going on after " + Sizes.count(filesDone, "file"));
    }
    logger.addFailed(unreadable);
    quarters = quarter();
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
    if (quarter() > quarters) {
      quarters = quarter();
      logger.milestone(
          "%d %% hashed: %s, %s"
              .formatted(quarters * 25, Sizes.count(filesDone, "file"), Sizes.bytes(bytesHashed)));
    }
  }

  private void report(long bytes) {
    if (tree.bytes() > 0) {
      logger.setProgress(bytes, tree.bytes(), "bytes");
    } else {
      logger.setProgress(filesDone, tree.files().size(), "files");
    }
  }

  private void reportFiles() {
    logger.message(Sizes.count(filesDone) + " of " + allFiles);
  }

  /** Quarters of a large tree that are done, but for the last: its end is the job's. */
  private int quarter() {
    return tree.bytes() < LARGE ? 0 : (int) Math.min(3, bytesDone * 4 / tree.bytes());
  }

  private void saveNowAndThen(TreeFile file) throws IOException {
    long now = System.nanoTime();
    if (now - savedAt < checkpointNanos) {
      return;
    }
    savedAt = now;
    // First the disk, then the server: what the checkpoint speaks of must be there.
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
            duplicates.largest(GROUPS_SHOWN).stream().map(Hashing::describe).toList());
  }

  private static Map<String, Object> describe(DuplicateGroup group) {
    List<String> names = group.names().stream().map(Hashing::abbreviate).toList();
    return Map.of(
        "sha256", group.sha256(), "size", group.size(), "count", group.count(), "files", names);
  }

  /** A result is bounded, and a path can be long. */
  private static String abbreviate(String name) {
    return name.length() <= MAX_NAME_SHOWN ? name : name.substring(0, MAX_NAME_SHOWN) + "…";
  }

  /**
   * Counts the bytes of one file, but none beyond the size that it had: a file may grow while it is
   * read.
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
    }
  }
}
