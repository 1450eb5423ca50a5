package dev.milepost.testing;

import com.google.protobuf.Struct;
import com.google.protobuf.Timestamp;
import dev.milepost.client.JobSpec;
import java.time.Instant;
import java.util.Map;

/** Values of Java and of the contract. */
final class Protos {
  private Protos() {}

  static Instant instant(Timestamp time) {
    return Instant.ofEpochSecond(time.getSeconds(), time.getNanos());
  }

  /**
   * Encodes values as the client does.
   *
   * @throws IllegalArgumentException if one cannot be encoded
   */
  static Struct struct(Map<String, ?> values) {
    return JobSpec.of("any").params(values).toProto().getParams();
  }

  /** Returns the name of a value of the contract without the prefix that its enum requires. */
  static String shortName(Enum<?> value, String prefix) {
    return value.name().startsWith(prefix) ? value.name().substring(prefix.length()) : value.name();
  }
}
