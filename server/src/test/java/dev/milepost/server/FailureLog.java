package dev.milepost.server;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.PatternLayout;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.LifecycleMethodExecutionExceptionHandler;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;

/**
 * Prints what was logged during a test only if the test fails: many tests provoke warnings and
 * errors. Registered for all tests of this module; {@code logback-test.xml} names its appender.
 */
public final class FailureLog
    implements BeforeAllCallback,
        BeforeEachCallback,
        TestExecutionExceptionHandler,
        LifecycleMethodExecutionExceptionHandler {
  private static final int MAX_EVENTS = 500;

  /** The last events. Guarded by itself. */
  private static final Deque<ILoggingEvent> EVENTS = new ArrayDeque<>();

  /** Called by JUnit. */
  public FailureLog() {}

  @Override
  public void beforeAll(ExtensionContext context) {
    clear();
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    clear();
  }

  @Override
  public void handleTestExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    print(context);
    throw failure;
  }

  @Override
  public void handleBeforeAllMethodExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    print(context);
    throw failure;
  }

  @Override
  public void handleBeforeEachMethodExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    print(context);
    throw failure;
  }

  @Override
  public void handleAfterEachMethodExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    print(context);
    throw failure;
  }

  @Override
  public void handleAfterAllMethodExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    print(context);
    throw failure;
  }

  private static void clear() {
    synchronized (EVENTS) {
      EVENTS.clear();
    }
  }

  private static void print(ExtensionContext context) {
    List<ILoggingEvent> events;
    synchronized (EVENTS) {
      events = new ArrayList<>(EVENTS);
    }
    if (events.isEmpty()) {
      return;
    }
    PatternLayout layout = new PatternLayout();
    layout.setContext(new LoggerContext());
    layout.setPattern("%d{HH:mm:ss.SSS} %-5level [%thread] %logger{20} - %msg%n");
    layout.start();
    StringBuilder text = new StringBuilder("Log of ").append(context.getDisplayName()).append('\n');
    events.forEach(event -> text.append(layout.doLayout(event)));
    System.err.print(text);
  }

  /** Keeps the last events for {@link FailureLog}. Thread-safe. */
  public static final class Appender extends AppenderBase<ILoggingEvent> {
    /** Called by Logback. */
    public Appender() {}

    @Override
    protected void append(ILoggingEvent event) {
      event.prepareForDeferredProcessing();
      synchronized (EVENTS) {
        if (EVENTS.size() == MAX_EVENTS) {
          EVENTS.removeFirst();
        }
        EVENTS.addLast(event);
      }
    }
  }
}
