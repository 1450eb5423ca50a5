package dev.milepost.cli.run;

import dev.milepost.cli.output.Ansi;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * Reads what a program writes, passes it on as it is, and cuts it into lines.
 *
 * <p>A line ends with a line feed. Of text that a carriage return overwrites, as progress bars do,
 * only what remains on the screen is kept. Bytes that are not UTF-8 become replacement characters.
 * A line that is longer than a log line may be is cut into several.
 */
final class OutputLines {
  /** Below the limit of a log line, 16,384 characters. */
  static final int MAX_LINE = 16_000;

  private static final int BUFFER_BYTES = 8_192;

  private final Consumer<String> lines;
  private final StringBuilder line = new StringBuilder();

  /**
   * Cuts output into lines.
   *
   * @param lines receives each line as it is complete, without its end; empty lines are left out
   */
  OutputLines(Consumer<String> lines) {
    this.lines = lines;
  }

  /**
   * Reads to the end.
   *
   * @param copy receives all bytes, as soon as they come
   */
  void read(InputStream from, OutputStream copy) throws IOException {
    CharsetDecoder decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPLACE)
            .onUnmappableCharacter(CodingErrorAction.REPLACE);
    ByteBuffer bytes = ByteBuffer.allocate(BUFFER_BYTES);
    CharBuffer chars = CharBuffer.allocate(BUFFER_BYTES);
    while (true) {
      int read = from.read(bytes.array(), bytes.position(), bytes.remaining());
      boolean end = read < 0;
      if (!end) {
        copy.write(bytes.array(), bytes.position(), read);
        copy.flush();
        bytes.position(bytes.position() + read);
      }
      bytes.flip();
      decoder.decode(bytes, chars, end);
      bytes.compact();
      take(chars);
      if (end) {
        decoder.flush(chars);
        take(chars);
        emit();
        return;
      }
    }
  }

  private void take(CharBuffer chars) {
    chars.flip();
    while (chars.hasRemaining()) {
      char c = chars.get();
      if (c == '\n') {
        emit();
      } else {
        line.append(c);
        if (line.length() >= MAX_LINE && !Character.isHighSurrogate(c)) {
          emit();
        }
      }
    }
    chars.clear();
  }

  private void emit() {
    String text = lastOverwrite(line);
    line.setLength(0);
    String safe = Ansi.onlyColors(text).replace('\u0000', '\ufffd').stripTrailing();
    if (!safe.isEmpty()) {
      lines.accept(safe);
    }
  }

  private static String lastOverwrite(StringBuilder line) {
    int end = line.length();
    while (end > 0 && line.charAt(end - 1) == '\r') {
      end--;
    }
    return line.substring(line.lastIndexOf("\r", end - 1) + 1, end);
  }
}
