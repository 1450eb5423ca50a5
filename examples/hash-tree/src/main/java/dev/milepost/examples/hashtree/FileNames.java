package dev.milepost.examples.hashtree;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Writes each file name as one line of text; different files always get different lines.
 *
 * <p>Directories are separated by a slash. A backslash, a line feed and a carriage return are
 * written as {@code \\}, {@code \n} and {@code \r}; bytes that are not valid UTF-8, which Unix file
 * names may contain, as {@code \xHH}.
 */
final class FileNames {
  private static final char UNDECODABLE = '\uFFFD';

  private FileNames() {}

  /** Returns the name of a file relative to a root; both paths are absolute. */
  static String name(Path root, Path file) {
    String relative = root.relativize(file).toString();
    String separator = root.getFileSystem().getSeparator();
    if (!separator.equals("/")) {
      return escape(relative.replace(separator, "/"));
    }
    return relative.indexOf(UNDECODABLE) < 0 ? escape(relative) : fromBytes(rawBytes(root, file));
  }

  /** Returns the bytes of a name that a Java string cannot hold; only the path's URI has them. */
  private static byte[] rawBytes(Path root, Path file) {
    String base = root.toUri().getRawPath();
    String full = file.toUri().getRawPath();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = base.endsWith("/") ? base.length() : base.length() + 1; i < full.length(); i++) {
      char c = full.charAt(i);
      if (c == '%') {
        bytes.write(Integer.parseInt(full.substring(i + 1, i + 3), 16));
        i += 2;
      } else {
        bytes.write(c);
      }
    }
    return bytes.toByteArray();
  }

  static String fromBytes(byte[] bytes) {
    StringBuilder name = new StringBuilder();
    for (int i = 0; i < bytes.length; ) {
      int length = characterLength(bytes, i);
      if (length == 0) {
        name.append(String.format(Locale.ROOT, "\\x%02x", bytes[i] & 0xff));
        i++;
      } else {
        name.append(escape(new String(bytes, i, length, StandardCharsets.UTF_8)));
        i += length;
      }
    }
    return name.toString();
  }

  /** Returns the length of the UTF-8 character that starts here; 0 if none does. */
  private static int characterLength(byte[] bytes, int from) {
    for (int length = 1; length <= 4 && from + length <= bytes.length; length++) {
      try {
        StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, from, length));
        return length;
      } catch (CharacterCodingException e) {
        // not a complete character yet
      }
    }
    return 0;
  }

  private static String escape(String name) {
    if (name.indexOf('\\') < 0 && name.indexOf('\n') < 0 && name.indexOf('\r') < 0) {
      return name;
    }
    return name.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r");
  }
}
