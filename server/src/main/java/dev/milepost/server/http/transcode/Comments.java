package dev.milepost.server.http.transcode;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.DescriptorProtos.SourceCodeInfo.Location;
import com.google.protobuf.Descriptors.GenericDescriptor;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The comments of the contract, by the full names of what they are about. Generated code has none:
 * they come from the descriptors that ship with it.
 */
final class Comments {
  private static final Logger LOG = LoggerFactory.getLogger(Comments.class);
  private static final String DESCRIPTORS = "/milepost/descriptors.binpb";

  private final Map<String, String> byName = new HashMap<>();

  private Comments() {}

  /** Reads the comments; there are none if the descriptors are missing. */
  static Comments read() {
    Comments comments = new Comments();
    try (InputStream file = Comments.class.getResourceAsStream(DESCRIPTORS)) {
      if (file != null) {
        FileDescriptorSet.parseFrom(file).getFileList().forEach(comments::add);
      }
    } catch (IOException e) {
      LOG.warn("The comments of the contract cannot be read.", e);
    }
    return comments;
  }

  /** Returns the comment on an element, in one line a paragraph; empty if it has none. */
  String of(GenericDescriptor element) {
    return byName.getOrDefault(element.getFullName(), "");
  }

  private void add(FileDescriptorProto file) {
    for (Location location : file.getSourceCodeInfo().getLocationList()) {
      String comment = location.getLeadingComments();
      String name = comment.isBlank() ? "" : nameAt(file, location.getPathList());
      if (!name.isEmpty()) {
        byName.put(file.getPackage() + "." + name, text(comment));
      }
    }
  }

  private static String text(String comment) {
    return comment.lines().map(String::strip).collect(Collectors.joining("\n")).strip();
  }

  /** Follows a path of field numbers and indexes: see {@link Location}. Empty: something else. */
  private static String nameAt(FileDescriptorProto file, List<Integer> path) {
    if (path.size() < 2) {
      return "";
    }
    int index = path.get(1);
    List<Integer> inner = path.subList(2, path.size());
    return switch (path.get(0)) {
      case FileDescriptorProto.MESSAGE_TYPE_FIELD_NUMBER ->
          nameAt(file.getMessageType(index), inner);
      case FileDescriptorProto.ENUM_TYPE_FIELD_NUMBER ->
          inner.isEmpty() ? file.getEnumType(index).getName() : "";
      case FileDescriptorProto.SERVICE_FIELD_NUMBER -> {
        var service = file.getService(index);
        yield inner.isEmpty()
            ? service.getName()
            : inner.size() == 2
                ? service.getName() + "." + service.getMethod(inner.get(1)).getName()
                : "";
      }
      default -> "";
    };
  }

  private static String nameAt(DescriptorProto message, List<Integer> path) {
    if (path.isEmpty()) {
      return message.getName();
    }
    if (path.size() < 2) {
      return "";
    }
    int index = path.get(1);
    List<Integer> inner = path.subList(2, path.size());
    String name =
        switch (path.get(0)) {
          case DescriptorProto.FIELD_FIELD_NUMBER ->
              inner.isEmpty() ? message.getField(index).getName() : "";
          case DescriptorProto.NESTED_TYPE_FIELD_NUMBER ->
              nameAt(message.getNestedType(index), inner);
          case DescriptorProto.ENUM_TYPE_FIELD_NUMBER ->
              inner.isEmpty() ? message.getEnumType(index).getName() : "";
          default -> "";
        };
    return name.isEmpty() ? "" : message.getName() + "." + name;
  }
}
