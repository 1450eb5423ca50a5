package dev.milepost.client;

import io.netty.util.internal.logging.InternalLogLevel;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import io.netty.util.internal.logging.Slf4JLoggerFactory;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Set;

/**
 * Keeps tokens and payloads out of the application's log. gRPC's transport writes the headers and
 * the content of each frame to SLF4J at the level DEBUG, and has no setting for it; so the logger
 * of the frames writes nothing below INFO, for all gRPC clients of this JVM, unless the system
 * property {@value #PROPERTY} is true. An application that gives Netty another logger factory
 * decides itself.
 */
final class TransportLogs extends Slf4JLoggerFactory {
  /** Asks for the frames. */
  static final String PROPERTY = "dev.milepost.client.logFrames";

  private static final String FRAMES = "io.grpc.netty.NettyClientHandler";
  private static final Set<String> LEFT_OUT =
      Set.of("trace", "debug", "isTraceEnabled", "isDebugEnabled");

  @SuppressWarnings("deprecation") // The singleton cannot be extended.
  private TransportLogs() {}

  /** Has an effect on connections that are opened from now on. */
  static synchronized void leaveOutFrames() {
    InternalLoggerFactory current = InternalLoggerFactory.getDefaultFactory();
    if (current instanceof Slf4JLoggerFactory && !(current instanceof TransportLogs)) {
      InternalLoggerFactory.setDefaultFactory(new TransportLogs());
    }
  }

  @Override
  public InternalLogger newInstance(String name) {
    InternalLogger logger = super.newInstance(name);
    return name.equals(FRAMES) && !Boolean.getBoolean(PROPERTY) ? withoutDebug(logger) : logger;
  }

  private static InternalLogger withoutDebug(InternalLogger logger) {
    return (InternalLogger)
        Proxy.newProxyInstance(
            InternalLogger.class.getClassLoader(),
            new Class<?>[] {InternalLogger.class},
            (proxy, method, args) -> {
              boolean leavesOut =
                  LEFT_OUT.contains(method.getName())
                      || (args != null
                          && (args[0] == InternalLogLevel.DEBUG
                              || args[0] == InternalLogLevel.TRACE));
              if (leavesOut) {
                return method.getReturnType() == boolean.class ? false : null;
              }
              try {
                return method.invoke(logger, args);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }
}
