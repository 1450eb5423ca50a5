package dev.milepost.server.http.transcode;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Sets fields of a request from the parameters of its URL: {@code page_size=10}, {@code
 * filter.states=RUNNING}, {@code minTime=2026-01-01T00:00:00Z}. A name is that of the contract or
 * its JSON form; a dot leads into a message; a repeated field takes each value that is given.
 */
final class Parameters {
  /** Messages that JSON writes as a string, a number or a boolean. */
  private static final Set<String> SCALAR_MESSAGES =
      Set.of(
          "google.protobuf.Timestamp",
          "google.protobuf.Duration",
          "google.protobuf.FieldMask",
          "google.protobuf.DoubleValue",
          "google.protobuf.FloatValue",
          "google.protobuf.Int64Value",
          "google.protobuf.UInt64Value",
          "google.protobuf.Int32Value",
          "google.protobuf.UInt32Value",
          "google.protobuf.BoolValue",
          "google.protobuf.StringValue",
          "google.protobuf.BytesValue");

  private final Json json;

  Parameters(Json json) {
    this.json = json;
  }

  /**
   * Sets a field.
   *
   * @param name of the parameter
   * @param values at least one
   * @throws ApiException if there is no such field, or a value is not one of it
   */
  void set(Message.Builder request, String name, List<String> values) {
    List<FieldDescriptor> path = resolve(request.getDescriptorForType(), name);
    FieldDescriptor field = path.get(path.size() - 1);
    if (!field.isRepeated() && values.size() > 1) {
      throw ApiException.invalid(name, "The parameter " + name + " must be given once.");
    }
    String quoted = values.stream().map(Json::quote).collect(Collectors.joining(","));
    StringBuilder text = new StringBuilder(field.isRepeated() ? "[" + quoted + "]" : quoted);
    for (int i = path.size() - 1; i >= 0; i--) {
      text.insert(0, "{\"" + path.get(i).getName() + "\":").append('}');
    }
    // Read on its own and merged, since JSON may set each field once.
    Message.Builder one = request.getDefaultInstanceForType().newBuilderForType();
    try {
      json.read(text.toString(), one);
    } catch (InvalidProtocolBufferException e) {
      throw ApiException.invalid(name, "The parameter " + name + " is invalid: " + e.getMessage());
    }
    request.mergeFrom(one.build());
  }

  private static List<FieldDescriptor> resolve(Descriptor request, String name) {
    List<FieldDescriptor> path = new ArrayList<>();
    Descriptor type = request;
    for (String part : name.split("\\.", -1)) {
      FieldDescriptor field = type == null ? null : find(type, part);
      if (field == null) {
        throw ApiException.invalid(
            name,
            "The parameter %s is unknown. %s has the fields: %s."
                .formatted(name, request.getName(), names(request)));
      }
      path.add(field);
      type = inner(field);
    }
    FieldDescriptor last = path.get(path.size() - 1);
    if (!isParameter(last)) {
      throw ApiException.invalid(
          name,
          "The field %s is an object, and cannot be a parameter. Set its fields, or use the POST form of this method if there is one."
              .formatted(name));
    }
    return path;
  }

  private static @Nullable Descriptor inner(FieldDescriptor field) {
    return leadsInto(field) ? field.getMessageType() : null;
  }

  /** Returns whether the fields of a field are parameters. */
  static boolean leadsInto(FieldDescriptor field) {
    return isMessage(field)
        && !field.isRepeated()
        && !isScalar(field)
        && !field.getMessageType().getFields().isEmpty()
        && !field.getMessageType().getFullName().startsWith("google.protobuf.");
  }

  /** Returns whether a parameter can hold a field. */
  static boolean isParameter(FieldDescriptor field) {
    return !field.isMapField() && (!isMessage(field) || isScalar(field));
  }

  private static boolean isMessage(FieldDescriptor field) {
    return field.getJavaType() == FieldDescriptor.JavaType.MESSAGE;
  }

  private static boolean isScalar(FieldDescriptor field) {
    return SCALAR_MESSAGES.contains(field.getMessageType().getFullName());
  }

  /** Returns a field by its name in the contract or in JSON. */
  static @Nullable FieldDescriptor find(Descriptor type, String name) {
    FieldDescriptor known = type.findFieldByName(name);
    if (known != null) {
      return known;
    }
    return type.getFields().stream()
        .filter(field -> field.getJsonName().equals(name))
        .findFirst()
        .orElse(null);
  }

  private static String names(Descriptor type) {
    return type.getFields().stream()
        .map(FieldDescriptor::getName)
        .collect(Collectors.joining(", "));
  }
}
