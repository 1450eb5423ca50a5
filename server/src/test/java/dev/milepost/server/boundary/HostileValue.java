package dev.milepost.server.boundary;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Duration;
import com.google.protobuf.FieldMask;
import com.google.protobuf.Message;
import com.google.protobuf.Struct;
import com.google.protobuf.Timestamp;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.Value;
import dev.milepost.server.job.StructLimits;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A value at or beyond a boundary of its type, as a change of the message that has the field.
 *
 * @param name what it is, for people
 * @param mustRefuse whether no field may accept it
 * @param change sets the value
 */
record HostileValue(String name, boolean mustRefuse, UnaryOperator<Message> change) {
  /** The greatest depth of a value in the contract. */
  static final int MAX_DEPTH = StructLimits.MAX_DEPTH;

  /** More than any list of a request may have. */
  private static final int MANY = 20_001;

  private static final String EMOJI = "\uD83D\uDE80";

  /**
   * Returns the values for a field.
   *
   * @param thorough whether to return all of a kind, and not only those next to a boundary
   */
  static List<HostileValue> of(FieldDescriptor field, boolean thorough) {
    List<HostileValue> values = new ArrayList<>();
    if (field.isMapField()) {
      map(field, values);
    } else if (field.isRepeated()) {
      values.add(repeated(field));
    } else {
      singular(field, thorough, values);
    }
    return values;
  }

  private static void singular(FieldDescriptor field, boolean thorough, List<HostileValue> values) {
    switch (field.getJavaType()) {
      case STRING -> texts(field, thorough, values);
      case INT ->
          List.of(Integer.MIN_VALUE, -1, 0, Integer.MAX_VALUE)
              .forEach(number -> values.add(set(field, String.valueOf(number), number)));
      case LONG ->
          List.of(Long.MIN_VALUE, -1L, 0L, Long.MAX_VALUE)
              .forEach(number -> values.add(set(field, String.valueOf(number), number)));
      case DOUBLE -> doubles(field, values);
      case ENUM -> values.add(unknownEnum(field));
      case MESSAGE -> messages(field, thorough, values);
      default -> {} // A boolean has no boundary.
    }
  }

  private static void texts(FieldDescriptor field, boolean thorough, List<HostileValue> values) {
    for (int control = 0; control <= 0x20; control += thorough ? 1 : 16) {
      values.add(set(field, String.format("U+%04X", control), "a" + (char) control + "b"));
    }
    values.add(set(field, "DEL", "a\u007fb"));
    values.add(set(field, "a line separator", "a\u2028b"));
    values.add(set(field, "a right-to-left override", "a\u202eb"));
    values.add(set(field, "an emoji", EMOJI));
    values.add(set(field, "65 emoji", EMOJI.repeat(65)));
    values.add(set(field, "16,384 emoji", EMOJI.repeat(16_384)));
    values.add(new HostileValue("20,000 characters", false, to(field, "x".repeat(20_000))));
    values.add(
        new HostileValue(
            "invalid UTF-8",
            true,
            message -> raw(message, field, ByteString.copyFrom(new byte[] {'a', (byte) 0xe9}))));
    // A lone surrogate, as JavaScript may encode one.
    values.add(
        new HostileValue(
            "a lone surrogate",
            true,
            message ->
                raw(
                    message,
                    field,
                    ByteString.copyFrom(new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80}))));
  }

  private static void doubles(FieldDescriptor field, List<HostileValue> values) {
    for (double number :
        new double[] {
          Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY,
        }) {
      values.add(new HostileValue(String.valueOf(number), true, to(field, number)));
    }
    for (double number : new double[] {-1, -0.0, Double.MIN_VALUE, 0.5, 1, Double.MAX_VALUE}) {
      values.add(set(field, String.valueOf(number), number));
    }
  }

  private static void messages(FieldDescriptor field, boolean thorough, List<HostileValue> values) {
    switch (field.getMessageType().getFullName()) {
      case "google.protobuf.Struct" -> structs(field, thorough, values);
      case "google.protobuf.Duration" -> {
        values.add(set(field, "-1 s", seconds(-1, 0)));
        values.add(set(field, "0 s", seconds(0, 0)));
        values.add(set(field, "1 s", seconds(1, 0)));
        values.add(set(field, "the longest duration", seconds(Long.MAX_VALUE, 999_999_999)));
        values.add(new HostileValue("negative nanoseconds", true, to(field, seconds(1, -1))));
        values.add(
            new HostileValue("a billion nanoseconds", true, to(field, seconds(1, 1_000_000_000))));
      }
      case "google.protobuf.Timestamp" -> {
        values.add(set(field, "1970", time(0, 0)));
        values.add(set(field, "1969", time(-1, 0)));
        values.add(set(field, "9999", time(253_402_300_799L, 999_999_999)));
        values.add(new HostileValue("10000", true, to(field, time(253_402_300_800L, 0))));
        values.add(new HostileValue("negative nanoseconds", true, to(field, time(1, -1))));
        values.add(
            new HostileValue("a billion nanoseconds", true, to(field, time(1, 1_000_000_000))));
      }
      case "google.protobuf.FieldMask" ->
          values.add(
              new HostileValue(
                  "20,001 paths",
                  true,
                  to(
                      field,
                      FieldMask.newBuilder()
                          .addAllPaths(Collections.nCopies(MANY, "labels"))
                          .build())));
      default -> values.add(unknownField(field));
    }
  }

  private static void structs(FieldDescriptor field, boolean thorough, List<HostileValue> values) {
    for (int depth = 1; depth <= 100; depth++) {
      boolean isNearLimit = Math.abs(depth - MAX_DEPTH) <= 1 || depth == 33 || depth == 100;
      if (thorough || isNearLimit) {
        boolean refuse = depth > MAX_DEPTH;
        values.add(new HostileValue(depth + " maps", refuse, to(field, Structs.maps(depth))));
        values.add(new HostileValue(depth + " lists", refuse, to(field, Structs.lists(depth))));
      }
    }
    for (double number :
        new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
      values.add(
          new HostileValue(
              number + " in a map", true, to(field, Structs.of(Structs.number(number)))));
    }
    values.add(
        new HostileValue(
            "a value without a kind", true, to(field, Structs.of(Value.getDefaultInstance()))));
    for (double number : new double[] {-0.0, Double.MIN_VALUE, Double.MAX_VALUE, 9.007e15}) {
      values.add(set(field, number + " in a map", Structs.of(Structs.number(number))));
    }
    values.add(set(field, "U+0000 in a text", Structs.of(Structs.text("a\0b"))));
    values.add(set(field, "emoji in a text", Structs.of(Structs.text(EMOJI.repeat(100)))));
    values.add(
        set(field, "an empty key", Struct.newBuilder().putFields("", Structs.text("")).build()));
    values.add(
        new HostileValue(
            "300 KB", true, to(field, Structs.of(Structs.text("x".repeat(300 * 1024))))));
    values.add(unknownField(field));
  }

  private static void map(FieldDescriptor field, List<HostileValue> values) {
    FieldDescriptor key = field.getMessageType().findFieldByNumber(1);
    FieldDescriptor value = field.getMessageType().findFieldByNumber(2);
    for (String text : List.of("", "a\0b", "a\nb", EMOJI.repeat(63), "x".repeat(20_000))) {
      String name = "a key of " + text.length() + " characters";
      values.add(
          new HostileValue(name, false, message -> entry(message, field, key, text, value, null)));
    }
    if (value.getJavaType() == FieldDescriptor.JavaType.STRING) {
      for (String text : List.of("", "a\0b", "a\nb", EMOJI.repeat(256), "x".repeat(20_000))) {
        String name = "a value of " + text.length() + " characters";
        values.add(
            new HostileValue(name, false, message -> entry(message, field, key, "k", value, text)));
      }
    } else {
      for (long number : List.of(Long.MIN_VALUE, -1L, Long.MAX_VALUE)) {
        values.add(
            new HostileValue(
                "the value " + number,
                false,
                message -> entry(message, field, key, "k", value, number)));
      }
    }
    values.add(
        new HostileValue(
            "20,001 entries",
            true,
            message -> {
              Message.Builder builder = message.toBuilder();
              for (int i = 0; i < MANY; i++) {
                builder.addRepeatedField(
                    field, builder.newBuilderForField(field).setField(key, "k" + i).build());
              }
              return builder.build();
            }));
  }

  private static Message entry(
      Message message,
      FieldDescriptor field,
      FieldDescriptor keyField,
      String key,
      FieldDescriptor valueField,
      @Nullable Object value) {
    Message.Builder builder = message.toBuilder();
    Message.Builder entry = builder.newBuilderForField(field).setField(keyField, key);
    if (value != null) {
      entry.setField(valueField, value);
    }
    return builder.addRepeatedField(field, entry.build()).build();
  }

  private static HostileValue repeated(FieldDescriptor field) {
    return new HostileValue(
        "20,001 elements",
        true,
        message -> {
          Message.Builder builder = message.toBuilder();
          Object element =
              message.getRepeatedFieldCount(field) > 0
                  ? message.getRepeatedField(field, 0)
                  : first(builder, field);
          for (int i = 0; i < MANY; i++) {
            builder.addRepeatedField(field, element);
          }
          return builder.build();
        });
  }

  private static Object first(Message.Builder builder, FieldDescriptor field) {
    return switch (field.getJavaType()) {
      case STRING -> "a";
      case ENUM -> field.getEnumType().findValueByNumber(1);
      case MESSAGE -> builder.newBuilderForField(field).build();
      default -> throw new IllegalStateException("No list of " + field.getJavaType() + " yet");
    };
  }

  private static HostileValue unknownEnum(FieldDescriptor field) {
    return new HostileValue(
        "an unknown enum value",
        false,
        message -> raw(message, field, UnknownFieldSet.Field.newBuilder().addVarint(99).build()));
  }

  /** A field that no version of the contract has: it must vanish. */
  private static HostileValue unknownField(FieldDescriptor field) {
    return new HostileValue(
        "an unknown field",
        false,
        message -> {
          Message.Builder builder = message.toBuilder();
          Message child = (Message) builder.getField(field);
          return builder
              .setField(
                  field,
                  child.toBuilder()
                      .setUnknownFields(
                          UnknownFieldSet.newBuilder()
                              .addField(
                                  9_999,
                                  UnknownFieldSet.Field.newBuilder()
                                      .addLengthDelimited(ByteString.copyFromUtf8("secret"))
                                      .build())
                              .build())
                      .build())
              .build();
        });
  }

  private static HostileValue set(FieldDescriptor field, String name, Object value) {
    return new HostileValue(name, false, to(field, value));
  }

  private static UnaryOperator<Message> to(FieldDescriptor field, Object value) {
    return message -> message.toBuilder().setField(field, value).build();
  }

  /** Sets a field to bytes that no builder would make. */
  private static Message raw(Message message, FieldDescriptor field, ByteString value) {
    return raw(
        message, field, UnknownFieldSet.Field.newBuilder().addLengthDelimited(value).build());
  }

  private static Message raw(Message message, FieldDescriptor field, UnknownFieldSet.Field value) {
    return message.toBuilder()
        .clearField(field)
        .setUnknownFields(UnknownFieldSet.newBuilder().addField(field.getNumber(), value).build())
        .build();
  }

  private static Duration seconds(long seconds, int nanos) {
    return Duration.newBuilder().setSeconds(seconds).setNanos(nanos).build();
  }

  private static Timestamp time(long seconds, int nanos) {
    return Timestamp.newBuilder().setSeconds(seconds).setNanos(nanos).build();
  }
}
