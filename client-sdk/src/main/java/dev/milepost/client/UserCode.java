package dev.milepost.client;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Calls methods of the user's values and exceptions, which may throw anything. A stack overflow is
 * over once it is caught, and a failed allocation leaves the heap as it was, so errors are caught
 * too: a job must not depend on how it is described.
 */
final class UserCode {
  private UserCode() {}

  /** Returns what a call returns; null if it throws. */
  static <T> @Nullable T orNull(Supplier<? extends @Nullable T> call) {
    try {
      return call.get();
    } catch (Throwable thrown) {
      return null;
    }
  }

  /** Returns the text of a value; if its {@code toString()} throws, what it threw. */
  static String text(@Nullable Object value) {
    try {
      return String.valueOf(value == null ? null : value.toString());
    } catch (Throwable thrown) {
      return "(" + className(value) + ".toString() threw " + className(thrown) + ")";
    }
  }

  /** Returns the name of an object's class, which no user code can change. */
  static String className(@Nullable Object object) {
    return object == null ? "null" : object.getClass().getName();
  }
}
