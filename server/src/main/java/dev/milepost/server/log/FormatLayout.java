package dev.milepost.server.log;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Context;
import ch.qos.logback.core.LayoutBase;

/** Formats events in the process's {@link LogFormat}, which is known after the first events. */
final class FormatLayout extends LayoutBase<ILoggingEvent> {
  private final LineLayout text = new LineLayout();
  private final JsonLayout json = new JsonLayout();

  FormatLayout() {}

  @Override
  public void setContext(Context context) {
    super.setContext(context);
    text.setContext(context);
    json.setContext(context);
  }

  @Override
  public String doLayout(ILoggingEvent event) {
    return switch (LogFormat.current()) {
      case TEXT -> text.doLayout(event);
      case JSON -> json.doLayout(event);
    };
  }
}
