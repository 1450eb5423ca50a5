package dev.milepost.examples.hashtree;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Serial;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes a manifest beside its place, and puts it there when it is whole.
 *
 * <p>What is written so far stands in {@code <manifest>.partial}. It is locked, so that two
 * processes never write the same one, and it stays when the writer is closed, so that a later
 * attempt can go on with it.
 */
final class ManifestWriter implements AutoCloseable {
  private final Path target;
  private final Path partial;
  private final FileChannel channel;
  private final StringBuilder pending = new StringBuilder();
  private final List<ManifestLine> kept;
  private long length;
  private long lines;

  private ManifestWriter(
      Path target, Path partial, FileChannel channel, List<ManifestLine> kept, long length) {
    this.target = target;
    this.partial = partial;
    this.channel = channel;
    this.kept = kept;
    this.length = length;
    this.lines = kept.size();
  }

  /** Where a manifest stands while it is written. */
  static Path partialOf(Path target) {
    return target.resolveSibling(target.getFileName() + ".partial");
  }

  /**
   * Begins, or goes on with what an earlier attempt left.
   *
   * @param length bytes to keep: what comes after them was not committed, and is cut off
   * @param lines lines that those bytes hold; where they do not, nothing is kept
   */
  static ManifestWriter open(Path target, long length, long lines) throws IOException {
    Path partial = partialOf(target);
    FileChannel channel =
        FileChannel.open(
            partial, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
    try {
      lock(channel, partial);
      List<ManifestLine> kept = cutBack(channel, partial, length, lines);
      long start = kept.isEmpty() ? 0 : length;
      channel.truncate(start).position(start);
      return new ManifestWriter(target, partial, channel, kept, start);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /** Takes away what was left of a job that is over, unless somebody writes it again. */
  static void discardLeftover(Path target) throws IOException {
    if (!Files.exists(partialOf(target))) {
      return;
    }
    try (ManifestWriter writer = open(target, 0, 0)) {
      writer.discard();
    } catch (BeingWrittenException e) {
      // theirs to take away
    }
  }

  private static void lock(FileChannel channel, Path partial) throws IOException {
    try {
      // Whoever held the lock may have moved the file into its place: then this is a manifest, not
      // ours to write.
      if (channel.tryLock() != null && Files.exists(partial)) {
        return;
      }
    } catch (OverlappingFileLockException e) {
      // held by this very process
    }
    throw new BeingWrittenException(partial);
  }

  private static List<ManifestLine> cutBack(
      FileChannel channel, Path partial, long length, long lines) throws IOException {
    if (lines == 0 || channel.size() < length) {
      return List.of();
    }
    channel.truncate(length);
    List<ManifestLine> kept = new ArrayList<>();
    try (BufferedReader reader = Files.newBufferedReader(partial)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        kept.add(ManifestLine.parse(line));
      }
    } catch (IOException | IllegalArgumentException e) {
      return List.of();
    }
    return kept.size() == lines ? kept : List.of();
  }

  /** What was kept of an earlier attempt. */
  List<ManifestLine> kept() {
    return kept;
  }

  void append(ManifestLine line) {
    pending.append(line.text()).append('\n');
    lines++;
  }

  /** Brings everything appended so far onto the disk, and says how long the file then is. */
  long sync() throws IOException {
    ByteBuffer bytes = StandardCharsets.UTF_8.encode(pending.toString());
    pending.setLength(0);
    length += bytes.remaining();
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
    channel.force(false);
    return length;
  }

  long lines() {
    return lines;
  }

  /** Puts the manifest in its place, all at once, over whatever is there. */
  void commit() throws IOException {
    sync();
    Files.move(
        partial, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Leaves nothing behind. */
  void discard() throws IOException {
    Files.deleteIfExists(partial);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  /** Somebody else writes the same manifest now. */
  static final class BeingWrittenException extends IOException {
    @Serial private static final long serialVersionUID = 1;

    private BeingWrittenException(Path partial) {
      super(partial + " is being written by another hash-tree");
    }
  }
}
