package dev.milepost.server.http.transcode;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.MalformedJsonException;
import java.io.IOException;
import java.io.StringReader;
import java.math.BigInteger;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Refuses JSON that could be read in more than one way: what protobuf's reader takes beyond the
 * grammar, what follows the first value, names that are repeated in an object, and whole numbers
 * that a double cannot hold, which would be changed without a word.
 */
final class StrictJson {
  private static final int MAX_DEPTH = 100;
  private static final Pattern WHOLE = Pattern.compile("-?[0-9]+");
  private static final BigInteger MAX_EXACT = BigInteger.ONE.shiftLeft(53);

  private StrictJson() {}

  /**
   * Requires that a text is one JSON object that can be read in one way only.
   *
   * @throws ApiException if it is not
   */
  static void require(String text) {
    JsonReader reader = new JsonReader(new StringReader(text));
    reader.setStrictness(Strictness.STRICT);
    reader.setNestingLimit(MAX_DEPTH);
    try {
      if (reader.peek() != JsonToken.BEGIN_OBJECT) {
        throw ApiException.invalid("body", "The body must be a JSON object.");
      }
      read(reader);
    } catch (MalformedJsonException | IllegalStateException | NumberFormatException e) {
      throw ApiException.invalid("body", "The body is not valid JSON at " + reader.getPath() + ".");
    } catch (IOException e) {
      throw ApiException.invalid("body", "The body ends too early, at " + reader.getPath() + ".");
    }
  }

  private static void read(JsonReader reader) throws IOException {
    Deque<Set<String>> objects = new ArrayDeque<>();
    while (true) {
      switch (reader.peek()) {
        case BEGIN_OBJECT -> {
          reader.beginObject();
          objects.push(new HashSet<>());
        }
        case END_OBJECT -> {
          reader.endObject();
          objects.pop();
        }
        case BEGIN_ARRAY -> reader.beginArray();
        case END_ARRAY -> reader.endArray();
        case NAME -> {
          String name = reader.nextName();
          if (!objects.element().add(name)) {
            throw ApiException.invalid(reader.getPath(), "The name " + name + " is repeated.");
          }
        }
        case NUMBER -> requireExact(reader);
        case STRING -> {
          var unused = reader.nextString();
        }
        case BOOLEAN -> {
          var unused = reader.nextBoolean();
        }
        case NULL -> reader.nextNull();
        case END_DOCUMENT -> {
          return;
        }
      }
    }
  }

  private static void requireExact(JsonReader reader) throws IOException {
    String path = reader.getPath();
    String number = reader.nextString();
    if (WHOLE.matcher(number).matches()
        && (number.length() > 20 || new BigInteger(number).abs().compareTo(MAX_EXACT) > 0)) {
      throw ApiException.invalid(
          path,
          "The number %s is beyond 2^53, where JSON numbers are not exact. Send it as a string."
              .formatted(number.length() > 20 ? "at " + path : number));
    }
  }
}
