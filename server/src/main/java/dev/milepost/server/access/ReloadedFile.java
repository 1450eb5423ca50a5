package dev.milepost.server.access;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.text.ParseException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The parsed content of a file, reloaded if the file changes. If the file becomes invalid or
 * missing, the last valid content stays in use. Thread-safe; only {@link #poll()} reads.
 *
 * <p>The reason why a file of secrets is invalid is not logged, since it might quote a secret.
 *
 * @param <T> the parsed content
 */
public final class ReloadedFile<T> {
  private static final Logger LOG = LoggerFactory.getLogger(ReloadedFile.class);
  private static final Stamp ABSENT = new Stamp(FileTime.fromMillis(0), -1, null);

  private final Path file;
  private final String what;
  private final Parser<T> parser;
  private final boolean isSecret;
  private volatile T value;
  private Stamp stamp;

  /** Reads a file of secrets. */
  ReloadedFile(Path file, String what, T absent, Parser<T> parser) {
    this(file, what, absent, parser, true);
  }

  /**
   * Reads a file.
   *
   * @param what description for messages, such as "token file"
   * @param absent content as long as the file does not exist
   * @param isSecret whether its content must not appear in messages
   * @throws CredentialSetupException if the file is damaged
   */
  public ReloadedFile(Path file, String what, T absent, Parser<T> parser, boolean isSecret) {
    this.file = file;
    this.what = what;
    this.parser = parser;
    this.isSecret = isSecret;
    try {
      this.stamp = stampNow();
      this.value = stamp.equals(ABSENT) ? absent : parser.parse(Files.readString(file));
    } catch (IOException | ParseException | IllegalArgumentException e) {
      throw new CredentialSetupException(
          "The "
              + what
              + " "
              + file
              + " cannot be read or is damaged"
              + why(e)
              + ". Correct it and try again.");
    }
  }

  private String why(Exception problem) {
    return isSecret ? "" : " (" + problem.getMessage() + ")";
  }

  /** Returns the last valid content. */
  public T value() {
    return value;
  }

  /** Reloads the file if it has changed. Blocks. */
  public synchronized void poll() {
    Stamp seen = stamp;
    try {
      seen = stampNow();
      if (seen.equals(stamp)) {
        return;
      }
      if (seen.equals(ABSENT)) {
        LOG.warn("The {} {} is missing; its last content stays in use.", what, file);
      } else {
        value = parser.parse(Files.readString(file));
        LOG.info("Reloaded the {} {}.", what, file);
      }
    } catch (IOException | ParseException | IllegalArgumentException e) {
      if (!seen.equals(stamp)) {
        LOG.warn(
            "The {} {} is invalid{}; its last valid content stays in use.", what, file, why(e));
      }
    }
    stamp = seen;
  }

  private Stamp stampNow() throws IOException {
    if (!Files.exists(file)) {
      return ABSENT;
    }
    BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
    return new Stamp(attributes.lastModifiedTime(), attributes.size(), attributes.fileKey());
  }

  /**
   * Parses the content of a file.
   *
   * @param <T> the parsed content
   */
  @FunctionalInterface
  public interface Parser<T> {
    /**
     * Returns the parsed content.
     *
     * @throws ParseException if the content is invalid
     */
    T parse(String content) throws ParseException;
  }

  /**
   * Identifies a version of a file; a replaced file has another key, whatever its time and size.
   */
  private record Stamp(FileTime modified, long size, @Nullable Object key) {}
}
