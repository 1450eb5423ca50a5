package dev.milepost.server.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Configures the log: to standard error, so that standard output holds only requested output.
 * Logback finds this class as a service. It is Java instead of XML, since reading XML takes longer
 * than opening the store.
 *
 * <p>The property {@code logback.configurationFile}, or a {@code logback-test.xml} on the class
 * path, takes precedence.
 */
public final class LogConfigurator extends ContextAwareBase implements Configurator {
  /** Called by Logback. */
  public LogConfigurator() {}

  @Override
  public ExecutionStatus configure(LoggerContext log) {
    if (hasFile()) {
      return ExecutionStatus.INVOKE_NEXT_IF_ANY;
    }
    // Until the settings are read, which may set another one.
    value("milepost.log.format", "MILEPOST_LOG_FORMAT")
        .flatMap(LogFormat::named)
        .ifPresent(LogFormat::use);
    Logger root = log.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.setLevel(level("MILEPOST_LOG_LEVEL"));
    root.addAppender(standardError(log));
    // The audit log, see docs/OPERATIONS.md. DEBUG adds each report and heartbeat; WARN turns it
    // off.
    log.getLogger(LimitedAppender.AUDIT).setLevel(level("MILEPOST_AUDIT_LEVEL"));
    log.getLogger("io.netty").setLevel(Level.WARN);
    log.getLogger("io.grpc").setLevel(Level.WARN);
    log.getLogger("org.eclipse.jetty").setLevel(Level.WARN);
    log.getLogger("org.flywaydb").setLevel(Level.WARN);
    log.getLogger("org.eclipse.jetty").setLevel(Level.WARN);
    // Warns with a stack trace of each broken connection; the code that needed it logs it anyway.
    // All warn with a stack trace of each client that disconnects, sends too much or breaks the
    // protocol; the client gets an error, which is enough.
    log.getLogger("io.grpc.netty.NettyServerHandler").setLevel(Level.ERROR);
    log.getLogger("io.grpc.netty.NettyServerStream").setLevel(Level.ERROR);
    log.getLogger("io.grpc.internal.ServerCallImpl").setLevel(Level.ERROR);
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }

  private static boolean hasFile() {
    return System.getProperty("logback.configurationFile") != null
        || LogConfigurator.class.getClassLoader().getResource("logback-test.xml") != null;
  }

  private static ConsoleAppender<ILoggingEvent> standardError(LoggerContext log) {
    FormatLayout layout = new FormatLayout();
    layout.setContext(log);
    layout.start();
    LayoutWrappingEncoder<ILoggingEvent> encoder = new LayoutWrappingEncoder<>();
    encoder.setContext(log);
    encoder.setLayout(layout);
    encoder.setCharset(StandardCharsets.UTF_8);
    encoder.start();
    LimitedAppender appender = new LimitedAppender();
    appender.setContext(log);
    appender.setName("stderr");
    appender.setTarget("System.err");
    appender.setEncoder(encoder);
    appender.start();
    return appender;
  }

  /** Returns the level that a property or environment variable of this name sets; else INFO. */
  private static Level level(String name) {
    return Level.toLevel(value(name, name).orElse(null), Level.INFO);
  }

  /** Returns a property, else an environment variable; empty if neither is set. */
  private static Optional<String> value(String property, String variable) {
    return Optional.ofNullable(System.getProperty(property))
        .or(() -> Optional.ofNullable(System.getenv(variable)));
  }
}
