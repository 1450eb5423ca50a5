package dev.milepost.server.log;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** JSON lines are read back by another parser, whatever is in them. */
class JsonLineTest {
  private static final String HOSTILE =
      "a\"b\\c\nd\r\te\u001b[2J\u0000\u007f\u0085\u2028\u202e\u200b é 日本 \ud83d\ude00 </script>";

  private static Struct parse(String line) throws Exception {
    assertThat(line.codePoints().allMatch(c -> c == ' ' || !Character.isISOControl(c))).isTrue();
    byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
    assertThat(new String(bytes, StandardCharsets.UTF_8)).isEqualTo(line);
    Struct.Builder parsed = Struct.newBuilder();
    JsonFormat.parser().merge(line, parsed);
    return parsed.build();
  }

  private static String text(Struct line, String name) {
    return line.getFieldsOrThrow(name).getStringValue();
  }

  @Test
  void everyValueIsReadBack() throws Exception {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("text", HOSTILE);
    fields.put("number", -9_223_372_036_854L);
    fields.put("truth", true);
    fields.put("list", List.of("x", HOSTILE));
    fields.put("empty", List.of());
    fields.put("message", "not this one");
    fields.put(HOSTILE, 1);
    Struct line =
        parse(
            JsonLine.event(0, "INFO", "milepost.audit")
                .text("message", "call")
                .fields(fields)
                .end());
    assertThat(text(line, "time")).isEqualTo("1970-01-01T00:00:00.000Z");
    assertThat(text(line, "level")).isEqualTo("INFO");
    assertThat(text(line, "logger")).isEqualTo("milepost.audit");
    assertThat(text(line, "message")).isEqualTo("call");
    assertThat(text(line, "message_")).isEqualTo("not this one");
    assertThat(text(line, "text")).isEqualTo(HOSTILE);
    assertThat(line.getFieldsOrThrow("number").getNumberValue()).isEqualTo(-9_223_372_036_854d);
    assertThat(line.getFieldsOrThrow("truth").getBoolValue()).isTrue();
    ListValue list = line.getFieldsOrThrow("list").getListValue();
    assertThat(list.getValuesList())
        .extracting(Value::getStringValue)
        .containsExactly("x", HOSTILE);
    assertThat(line.getFieldsOrThrow("empty").getListValue().getValuesCount()).isZero();
    assertThat(line.getFieldsOrThrow(HOSTILE).getNumberValue()).isEqualTo(1);
  }

  @Test
  void halfPairsAndLongTextsAreReplacedAndCut() throws Exception {
    String pairs = "\ud83d\ude00".repeat(Printable.MAX_LENGTH);
    Struct line =
        parse(
            JsonLine.event(0, "INFO", "x")
                .text("half", "a\ud800b\udc00")
                .text("long", "x" + pairs)
                .texts("many", List.copyOf(java.util.Collections.nCopies(1_000, "v")))
                .end());
    assertThat(text(line, "half")).isEqualTo("a\ufffdb\ufffd");
    assertThat(text(line, "long"))
        .startsWith("x\ud83d\ude00")
        .endsWith("\ud83d\ude00... (4000 more)")
        .hasSizeLessThan(Printable.MAX_LENGTH + 30);
    assertThat(line.getFieldsOrThrow("many").getListValue().getValuesCount()).isEqualTo(100);
  }

  @Test
  void anEventOfTheLogHasItsFieldsAndItsFailure() throws Exception {
    LoggerContext context = new LoggerContext();
    LoggingEvent event =
        new LoggingEvent(
            "here",
            context.getLogger("dev.milepost.X"),
            ch.qos.logback.classic.Level.ERROR,
            "Failed {}.",
            new IllegalStateException(HOSTILE, new IllegalArgumentException("inner")),
            new Object[] {"twice"});
    event.addKeyValuePair(new org.slf4j.event.KeyValuePair("code", 7));
    JsonLayout layout = new JsonLayout();
    layout.start();
    String text = layout.doLayout(event);
    assertThat(text).endsWith("}\n").hasLineCount(1);
    Struct line = parse(text.strip());
    assertThat(text(line, "message")).isEqualTo("Failed twice.");
    assertThat(text(line, "thread")).isEqualTo(Thread.currentThread().getName());
    assertThat(line.getFieldsOrThrow("code").getNumberValue()).isEqualTo(7);
    assertThat(text(line, "error")).startsWith("java.lang.IllegalStateException: a\"b");
    assertThat(line.getFieldsOrThrow("trace").getListValue().getValuesList())
        .extracting(Value::getStringValue)
        .anyMatch(frame -> frame.contains("anEventOfTheLogHasItsFieldsAndItsFailure"))
        .anyMatch(frame -> frame.contains("caused by java.lang.IllegalArgumentException"));
  }

  @Test
  void textFieldsCannotForgeOthers() {
    assertThat(PlainFields.plain("ann@example.org")).isEqualTo("ann@example.org");
    assertThat(PlainFields.plain("a b\nuser=root\"")).isEqualTo("\"a b\\u000auser=root\\u0022\"");
    assertThat(PlainFields.plain("")).isEqualTo("\"\"");
    assertThat(PlainFields.plain(List.of("USER", "WORKER"))).isEqualTo("USER,WORKER");
    assertThat(PlainFields.plain(List.of())).isEqualTo("-");
    assertThat(PlainFields.plain("x".repeat(5_000))).hasSize(4_005).endsWith("...\"");
  }
}
