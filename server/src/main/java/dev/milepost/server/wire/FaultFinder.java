package dev.milepost.server.wire;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.WireFormat;
import dev.milepost.server.job.CallerException;
import dev.milepost.server.job.FieldViolation;
import dev.milepost.server.job.Refusal;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds the field in which bytes are not a message of their type. The parser only says that they
 * are not, so this reads them again. Slow, and only for bytes that the parser has rejected.
 */
final class FaultFinder {
  /** The nesting that every protobuf parser accepts by default. */
  static final int MAX_DEPTH = 100;

  private static final Set<String> FREE_FORM =
      Set.of("google.protobuf.Struct", "google.protobuf.Value", "google.protobuf.ListValue");

  private final CodedInputStream in;

  /** The innermost field that could not be read; empty until then. */
  private String path = "";

  private FaultFinder(CodedInputStream in) {
    this.in = in;
  }

  /** Returns the error for bytes that are not a message of a type. */
  static CallerException explain(Descriptor type, byte[] bytes, int length) {
    CodedInputStream in = CodedInputStream.newInstance(bytes, 0, length);
    // One more than the parser, so that this finds out where the limit is exceeded.
    in.setRecursionLimit(MAX_DEPTH + 1);
    FaultFinder finder = new FaultFinder(in);
    try {
      finder.message(type, null, 0);
      in.checkLastTagWas(0);
    } catch (Fault e) {
      return new Refusal.InvalidArgument(e.field, String.valueOf(e.getMessage()));
    } catch (IOException e) {
      if (!finder.path.isEmpty()) {
        return new RequestException.MalformedRequest(
            new FieldViolation(finder.path, "cannot be decoded: its bytes are damaged"));
      }
    }
    return new RequestException.MalformedRequest(
        "The request cannot be decoded: its bytes are not a " + type.getFullName() + ".");
  }

  private void message(Descriptor type, @Nullable Place outer, int depth)
      throws IOException, Fault {
    Map<Integer, Integer> elements = new HashMap<>();
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      FieldDescriptor field = type.findFieldByNumber(WireFormat.getTagFieldNumber(tag));
      if (field == null) {
        in.skipField(tag);
        continue;
      }
      int index = field.isRepeated() ? elements.merge(field.getNumber(), 1, Integer::sum) - 1 : 0;
      try {
        field(field, tag, outer, index, depth);
      } catch (IOException e) {
        if (path.isEmpty()) {
          path = new Place(outer, field, index).path();
        }
        throw e;
      }
    }
  }

  private void field(FieldDescriptor field, int tag, @Nullable Place outer, int index, int depth)
      throws IOException, Fault {
    if (WireFormat.getTagWireType(tag) != WireFormat.WIRETYPE_LENGTH_DELIMITED) {
      in.skipField(tag);
    } else if (field.getType() == FieldDescriptor.Type.STRING) {
      if (!in.readBytes().isValidUtf8()) {
        throw new Fault(new Place(outer, field, index).path(), "must be valid UTF-8");
      }
    } else if (field.getJavaType() == JavaType.MESSAGE) {
      nested(field.getMessageType(), new Place(outer, field, index), depth + 1);
    } else {
      in.skipField(tag);
    }
  }

  private void nested(Descriptor type, Place at, int depth) throws IOException, Fault {
    if (depth > MAX_DEPTH) {
      throw new Fault(at.path(), "must not be nested more deeply than " + MAX_DEPTH + " messages");
    }
    int outside = in.pushLimit(in.readRawVarint32());
    message(type, at, depth);
    in.checkLastTagWas(0);
    if (in.getBytesUntilLimit() != 0) {
      throw new IOException("unread bytes");
    }
    in.popLimit(outside);
  }

  /** A field within a message. Its path is made only if it is needed: there may be a million. */
  private record Place(@Nullable Place outer, FieldDescriptor field, int index) {
    /** Names of a caller's own, such as keys of maps, are values: a path ends before them. */
    String path() {
      String before = outer == null ? "" : outer.path();
      Descriptor type = field.getContainingType();
      if (type.getOptions().getMapEntry() || FREE_FORM.contains(type.getFullName())) {
        return before;
      }
      String name = before.isEmpty() ? field.getName() : before + "." + field.getName();
      return field.isRepeated() && !field.isMapField() ? name + "[" + index + "]" : name;
    }
  }

  /** A field that can be decoded but is not allowed. Has no stack trace. */
  @SuppressWarnings("serial")
  private static final class Fault extends Exception {
    private final String field;

    Fault(String field, String description) {
      super(description, null, false, false);
      this.field = field;
    }
  }
}
