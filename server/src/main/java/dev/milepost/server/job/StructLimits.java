package dev.milepost.server.job;

import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;

/**
 * The limits of every struct that a caller sends: size, depth, and values that each JSON reader
 * knows.
 *
 * <p>A struct is stored and returned deep inside other messages, such as the error of a task in a
 * page of tasks, or the params of a step in a record. Parsers accept 100 nested messages by
 * default, and a map takes three of them. So {@link #MAX_DEPTH} maps in the deepest message that
 * contains a struct stay below that limit, with some levels to spare.
 */
public final class StructLimits {
  /** Maximum number of maps and lists that contain each other, the struct itself included. */
  public static final int MAX_DEPTH = 30;

  private StructLimits() {}

  /** Checks a struct, which may be empty. */
  public static void check(FieldChecks violations, String field, Struct struct, int maxBytes) {
    if (struct.getSerializedSize() > maxBytes) {
      violations.check(false, field, "must be at most " + maxBytes + " bytes when encoded");
      return;
    }
    String problem = problem(struct, 1);
    violations.check(problem.isEmpty(), field, problem);
  }

  /** Returns what a struct must be and is not; empty if it is within all limits. */
  private static String problem(Struct struct, int depth) {
    if (depth > MAX_DEPTH) {
      return "must be at most " + MAX_DEPTH + " levels deep, maps and lists counted alike";
    }
    for (Value value : struct.getFieldsMap().values()) {
      String problem = problem(value, depth);
      if (!problem.isEmpty()) {
        return problem;
      }
    }
    return "";
  }

  private static String problem(ListValue list, int depth) {
    if (depth > MAX_DEPTH) {
      return "must be at most " + MAX_DEPTH + " levels deep, maps and lists counted alike";
    }
    for (Value value : list.getValuesList()) {
      String problem = problem(value, depth);
      if (!problem.isEmpty()) {
        return problem;
      }
    }
    return "";
  }

  private static String problem(Value value, int depth) {
    return switch (value.getKindCase()) {
      case NUMBER_VALUE ->
          Double.isFinite(value.getNumberValue())
              ? ""
              : "must have finite numbers: JSON has neither NaN nor infinity";
      case STRUCT_VALUE -> problem(value.getStructValue(), depth + 1);
      case LIST_VALUE -> problem(value.getListValue(), depth + 1);
      case KIND_NOT_SET -> "must not have a value without a kind: use null_value for null";
      case NULL_VALUE ->
          value.getNullValueValue() == 0 ? "" : "must not have a null_value other than 0";
      case BOOL_VALUE, STRING_VALUE -> "";
    };
  }
}
