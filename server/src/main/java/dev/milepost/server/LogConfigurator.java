package dev.milepost.server;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.util.Optional;

/**
 * Sets the log up: to standard error, so that standard output holds only what a person asked for.
 * Logback finds it as a service. In Java and not in XML, since reading XML takes longer than
 * opening the store.
 *
 * <p>Who names a file of one's own by the property {@code logback.configurationFile} gets that one
 * instead; so does a test, by {@code logback-test.xml} on its class path.
 */
public final class LogConfigurator extends ContextAwareBase implements Configurator {
  private static final String PATTERN =
      "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX,UTC} %-5level %logger{0}: %msg%n";

  /** For Logback. */
  public LogConfigurator() {}

  @Override
  public ExecutionStatus configure(LoggerContext log) {
    if (hasFile()) {
      return ExecutionStatus.INVOKE_NEXT_IF_ANY;
    }
    Logger root = log.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.setLevel(level("MILEPOST_LOG_LEVEL"));
    root.addAppender(standardError(log));
    // Who changed what: see docs/OPERATIONS.md. DEBUG shows each report and heartbeat, WARN shows
    // nothing.
    log.getLogger("milepost.audit").setLevel(level("MILEPOST_AUDIT_LEVEL"));
    log.getLogger("io.netty").setLevel(Level.WARN);
    log.getLogger("io.grpc").setLevel(Level.WARN);
    log.getLogger("org.flywaydb").setLevel(Level.WARN);
    // It warns with a stack trace of each connection that breaks: who needed it says so.
    log.getLogger("com.zaxxer.hikari").setLevel(Level.ERROR);
    // Both warn with a stack trace of each client that breaks off or sends too much: the client is
    // told, and that is enough.
    log.getLogger("io.grpc.netty.NettyServerHandler").setLevel(Level.ERROR);
    log.getLogger("io.grpc.internal.ServerCallImpl").setLevel(Level.ERROR);
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }

  private static boolean hasFile() {
    return System.getProperty("logback.configurationFile") != null
        || LogConfigurator.class.getClassLoader().getResource("logback-test.xml") != null;
  }

  private static ConsoleAppender<ILoggingEvent> standardError(LoggerContext log) {
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(log);
    encoder.setPattern(PATTERN);
    encoder.start();
    ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
    appender.setContext(log);
    appender.setName("stderr");
    appender.setTarget("System.err");
    appender.setEncoder(encoder);
    appender.start();
    return appender;
  }

  /** A level that the environment, or a property of the same name, sets; else INFO. */
  private static Level level(String name) {
    return Level.toLevel(
        Optional.ofNullable(System.getProperty(name)).orElse(System.getenv(name)), Level.INFO);
  }
}
