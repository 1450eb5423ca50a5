package dev.milepost.server.log;

import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.StackTraceElementProxy;
import ch.qos.logback.classic.spi.ThrowableProxy;
import java.sql.SQLException;

/**
 * Describes exceptions without quoting a caller. A message that this server has written says what
 * happened; one that a library has written may repeat what the library was given, so only the type
 * is shown, and the code of a database.
 */
final class Causes {
  private static final String OURS = "dev.milepost.";
  private static final int MAX_CAUSES = 5;
  private static final int MAX_FRAMES = 30;

  private Causes() {}

  /** Returns an exception and its causes in one line. */
  static String line(IThrowableProxy failure) {
    StringBuilder line = new StringBuilder();
    IThrowableProxy cause = failure;
    for (int i = 0; cause != null && i < MAX_CAUSES; i++) {
      line.append(i == 0 ? "" : ", caused by ").append(describe(cause));
      cause = cause.getCause();
    }
    return line.toString();
  }

  /** Returns an exception and its causes with the places where they were thrown, in lines. */
  static String trace(IThrowableProxy failure) {
    StringBuilder lines = new StringBuilder();
    IThrowableProxy cause = failure;
    for (int i = 0; cause != null && i < MAX_CAUSES; i++) {
      lines.append(i == 0 ? "  " : "  caused by ").append(Printable.of(describe(cause)));
      lines.append(System.lineSeparator());
      StackTraceElementProxy[] frames = cause.getStackTraceElementProxyArray();
      int shown = Math.min(frames.length - cause.getCommonFrames(), MAX_FRAMES);
      for (int at = 0; at < shown; at++) {
        lines.append("    ").append(frames[at]).append(System.lineSeparator());
      }
      cause = cause.getCause();
    }
    return lines.toString();
  }

  private static String describe(IThrowableProxy failure) {
    String type = failure.getClassName();
    if (failure instanceof ThrowableProxy proxy
        && proxy.getThrowable() instanceof SQLException database) {
      return type + " (SQLSTATE " + database.getSQLState() + ", " + database.getErrorCode() + ")";
    }
    String message = failure.getMessage();
    return message == null || message.isEmpty() || !isOurs(failure) ? type : type + ": " + message;
  }

  /** Failures of files and connections name a path or an address of this server. */
  private static boolean isOurs(IThrowableProxy failure) {
    String type = failure.getClassName();
    StackTraceElementProxy[] frames = failure.getStackTraceElementProxyArray();
    return type.startsWith(OURS)
        || type.startsWith("java.io.")
        || type.startsWith("java.nio.file.")
        || type.equals("java.net.ConnectException")
        || type.equals("java.net.BindException")
        || (frames.length > 0 && frames[0].getStackTraceElement().getClassName().startsWith(OURS));
  }
}
