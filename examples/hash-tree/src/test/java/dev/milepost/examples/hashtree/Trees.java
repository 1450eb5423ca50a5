package dev.milepost.examples.hashtree;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/** Creates trees of real files, and lists them. */
final class Trees {
  private Trees() {}

  static Path write(Path root, String name, String content) {
    try {
      Path file = path(root, name);
      Files.createDirectories(file.getParent());
      return Files.writeString(file, content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Returns a path with any name, independent of the locale's encoding, by the bytes of its URI.
   */
  static Path path(Path root, String name) {
    StringBuilder uri = new StringBuilder(root.toUri().toString());
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      uri.append(b == '/' ? "/" : "%" + HexFormat.of().withUpperCase().toHexDigits(b));
    }
    return Path.of(URI.create(uri.toString()));
  }

  /** Creates many small files in several directories. */
  static void fill(Path root, int files) {
    for (int i = 0; i < files; i++) {
      write(root, "d" + i % 7 + "/f" + i, "content " + i);
    }
  }

  static String sha256(String content) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256")
                  .digest(content.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Lists the names in a directory. */
  static List<String> list(Path directory) {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
