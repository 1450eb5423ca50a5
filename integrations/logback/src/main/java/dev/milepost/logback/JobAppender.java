package dev.milepost.logback;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import dev.milepost.client.JobContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Writes what a handler logs into the journal of its job: each line that is logged on a thread on
 * which a {@linkplain JobContext#current job is current}. Other lines pass it by.
 *
 * <pre>{@code
 * <appender name="JOB" class="dev.milepost.logback.JobAppender"/>
 * <root level="INFO">
 *   <appender-ref ref="CONSOLE"/>
 *   <appender-ref ref="JOB"/>
 * </root>
 * }</pre>
 *
 * <p>TRACE and DEBUG become DEBUG, INFO becomes INFO, WARN becomes WARNING and ERROR becomes ERROR.
 * A line with the marker MILESTONE is a MILESTONE. The context of the line has the logger, the MDC
 * and key-value pairs, and an exception with its stack trace. Memory is bounded: the client keeps
 * what the server has not accepted yet, and drops and counts the rest.
 *
 * <p>Never recursive: the lines of the client, of gRPC and of Netty are left out, and so is what is
 * logged while a line is written. Thread-safe once started.
 */
public final class JobAppender extends UnsynchronizedAppenderBase<ILoggingEvent> {
  /** Whose lines tell of sending lines. */
  private static final List<String> OWN_LOGGERS =
      List.of("dev.milepost.client", "dev.milepost.logback", "io.grpc", "io.netty");

  private final List<String> excluded = new ArrayList<>(OWN_LOGGERS);
  private final ThreadLocal<Boolean> writing = ThreadLocal.withInitial(() -> false);
  private String milestoneMarker = "MILESTONE";

  /** Creates an appender, which Logback configures and starts. */
  public JobAppender() {}

  /**
   * Leaves out the lines of a logger and of those below it; call it again for more. Called by
   * Logback for each {@code <exclude>}.
   *
   * @param logger its name, such as "org.hibernate.SQL"
   */
  public void addExclude(String logger) {
    excluded.add(logger);
  }

  /**
   * Sets the name of the marker of lines that become MILESTONE lines. Called by Logback for {@code
   * <milestoneMarker>}. Default: "MILESTONE".
   */
  public void setMilestoneMarker(String name) {
    milestoneMarker = name;
  }

  @Override
  protected void append(ILoggingEvent event) {
    if (writing.get() || isExcluded(event.getLoggerName())) {
      return;
    }
    Optional<JobContext> job = JobContext.findCurrent();
    if (job.isEmpty()) {
      return;
    }
    writing.set(true);
    try {
      JobLine.of(event, milestoneMarker).writeTo(job.get().logger());
    } catch (RuntimeException e) {
      // To Logback's own status, which is no log line.
      addError("A line could not be written into the journal of its job.", e);
    } finally {
      writing.remove();
    }
  }

  private boolean isExcluded(String logger) {
    for (String name : excluded) {
      if (logger.startsWith(name)
          && (logger.length() == name.length() || logger.charAt(name.length()) == '.')) {
        return true;
      }
    }
    return false;
  }
}
