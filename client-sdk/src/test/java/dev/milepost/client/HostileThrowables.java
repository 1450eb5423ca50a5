package dev.milepost.client;

import java.util.EnumSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** Generates exceptions whose own methods throw, return null, or never come to an end. */
final class HostileThrowables {
  private final Random random;
  private final HostileValues values;

  HostileThrowables(Random random) {
    this.random = random;
    this.values = new HostileValues(random);
  }

  /** The methods that may be hostile. */
  enum Method {
    GET_MESSAGE,
    TO_STRING,
    PRINT_STACK_TRACE,
    GET_CAUSE,
    GET_STACK_TRACE,
    HASH_CODE,
    CODE,
    DETAILS,
    RETRYABLE
  }

  /** How the cause is found. */
  enum Cause {
    NONE,
    ITSELF,
    A_NEW_ONE_EACH_TIME,
    SUPPRESSED_CYCLE,
    PLAIN
  }

  /** An exception, an Error or a failure, some of whose methods are hostile. */
  Throwable throwable() {
    Set<Method> methods = EnumSet.noneOf(Method.class);
    for (Method method : Method.values()) {
      if (random.nextInt(3) == 0) {
        methods.add(method);
      }
    }
    Cause cause = Cause.values()[random.nextInt(Cause.values().length)];
    Throwable thrown = random.nextInt(4) == 0 ? null : values.error();
    String message = random.nextInt(8) == 0 ? null : values.text();
    return random.nextBoolean()
        ? new HostileFailure(methods, cause, thrown, message, values.map())
        : new HostileError(methods, cause, thrown, message);
  }

  /** The behavior that both kinds of exceptions share. */
  private record Behavior(Set<Method> methods, Cause cause, Throwable thrown) {
    /** Throws, or returns null, if the method is hostile. */
    <T> T of(Method method, T normal) {
      if (!methods.contains(method)) {
        return normal;
      } else if (thrown == null) {
        return null;
      }
      throw HostileValues.sneaky(thrown);
    }

    Throwable cause(Throwable self) {
      return switch (cause) {
        case NONE, SUPPRESSED_CYCLE -> null;
        case ITSELF -> self;
        case A_NEW_ONE_EACH_TIME -> new HostileError(methods, cause, thrown, "deeper");
        case PLAIN -> new IllegalStateException("the root");
      };
    }

    void link(Throwable self) {
      if (cause == Cause.SUPPRESSED_CYCLE) {
        Throwable other = new IllegalStateException("other");
        other.addSuppressed(self);
        self.addSuppressed(other);
      }
    }
  }

  /** An Error, since handlers may throw those too. */
  private static final class HostileError extends Error {
    private static final long serialVersionUID = 1;
    private final transient Behavior behavior;

    HostileError(Set<Method> methods, Cause cause, Throwable thrown, String message) {
      super(message);
      this.behavior = new Behavior(methods, cause, thrown);
      behavior.link(this);
    }

    @Override
    public String getMessage() {
      return behavior.of(Method.GET_MESSAGE, super.getMessage());
    }

    @Override
    public String toString() {
      return behavior.of(Method.TO_STRING, "hostile");
    }

    @Override
    public void printStackTrace(java.io.PrintWriter out) {
      behavior.of(Method.PRINT_STACK_TRACE, out).println("hostile");
    }

    @Override
    public synchronized Throwable getCause() {
      return behavior.of(Method.GET_CAUSE, behavior.cause(this));
    }

    @Override
    public StackTraceElement[] getStackTrace() {
      return behavior.of(Method.GET_STACK_TRACE, super.getStackTrace());
    }

    @Override
    @SuppressWarnings("EqualsHashCode") // As hostile as it is wrong.
    public int hashCode() {
      Integer code = behavior.of(Method.HASH_CODE, 1);
      return code == null ? 0 : code;
    }
  }

  private static final class HostileFailure extends JobFailure {
    private static final long serialVersionUID = 1;
    private final transient Behavior behavior;

    @SuppressWarnings("unchecked") // Erasure lets users pass maps with other keys.
    HostileFailure(
        Set<Method> methods,
        Cause cause,
        Throwable thrown,
        String message,
        Map<Object, Object> details) {
      super("HOSTILE", message, true, (Map<String, ?>) (Map<?, ?>) details, null);
      this.behavior = new Behavior(methods, cause, thrown);
      behavior.link(this);
    }

    @Override
    public String getMessage() {
      return behavior.of(Method.GET_MESSAGE, super.getMessage());
    }

    @Override
    public String toString() {
      return behavior.of(Method.TO_STRING, "hostile");
    }

    @Override
    public synchronized Throwable getCause() {
      return behavior.of(Method.GET_CAUSE, behavior.cause(this));
    }

    @Override
    public StackTraceElement[] getStackTrace() {
      return behavior.of(Method.GET_STACK_TRACE, super.getStackTrace());
    }

    @Override
    public String code() {
      return behavior.of(Method.CODE, super.code());
    }

    @Override
    public boolean retryable() {
      Boolean retryable = behavior.of(Method.RETRYABLE, true);
      return retryable == null || retryable;
    }

    @Override
    public Map<String, ?> details() {
      return behavior.of(Method.DETAILS, super.details());
    }
  }
}
