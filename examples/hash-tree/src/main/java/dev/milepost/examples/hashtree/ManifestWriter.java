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
 * Writes a manifest to {@code <manifest>.partial}, and renames it once it is complete.
 *
 * <p>The partial file is locked, so that two processes never write the same one. It remains when
 * the writer is closed, so that a later attempt can continue it.
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

  /** Returns the file that holds a manifest while it is being written. */
  static Path partialOf(Path target) {
    return target.resolveSibling(target.getFileName() + ".partial");
  }

  /**
   * Starts a manifest, or continues what an earlier attempt left.
   *
   * @param length bytes to keep; what follows was not committed and is cut off
   * @param lines number of lines in those bytes; if it does not match, nothing is kept
   */
  static ManifestWriter open(Path target, long length, long lines) throws IOException {
    Path partial = partialOf(target);
    FileChannel channel =
        FileChannel.open(
            partial, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
    try {
      lock(channel, partial);
      List<ManifestLine> kept = readBack(channel, partial, length, lines);
      long start = kept.isEmpty() ? 0 : length;
      channel.truncate(start).position(start);
      return new ManifestWriter(target, partial, channel, kept, start);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /** Deletes what a finished job left behind, unless another process is writing it again. */
  static void discardLeftover(Path target) throws IOException {
    if (!Files.exists(partialOf(target))) {
      return;
    }
    try (ManifestWriter writer = open(target, 0, 0)) {
      writer.discard();
    } catch (BeingWrittenException e) {
      // the other process owns it now
    }
  }

  private static void lock(FileChannel channel, Path partial) throws IOException {
    try {
      // The previous holder of the lock may have renamed the file: then it is a complete manifest.
      if (channel.tryLock() != null && Files.exists(partial)) {
        return;
      }
    } catch (OverlappingFileLockException e) {
      // this process holds the lock
    }
    throw new BeingWrittenException(partial);
  }

  private static List<ManifestLine> readBack(
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

  /** Returns the lines that an earlier attempt wrote. */
  List<ManifestLine> kept() {
    return kept;
  }

  void append(ManifestLine line) {
    pending.append(line.text()).append('\n');
    lines++;
  }

  /** Flushes everything appended so far to the disk, and returns the length of the file. */
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

  /** Replaces the manifest atomically with the one written here. */
  void commit() throws IOException {
    sync();
    Files.move(
        partial, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Deletes the partial manifest. */
  void discard() throws IOException {
    Files.deleteIfExists(partial);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  /** Another process or job is writing the same manifest. */
  static final class BeingWrittenException extends IOException {
    @Serial private static final long serialVersionUID = 1;

    private BeingWrittenException(Path partial) {
      super(partial + " is being written by another hash-tree");
    }
  }
}
