package dev.milepost.server.log;

import dev.milepost.server.disk.PrivateFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The file of the audit log: JSON, one object a line, readable by its owner only. Lines are
 * appended, each with one write, so that several processes may share the file and it may be
 * truncated meanwhile. If it is renamed or removed, a new file is created. What was written
 * survives the end of the process, but not always a power loss. Thread-safe.
 */
public final class AuditFile implements AutoCloseable {
  /** How long lines may still go to a file that was renamed. */
  private static final long CHECK_INTERVAL_MILLIS = 100;

  private final Path path;

  // Guarded by this.
  private FileChannel channel;
  private @Nullable Object key;
  private long checkedMillis;
  private boolean isBroken;

  private AuditFile(Path path) throws IOException {
    this.path = path;
    this.channel = append(path);
    this.key = keyOf(path);
  }

  /**
   * Opens a file, or creates it with the mode 0600 and the missing directories above it with 0700.
   *
   * @throws IOException if it cannot be written
   */
  public static AuditFile open(Path path) throws IOException {
    Path absolute = path.toAbsolutePath();
    Path directory = absolute.getParent();
    if (directory != null) {
      PrivateFiles.createDirectories(directory);
    }
    return new AuditFile(absolute);
  }

  private static FileChannel append(Path path) throws IOException {
    return PrivateFiles.open(path, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
  }

  /** Returns its path. */
  public Path path() {
    return path;
  }

  /**
   * Appends a line.
   *
   * @param fields numbers, truth values, lists and texts by name, in their order
   * @throws IOException if it cannot be written; part of the line may have been
   */
  public synchronized void write(String level, String message, Map<String, ?> fields)
      throws IOException {
    long now = System.currentTimeMillis();
    if (isBroken || Math.abs(now - checkedMillis) >= CHECK_INTERVAL_MILLIS) {
      follow();
      checkedMillis = now;
    }
    String line =
        JsonLine.event(now, level, LimitedAppender.AUDIT)
            .text("message", message)
            .fields(fields)
            .end();
    // After a failure, the last line may lack its end.
    String whole = (isBroken ? "\n" : "") + line + "\n";
    ByteBuffer bytes = ByteBuffer.wrap(whole.getBytes(StandardCharsets.UTF_8));
    isBroken = true;
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
    isBroken = false;
  }

  /** Opens the path again if it names another file now, or none. */
  private void follow() throws IOException {
    Object now = keyOf(path);
    if (now != null && now.equals(key) && channel.isOpen()) {
      return;
    }
    FileChannel next = append(path);
    channel.close();
    channel = next;
    key = keyOf(path);
    isBroken = false;
  }

  /** Returns what identifies a file; null if there is none. */
  private static @Nullable Object keyOf(Path path) throws IOException {
    try {
      Object key = Files.readAttributes(path, BasicFileAttributes.class).fileKey();
      return key == null ? path : key;
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  @Override
  public synchronized void close() throws IOException {
    channel.close();
  }
}
