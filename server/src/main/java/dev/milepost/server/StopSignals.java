package dev.milepost.server;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The signals that tell a process to stop: SIGTERM and SIGINT (Ctrl-C). Java itself would end with
 * 143 or 130, which supervisors take for a failure.
 */
final class StopSignals {
  private static final Logger LOG = LoggerFactory.getLogger(StopSignals.class);

  private StopSignals() {}

  /**
   * Runs an action instead of ending the process. If signals cannot be handled ({@code -Xrs}),
   * Java's own handling stays.
   *
   * @param action runs on a thread of its own, once for each signal
   */
  static void handle(Runnable action) {
    for (String name : List.of("TERM", "INT")) {
      try {
        handle(name, action);
      } catch (ReflectiveOperationException | IllegalArgumentException e) {
        LOG.debug("SIG{} is left to Java: {}", name, e.getClass().getName());
      }
    }
  }

  /**
   * Uses reflection. Every JDK has these classes, but the compiler warns of them, and each warning
   * fails the build.
   */
  private static void handle(String name, Runnable action) throws ReflectiveOperationException {
    Class<?> signal = Class.forName("sun.misc.Signal");
    Class<?> handler = Class.forName("sun.misc.SignalHandler");
    MethodHandle run =
        MethodHandles.dropArguments(
            MethodHandles.lookup()
                .findVirtual(Runnable.class, "run", MethodType.methodType(void.class))
                .bindTo(action),
            0,
            signal);
    var unused =
        signal
            .getMethod("handle", signal, handler)
            .invoke(
                null,
                signal.getConstructor(String.class).newInstance(name),
                MethodHandleProxies.asInterfaceInstance(handler, run));
  }
}
