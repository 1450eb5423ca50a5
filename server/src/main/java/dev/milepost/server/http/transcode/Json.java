package dev.milepost.server.http.transcode;

import com.google.protobuf.Any;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import com.google.rpc.Code;
import com.google.rpc.ErrorDetailsProto;
import com.google.rpc.Status;
import dev.milepost.v1.WatchJobsResponse;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Messages as JSON, by the rules of proto3. Thread-safe. */
final class Json {
  /** The media type of all responses but streams. */
  static final String CONTENT_TYPE = "application/json";

  private static final Logger LOG = LoggerFactory.getLogger(Json.class);

  private final JsonFormat.Printer printer;
  private final JsonFormat.Parser parser;
  private final SharedJobs jobs = new SharedJobs(this::printEach);

  /** Knows the messages of these routes, also where they are packed in an Any. */
  Json(Collection<Route> routes) {
    JsonFormat.TypeRegistry.Builder types = JsonFormat.TypeRegistry.newBuilder();
    Set<FileDescriptor> files = new HashSet<>();
    routes.forEach(route -> collect(route.rpc().schema().getFile(), files));
    collect(ErrorDetailsProto.getDescriptor(), files);
    for (FileDescriptor file : files) {
      for (Descriptor type : file.getMessageTypes()) {
        types.add(type);
      }
    }
    JsonFormat.TypeRegistry registry = types.build();
    this.printer =
        JsonFormat.printer().usingTypeRegistry(registry).omittingInsignificantWhitespace();
    this.parser = JsonFormat.parser().usingTypeRegistry(registry);
  }

  private static void collect(FileDescriptor file, Set<FileDescriptor> files) {
    if (files.add(file)) {
      file.getDependencies().forEach(imported -> collect(imported, files));
    }
  }

  /** Returns a message as one line of JSON without a line break. */
  String print(Message message) {
    return message instanceof WatchJobsResponse change && change.hasJob()
        ? printChange(change)
        : printEach(message);
  }

  /** Many watches send the same job, each with its own position. */
  private String printChange(WatchJobsResponse change) {
    String rest = printEach(change.toBuilder().clearJob().build());
    String separator = rest.equals("{}") ? "" : ",";
    return "{\"job\":" + jobs.print(change.getJob()) + separator + rest.substring(1);
  }

  private String printEach(Message message) {
    try {
      return printer.print(message);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("A message has an Any of an unknown type.", e);
    }
  }

  /**
   * Reads a message into a builder.
   *
   * @throws InvalidProtocolBufferException if it is malformed, or has an unknown field
   */
  void read(String json, Message.Builder into) throws InvalidProtocolBufferException {
    parser.merge(json, into);
  }

  /** Returns a text as a JSON string. */
  static String quote(String text) {
    try {
      return JsonFormat.printer().print(Value.newBuilder().setStringValue(text));
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError("A text can always be printed.", e);
    }
  }

  /**
   * Returns an error as AIP-193 has it: {@code {"error": {"code", "status", "message",
   * "details"}}}.
   */
  String printError(int httpStatus, Status status) {
    Code code = Code.forNumber(status.getCode());
    StringBuilder out = new StringBuilder("{\"error\":{\"code\":").append(httpStatus);
    out.append(",\"status\":").append(quote(code == null ? Code.UNKNOWN.name() : code.name()));
    out.append(",\"message\":").append(quote(status.getMessage())).append(",\"details\":[");
    String separator = "";
    for (Any detail : status.getDetailsList()) {
      try {
        String printed = printer.print(detail);
        out.append(separator).append(printed);
        separator = ",";
      } catch (InvalidProtocolBufferException e) {
        LOG.warn("An error has a detail of the unknown type {}.", detail.getTypeUrl());
      }
    }
    return out.append("]}}").toString();
  }
}
