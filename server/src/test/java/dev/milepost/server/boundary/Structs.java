package dev.milepost.server.boundary;

import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;

/** Structs of any depth and with any value. */
final class Structs {
  private Structs() {}

  static Struct of(Value value) {
    return Struct.newBuilder().putFields("k", value).build();
  }

  static Value number(double number) {
    return Value.newBuilder().setNumberValue(number).build();
  }

  static Value text(String text) {
    return Value.newBuilder().setStringValue(text).build();
  }

  /** Returns maps in one another: depth 1 is a map of texts. */
  static Struct maps(int depth) {
    Struct inner = of(text("v"));
    for (int i = 1; i < depth; i++) {
      inner = of(Value.newBuilder().setStructValue(inner).build());
    }
    return inner;
  }

  /** Returns a map with lists in one another: depth 1 is a map of texts. */
  static Struct lists(int depth) {
    Value inner = text("v");
    for (int i = 1; i < depth; i++) {
      inner = Value.newBuilder().setListValue(ListValue.newBuilder().addValues(inner)).build();
    }
    return of(inner);
  }
}
