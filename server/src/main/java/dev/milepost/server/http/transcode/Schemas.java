package dev.milepost.server.http.transcode;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.Values;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Messages and enums as schemas of OpenAPI 3.1: what they are in the JSON of proto3. */
final class Schemas {
  private static final String REFERENCE = "#/components/schemas/";

  /** Messages that have a JSON form of their own. */
  private static final Map<String, Value> WELL_KNOWN =
      Map.ofEntries(
          Map.entry("google.protobuf.Timestamp", string("date-time")),
          Map.entry("google.protobuf.Duration", string("duration-seconds")),
          Map.entry("google.protobuf.FieldMask", string("field-mask")),
          Map.entry("google.protobuf.Struct", type("object")),
          Map.entry("google.protobuf.Value", object()),
          Map.entry("google.protobuf.ListValue", type("array")),
          Map.entry("google.protobuf.Empty", type("object")),
          Map.entry("google.protobuf.Any", any()),
          Map.entry("google.protobuf.BoolValue", type("boolean")),
          Map.entry("google.protobuf.StringValue", type("string")),
          Map.entry("google.protobuf.Int32Value", type("integer")),
          Map.entry("google.protobuf.Int64Value", string("int64")),
          Map.entry("google.protobuf.DoubleValue", type("number")));

  private final Comments comments;

  /** By name. */
  private final Map<String, Value> named = new TreeMap<>();

  Schemas(Comments comments) {
    this.comments = comments;
  }

  /** Returns all schemas that were referred to. */
  Value all() {
    Struct.Builder all = Struct.newBuilder();
    named.forEach(all::putFields);
    return Value.newBuilder().setStructValue(all).build();
  }

  /** Returns the schema of a message, which others refer to. */
  Value of(Descriptor message) {
    Value known = WELL_KNOWN.get(message.getFullName());
    if (known != null) {
      return known;
    }
    if (!named.containsKey(message.getFullName())) {
      // First, since a message may contain itself.
      named.put(message.getFullName(), object());
      Struct.Builder fields = Struct.newBuilder();
      for (FieldDescriptor field : message.getFields()) {
        fields.putFields(field.getJsonName(), of(field));
      }
      named.put(
          message.getFullName(),
          object(
              "type", Values.of("object"),
              "description", Values.of(comments.of(message)),
              "properties", Value.newBuilder().setStructValue(fields).build()));
    }
    return reference(message.getFullName());
  }

  /** Returns the schema of a field. */
  Value withoutComment(FieldDescriptor field) {
    if (field.isMapField()) {
      FieldDescriptor value = field.getMessageType().findFieldByName("value");
      return object("type", Values.of("object"), "additionalProperties", single(value));
    }
    return field.isRepeated()
        ? object("type", Values.of("array"), "items", single(field))
        : single(field);
  }

  /** Returns the schema of a field, with its comment. */
  Value of(FieldDescriptor field) {
    Value type = withoutComment(field);
    String comment = comments.of(field);
    if (comment.isEmpty()) {
      return type;
    }
    return type.toBuilder()
        .setStructValue(
            type.getStructValue().toBuilder().putFields("description", Values.of(comment)))
        .build();
  }

  private Value single(FieldDescriptor field) {
    return switch (field.getType()) {
      case BOOL -> type("boolean");
      case INT32, SINT32, SFIXED32, UINT32, FIXED32 -> type("integer");
      case INT64, SINT64, SFIXED64, UINT64, FIXED64 -> string("int64");
      case FLOAT, DOUBLE -> type("number");
      case STRING -> type("string");
      case BYTES -> string("byte");
      case ENUM -> of(field.getEnumType());
      case MESSAGE, GROUP -> of(field.getMessageType());
    };
  }

  private Value of(EnumDescriptor type) {
    List<Value> names =
        type.getValues().stream().map(EnumValueDescriptor::getName).map(Values::of).toList();
    named.putIfAbsent(
        type.getFullName(),
        object(
            "type", Values.of("string"),
            "description", Values.of(comments.of(type)),
            "enum", Values.of(names)));
    return reference(type.getFullName());
  }

  private static Value reference(String name) {
    return object("$ref", Values.of(REFERENCE + name));
  }

  static Value type(String name) {
    return object("type", Values.of(name));
  }

  private static Value string(String format) {
    return object("type", Values.of("string"), "format", Values.of(format));
  }

  private static Value any() {
    return object("type", Values.of("object"), "properties", object("@type", type("string")));
  }

  /** Returns an object with members, given as names and values in turn. */
  static Value object(Object... members) {
    Struct.Builder object = Struct.newBuilder();
    for (int i = 0; i < members.length; i += 2) {
      Value value = (Value) members[i + 1];
      boolean isEmptyText = value.hasStringValue() && value.getStringValue().isEmpty();
      if (!isEmptyText) {
        object.putFields((String) members[i], value);
      }
    }
    return Value.newBuilder().setStructValue(object).build();
  }
}
