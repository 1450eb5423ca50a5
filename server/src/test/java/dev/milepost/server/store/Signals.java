package dev.milepost.server.store;

import java.io.IOException;
import java.io.UncheckedIOException;

/** Sends signals to single processes that a test has started. */
public final class Signals {
  private Signals() {}

  /**
   * Sends a signal. A process that has ended by itself gets none.
   *
   * @param name without SIG: STOP, CONT
   */
  public static void send(String name, long pid) {
    try {
      int code = new ProcessBuilder("kill", "-" + name, "" + pid).inheritIO().start().waitFor();
      if (code != 0 && ProcessHandle.of(pid).isPresent()) {
        throw new AssertionError("no signal to process " + pid);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
