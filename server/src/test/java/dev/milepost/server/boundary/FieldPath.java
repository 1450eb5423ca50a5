package dev.milepost.server.boundary;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * A field of a request: the messages that lead to it, and the field itself. In a repeated message
 * it is the field of the first element.
 */
record FieldPath(List<FieldDescriptor> parents, FieldDescriptor field) {
  /** Messages that callers see as one value. */
  private static final Set<String> VALUES =
      Set.of(
          "google.protobuf.Struct",
          "google.protobuf.Duration",
          "google.protobuf.Timestamp",
          "google.protobuf.FieldMask");

  /** Returns every field of a message, and of the messages in it. */
  static List<FieldPath> of(Descriptor message) {
    List<FieldPath> all = new ArrayList<>();
    collect(message, List.of(), all);
    return all;
  }

  private static void collect(
      Descriptor message, List<FieldDescriptor> parents, List<FieldPath> to) {
    for (FieldDescriptor field : message.getFields()) {
      to.add(new FieldPath(parents, field));
      if (hasFields(field) && !parents.contains(field)) {
        List<FieldDescriptor> deeper = new ArrayList<>(parents);
        deeper.add(field);
        collect(field.getMessageType(), deeper, to);
      }
    }
  }

  private static boolean hasFields(FieldDescriptor field) {
    return field.getJavaType() == JavaType.MESSAGE
        && !field.isMapField()
        && !VALUES.contains(field.getMessageType().getFullName());
  }

  /** Whether a message has all parents of this field, so that the field counts. */
  boolean isIn(Message message) {
    Message parent = message;
    for (FieldDescriptor step : parents) {
      boolean isSet =
          step.isRepeated() ? parent.getRepeatedFieldCount(step) > 0 : parent.hasField(step);
      if (!isSet) {
        return false;
      }
      parent = child(parent, step);
    }
    // Another field of a oneof would replace the one that makes the request valid.
    return field.getRealContainingOneof() == null || parent.hasField(field);
  }

  /** Returns a message with the direct parent of this field changed. */
  Message change(Message message, UnaryOperator<Message> change) {
    return change(message, 0, change);
  }

  private Message change(Message parent, int depth, UnaryOperator<Message> change) {
    if (depth == parents.size()) {
      return change.apply(parent);
    }
    FieldDescriptor step = parents.get(depth);
    Message changed = change(child(parent, step), depth + 1, change);
    Message.Builder builder = parent.toBuilder();
    return (step.isRepeated()
            ? builder.setRepeatedField(step, 0, changed)
            : builder.setField(step, changed))
        .build();
  }

  /** Returns the value of this field. */
  Object value(Message message) {
    Message parent = message;
    for (FieldDescriptor step : parents) {
      parent = child(parent, step);
    }
    return parent.getField(field);
  }

  private static Message child(Message parent, FieldDescriptor step) {
    return (Message) (step.isRepeated() ? parent.getRepeatedField(step, 0) : parent.getField(step));
  }

  /** Returns the path as a violation names it, without the positions in lists. */
  @Override
  public String toString() {
    String leading =
        parents.stream().map(step -> step.getName() + '.').collect(Collectors.joining());
    return leading + field.getName();
  }
}
