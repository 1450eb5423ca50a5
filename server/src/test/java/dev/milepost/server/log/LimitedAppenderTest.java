package dev.milepost.server.log;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The log as the server writes it: safe lines, and few of a kind. */
class LimitedAppenderTest {
  private final LoggerContext context = new LoggerContext();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final LimitedAppender appender = appender();
  private final Logger logger = context.getLogger("dev.milepost.server.X");

  private LimitedAppender appender() {
    context.setMDCAdapter(new LogbackMDCAdapter());
    LineLayout layout = new LineLayout();
    layout.setContext(context);
    layout.start();
    LayoutWrappingEncoder<ILoggingEvent> encoder = new LayoutWrappingEncoder<>();
    encoder.setContext(context);
    encoder.setLayout(layout);
    encoder.setCharset(StandardCharsets.UTF_8);
    encoder.start();
    LimitedAppender made = new LimitedAppender();
    made.setContext(context);
    made.setEncoder(encoder);
    made.start();
    made.setOutputStream(out);
    context.getLogger("ROOT").addAppender(made);
    return made;
  }

  @AfterEach
  void stop() {
    context.stop();
  }

  private List<String> lines() {
    return out.toString(StandardCharsets.UTF_8).lines().toList();
  }

  @Test
  void nothingInAMessageCanForgeALine() {
    String forged = "a\nb\r\u001b[2Jc\u0085d\u2028e\u2029f\u202eg\u0000h\ud800i\u007fj\u200b\t";
    logger.info("Item {}.", forged);
    logger.warn("Failed.", new IllegalStateException(forged));
    logger.error("Failed.", new IllegalStateException(forged));
    context.getLogger("milepost.audit").info(forged);
    assertThat(lines())
        .filteredOn(line -> !line.startsWith("    "))
        .hasSize(5)
        .filteredOn(line -> !line.endsWith(" ERROR X: Failed."))
        .hasSize(4)
        .allMatch(
            line ->
                line.contains(
                    "a\\u000ab\\u000d\\u001b[2Jc\\u0085d\\u2028e\\u2029f\\u202eg\\u0000h"))
        .allMatch(line -> line.chars().allMatch(c -> c >= ' ' && c <= '~'));
    logger.info("Zürich, 東京, 😀");
    assertThat(lines()).last().asString().endsWith("X: Zürich, 東京, 😀");
  }

  @Test
  void aLongMessageIsCut() {
    logger.info("x".repeat(1_000_000));
    assertThat(out.size()).isLessThan(5_000);
    assertThat(lines().get(0)).endsWith("x... (996000 more)");
  }

  @Test
  void whatALibraryQuotesIsNotLogged() {
    RuntimeException parsing = new RuntimeException("ours");
    try {
      Integer.parseInt("planted");
    } catch (NumberFormatException e) {
      parsing = e;
    }
    SQLException database = new SQLException("Key (id)=(planted) exists", "23505", 7);
    logger.warn("Failed.", new IllegalStateException("The store failed.", database));
    logger.error("Failed at once.", parsing);
    assertThat(out.toString(StandardCharsets.UTF_8))
        .doesNotContain("planted")
        .contains(
            "java.lang.IllegalStateException: The store failed., caused by"
                + " java.sql.SQLException (SQLSTATE 23505, 7)")
        .contains("java.lang.NumberFormatException");
  }

  @Test
  void aFaultHasItsTraceOnce() {
    for (int i = 0; i < 3; i++) {
      logger.error("Failed in request {}.", i, new IllegalStateException("x"));
    }
    assertThat(lines()).filteredOn(line -> line.contains("aFaultHasItsTraceOnce")).hasSize(1);
    assertThat(lines()).filteredOn(line -> line.contains("Failed in request")).hasSize(3);
  }

  @Test
  void repeatsAreCounted() {
    for (int i = 0; i < 10_000; i++) {
      logger.error("Failed in request {}.", i, new IllegalStateException("x"));
      logger.warn("Another: {}", i);
    }
    assertThat(out.size()).isLessThan(10_000);
    appender.summarize();
    assertThat(lines())
        .filteredOn(line -> line.contains("9,995 more within a minute: "))
        .hasSize(2)
        .anyMatch(line -> line.endsWith("dev.milepost.server.X: Another: {}"));
  }

  @Test
  void manyKindsAreBoundedToo() {
    for (int i = 0; i < 10_000; i++) {
      logger.warn("Message " + i);
    }
    assertThat(lines()).hasSizeLessThanOrEqualTo(200);
  }

  @Test
  void debuggingIsNotLimited() {
    logger.setLevel(Level.DEBUG);
    for (int i = 0; i < 100; i++) {
      logger.debug("Step {}", i);
    }
    assertThat(lines()).hasSize(100);
  }
}
