package dev.milepost.benchmarks.micro;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Method;
import java.util.Arrays;

/**
 * Finds package-private members of the server. A benchmark is no reason to make them public, and a
 * handle in a static final field costs no more than a call.
 */
final class Internals {
  private static final String SERVER = "dev.milepost.server.";

  private Internals() {}

  /** Returns the only method with this name. */
  static MethodHandle method(String className, String name) {
    try {
      Class<?> type = Class.forName(SERVER + className);
      Method method =
          Arrays.stream(type.getDeclaredMethods())
              .filter(candidate -> candidate.getName().equals(name))
              .findFirst()
              .orElseThrow(() -> new IllegalStateException(type + " has no method " + name));
      return lookup(type).unreflect(method);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static MethodHandles.Lookup lookup(Class<?> type) throws IllegalAccessException {
    return MethodHandles.privateLookupIn(type, MethodHandles.lookup());
  }
}
