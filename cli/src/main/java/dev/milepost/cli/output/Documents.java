package dev.milepost.cli.output;

import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageOrBuilder;
import com.google.protobuf.util.JsonFormat;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;

/**
 * Messages as JSON and YAML, by the proto3 JSON mapping. Both escape control characters, so that
 * what jobs say is safe on a terminal too.
 */
public final class Documents {
  private static final JsonFormat.Printer PRETTY = JsonFormat.printer();
  private static final JsonFormat.Printer ONE_LINE =
      JsonFormat.printer().omittingInsignificantWhitespace();

  private Documents() {}

  /** JSON over several lines. */
  public static String json(MessageOrBuilder message) {
    return escape(print(PRETTY, message));
  }

  /** JSON on one line. */
  public static String jsonLine(MessageOrBuilder message) {
    return escape(print(ONE_LINE, message));
  }

  /** A YAML document, which begins with {@code ---}. */
  public static String yaml(MessageOrBuilder message) {
    DumpSettings settings =
        DumpSettings.builder()
            .setDefaultFlowStyle(FlowStyle.BLOCK)
            .setExplicitStart(true)
            .setUseUnicodeEncoding(true)
            .build();
    return new Dump(settings)
        .dumpToString(tree(JsonParser.parseString(print(ONE_LINE, message))))
        .stripTrailing();
  }

  private static String print(JsonFormat.Printer printer, MessageOrBuilder message) {
    try {
      return printer.print(message);
    } catch (InvalidProtocolBufferException e) {
      // The printer knows all messages of the contract; only an Any of an unknown type could fail.
      throw new IllegalStateException("The response cannot be shown as JSON: " + e.getMessage(), e);
    }
  }

  // JSON escapes C0 itself. It may hold C1 controls, DEL and the bidirectional overrides as they
  // are; escaped, the text that a program reads is the same.
  private static String escape(String json) {
    StringBuilder safe = new StringBuilder(json.length());
    json.chars()
        .forEach(
            c -> {
              if (c == '\n' || !SafeText.isUnsafe(c) || Character.isSurrogate((char) c)) {
                safe.append((char) c);
              } else {
                safe.append(String.format("\\u%04x", c));
              }
            });
    return safe.toString();
  }

  private static @Nullable Object tree(JsonElement element) {
    if (element.isJsonObject()) {
      Map<String, @Nullable Object> map = new LinkedHashMap<>();
      element.getAsJsonObject().entrySet().forEach(e -> map.put(e.getKey(), tree(e.getValue())));
      return map;
    }
    if (element.isJsonArray()) {
      List<@Nullable Object> list = new ArrayList<>();
      element.getAsJsonArray().forEach(child -> list.add(tree(child)));
      return list;
    }
    return element.isJsonNull() ? null : scalar(element.getAsJsonPrimitive());
  }

  private static Object scalar(JsonPrimitive primitive) {
    if (primitive.isBoolean()) {
      return primitive.getAsBoolean();
    }
    if (!primitive.isNumber()) {
      return primitive.getAsString();
    }
    double number = primitive.getAsDouble();
    return number == Math.rint(number) && Math.abs(number) < 1L << 53
        ? (Object) primitive.getAsLong()
        : (Object) number;
  }
}
