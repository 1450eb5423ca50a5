package dev.milepost.cli.jobs;

import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import dev.milepost.cli.UsageException;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * The params of a job, as a user writes them: a JSON object, a file of it or standard input, and
 * single values over it. A value that is valid JSON is that ({@code 3}, {@code true}, {@code
 * [1,2]}, {@code "3"}); any other is a string.
 */
final class Params {
  private static final int MAX_BYTES = 16 << 20;

  private Params() {}

  /**
   * Reads params.
   *
   * @param document JSON, {@code @FILE}, {@code -} for standard input, or empty
   * @param values single values by name
   */
  static Struct read(String document, Map<String, String> values, InputStream input) {
    Struct.Builder params = Struct.newBuilder();
    if (!document.isEmpty()) {
      parse(text(document, input), params);
    }
    values.forEach((name, value) -> params.putFields(name, value(value)));
    return params.build();
  }

  private static String text(String document, InputStream input) {
    try {
      if (document.equals("-")) {
        return text(input.readNBytes(MAX_BYTES + 1), "standard input");
      }
      if (document.startsWith("@")) {
        Path file = Path.of(document.substring(1));
        try (InputStream content = Files.newInputStream(file)) {
          return text(content.readNBytes(MAX_BYTES + 1), file.toString());
        }
      }
      return document;
    } catch (IOException e) {
      throw new UsageException("Cannot read the params: " + e.getMessage());
    }
  }

  private static String text(byte[] content, String source) {
    if (content.length > MAX_BYTES) {
      throw new UsageException("The params in " + source + " are larger than 16 MiB.");
    }
    return new String(content, StandardCharsets.UTF_8);
  }

  private static void parse(String json, Struct.Builder params) {
    try {
      JsonFormat.parser().merge(json, params);
    } catch (InvalidProtocolBufferException e) {
      throw new UsageException("The params are not a JSON object: " + e.getMessage());
    }
  }

  private static Value value(String text) {
    try {
      JsonReader reader = new JsonReader(new StringReader(text));
      reader.setStrictness(Strictness.STRICT);
      JsonElement json = JsonParser.parseReader(reader);
      if (reader.peek() == JsonToken.END_DOCUMENT) {
        return value(json);
      }
    } catch (JsonParseException | IOException e) {
      // No JSON: a string.
    }
    return Value.newBuilder().setStringValue(text).build();
  }

  private static Value value(JsonElement json) throws InvalidProtocolBufferException {
    if (json instanceof JsonPrimitive primitive && primitive.isNumber()) {
      requireExact(primitive);
    }
    Value.Builder value = Value.newBuilder();
    JsonFormat.parser().merge(json.toString(), value);
    return value.build();
  }

  // A Struct holds numbers as doubles. A number that it cannot hold would come back as another one.
  private static void requireExact(JsonPrimitive number) {
    if (number.getAsBigDecimal().compareTo(BigDecimal.valueOf(number.getAsDouble())) != 0) {
      throw new UsageException(
          "The number "
              + number.getAsString()
              + " cannot be kept exactly. Give it as a string: '\""
              + number.getAsString()
              + "\"'");
    }
  }
}
